//! A Markdown document as its sections, the text of its paragraphs, and its links, each with its line.

use std::{cell::RefCell, collections::BTreeSet};

use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};

#[derive(Debug, Default)]
pub struct Document {
    pub sections: Vec<Section>,
    pub blocks: Vec<Block>,
    pub links: Vec<Link>,
    /// What `#name` can lead to.
    pub anchors: BTreeSet<String>,
}

/// A heading and what stands below it, as far as the next heading of its level.
#[derive(Debug)]
pub struct Section {
    pub heading: String,
    level: u8,
    pub line: u32,
    /// Its blocks, the heading left out.
    blocks: std::ops::Range<usize>,
}

/// A paragraph, a table's cell, a piece of code.
#[derive(Debug)]
pub struct Block {
    pub sort: Sort,
    /// Line ends are kept.
    pub text: String,
    pub line: u32,
    /// The text of the table column's head.
    pub column: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sort {
    Prose,
    Heading,
    Cell,
    Code,
    /// Markup that shows nothing, or a placeholder in angle brackets.
    Html,
}

#[derive(Debug)]
pub struct Link {
    pub url: String,
    pub line: u32,
}

impl Block {
    pub fn words(&self) -> usize {
        match self.sort {
            Sort::Prose | Sort::Cell => {
                self.text.split_whitespace().filter(|word| word.contains(char::is_alphanumeric)).count()
            }
            Sort::Heading | Sort::Code | Sort::Html => 0,
        }
    }

    /// The line in which the byte `at` of the text stands.
    pub fn line_at(&self, at: usize) -> u32 {
        self.line + u32::try_from(self.text[..at].matches('\n').count()).unwrap_or_default()
    }

    /// The text in one line: where a line ends is no matter of what it says.
    pub fn flat(&self) -> String {
        self.text.replace('\n', " ")
    }
}

impl Document {
    pub fn read(text: &str) -> Self {
        let mut options = Options::default();
        options.extension.table = true;
        options.extension.tasklist = true;
        options.extension.front_matter_delimiter = Some("---".to_owned());
        let arena = Arena::new();
        let mut document = Self::default();
        // Not by recursion: quotes lie in quotes as deep as a line is long.
        let mut coming = vec![parse_document(&arena, text, &options)];
        while let Some(node) = coming.pop() {
            if document.holds_blocks(node) {
                coming.extend(node.reverse_children());
            }
        }
        document.close(0);
        document
    }

    pub fn blocks_of(&self, section: &Section) -> &[Block] {
        &self.blocks[section.blocks.clone()]
    }

    /// Ends every open section of this level or a deeper one.
    fn close(&mut self, level: u8) {
        let end = self.blocks.len();
        for section in &mut self.sections {
            if section.level >= level && section.blocks.end == usize::MAX {
                section.blocks.end = end;
            }
        }
    }

    /// Takes a node for what it is, or says that what it says is in its children.
    fn holds_blocks<'a>(&mut self, node: &'a AstNode<'a>) -> bool {
        let ast = node.data.borrow();
        let line = u32::try_from(ast.sourcepos.start.line).unwrap_or(u32::MAX);
        match &ast.value {
            NodeValue::Heading(heading) => {
                let text = self.inline(node);
                self.anchor(&text);
                if node.parent().is_some_and(|parent| matches!(parent.data.borrow().value, NodeValue::Document)) {
                    self.close(heading.level);
                    let blocks = self.blocks.len() + 1..usize::MAX;
                    self.sections.push(Section { heading: text.clone(), level: heading.level, line, blocks });
                }
                self.blocks.push(Block { sort: Sort::Heading, text, line, column: None });
            }
            NodeValue::Paragraph => {
                let text = self.inline(node);
                self.blocks.push(Block { sort: Sort::Prose, text, line, column: None });
            }
            NodeValue::CodeBlock(code) => {
                // The first line is the fence.
                let line = line + u32::from(code.fenced);
                self.blocks.push(Block { sort: Sort::Code, text: code.literal.clone(), line, column: None });
            }
            NodeValue::HtmlBlock(html) => {
                self.marks(&html.literal);
                if !html.literal.trim_start().starts_with("<!--") {
                    self.blocks.push(Block { sort: Sort::Html, text: html.literal.clone(), line, column: None });
                }
            }
            NodeValue::Table(_) => self.table(node),
            _ => return true,
        }
        false
    }

    fn table<'a>(&mut self, table: &'a AstNode<'a>) {
        let mut heads: Vec<String> = Vec::new();
        for (index, row) in table.children().enumerate() {
            let line = u32::try_from(row.data.borrow().sourcepos.start.line).unwrap_or(u32::MAX);
            for (at, cell) in row.children().enumerate() {
                let text = self.inline(cell);
                if index == 0 {
                    heads.push(text.clone());
                }
                let column = (index > 0).then(|| heads.get(at).cloned()).flatten();
                self.blocks.push(Block { sort: Sort::Cell, text, line, column });
            }
        }
    }

    /// What a block says; its links are noted.
    fn inline<'a>(&mut self, block: &'a AstNode<'a>) -> String {
        let text = RefCell::new(String::new());
        for node in block.descendants() {
            let ast = node.data.borrow();
            let mut text = text.borrow_mut();
            match &ast.value {
                NodeValue::Text(words) => text.push_str(words),
                NodeValue::Code(code) => text.push_str(&code.literal),
                NodeValue::SoftBreak | NodeValue::LineBreak => text.push('\n'),
                NodeValue::HtmlInline(html) => {
                    self.marks(html);
                    if !html.starts_with("<!--") {
                        let line = u32::try_from(ast.sourcepos.start.line).unwrap_or(u32::MAX);
                        self.blocks.push(Block { sort: Sort::Html, text: html.clone(), line, column: None });
                    }
                }
                NodeValue::Link(link) | NodeValue::Image(link) => {
                    let line = u32::try_from(ast.sourcepos.start.line).unwrap_or(u32::MAX);
                    self.links.push(Link { url: link.url.clone(), line });
                }
                _ => {}
            }
        }
        text.into_inner()
    }

    /// Notes the name that browsers and forges give a heading.
    fn anchor(&mut self, heading: &str) {
        let kept = |c: &char| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_');
        let name: String =
            heading.to_lowercase().chars().filter(kept).map(|c| if c == ' ' { '-' } else { c }).collect();
        let again = (1..).map(|number| format!("{name}-{number}"));
        let free = std::iter::once(name.clone()).chain(again).find(|name| !self.anchors.contains(name));
        self.anchors.extend(free);
    }

    /// Notes the names that markup sets: `<a id="here">`.
    fn marks(&mut self, html: &str) {
        for start in ["id=\"", "name=\""] {
            let names = html.split(start).skip(1).filter_map(|rest| rest.split('"').next());
            self.anchors.extend(names.map(str::to_owned));
        }
    }
}
