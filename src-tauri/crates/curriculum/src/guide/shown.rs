//! A page of a guide as a reader sees it: typed blocks, with what does not apply here left out, links resolved and figures
//! read in.
//!
//! Never holds HTML, and no link or figure that leads out of the lab: a pack is a stranger's.

use std::path::Path;

use base64::{Engine as _, engine::general_purpose::STANDARD};
use comrak::{
    Arena,
    nodes::{AstNode, ListType, NodeValue},
    parse_document,
};
use serde::Serialize;
use specta::Type;

use super::{Anchors, When, box_name, directive, options, place, words};
use crate::{
    Lab, Step,
    lint::decoded,
    path::{leaves, unfit},
};

/// A figure travels with its page, so it has to be small.
pub const MOST_FIGURE_BYTES: u64 = 1_000_000;

/// What lies deeper than this is left out: nobody writes it but to exhaust a stack.
const DEEPEST: usize = 24;

/// What stands below what on a page.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "block", rename_all = "snake_case", rename_all_fields = "camelCase")]
pub enum Block {
    Heading {
        level: u8,
        /// What a [`Target::Step`] names.
        anchor: String,
        text: Vec<Inline>,
    },
    Paragraph {
        text: Vec<Inline>,
    },
    Code {
        language: String,
        code: String,
        /// Whether it is a command of the shell that works in the workspace.
        run: bool,
        /// The file that it is part of.
        file: Option<FilePlace>,
    },
    List {
        /// The first number, of a numbered one.
        first: Option<u32>,
        items: Vec<Item>,
    },
    Quote {
        blocks: Vec<Block>,
    },
    /// A box: `note`, `warning`, or the name of a condition that holds here.
    Note {
        kind: String,
        title: Vec<Inline>,
        blocks: Vec<Block>,
    },
    Table {
        head: Vec<Vec<Inline>>,
        rows: Vec<Vec<Vec<Inline>>>,
    },
    Figure {
        figure: Figure,
    },
    /// A check of the lab, shown in place.
    Check {
        check: String,
    },
    Rule,
}

#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Item {
    /// Of a list of things to tick off.
    pub ticked: Option<bool>,
    pub blocks: Vec<Block>,
}

/// What stands beside what in a line.
#[derive(Debug, Clone, PartialEq, Serialize, Type)]
#[serde(tag = "inline", rename_all = "snake_case")]
pub enum Inline {
    Text { text: String },
    Code { code: String },
    Strong { text: Vec<Inline> },
    Emphasis { text: Vec<Inline> },
    Struck { text: Vec<Inline> },
    Link { to: Target, text: Vec<Inline> },
    Figure { figure: Figure },
    Break,
}

/// Where a link leads.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(tag = "to", rename_all = "snake_case")]
pub enum Target {
    /// A page of this guide, at a heading.
    Step {
        step: String,
        heading: Option<String>,
    },
    File {
        file: FilePlace,
    },
    Check {
        check: String,
    },
    /// A screen of the window: `#/models`.
    Screen {
        hash: String,
    },
    Web {
        url: String,
    },
}

/// A line of a file of the workspace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct FilePlace {
    pub path: String,
    pub line: Option<u32>,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct Figure {
    /// A `data:` URL; `None` where the pack has no such figure.
    pub source: Option<String>,
    /// For those who do not see it.
    pub alt: String,
    pub title: Option<String>,
}

/// The page of one step, on a machine with Docker or without.
pub fn page(lab: &Lab, step: &Step, docker: bool) -> Vec<Block> {
    let arena = Arena::new();
    let lines = step.guide.lines().collect();
    let mut reader = Reader { lab, step, docker, lines, anchors: Anchors::default(), depth: 0 };
    reader.blocks(parse_document(&arena, &step.guide, &options()))
}

/// The media type of a figure's file.
pub fn figure_kind(path: &str) -> Option<&'static str> {
    let (_, extension) = path.rsplit_once('.')?;
    Some(match extension.to_ascii_lowercase().as_str() {
        "svg" => "image/svg+xml",
        "png" => "image/png",
        "jpg" | "jpeg" => "image/jpeg",
        "webp" => "image/webp",
        "gif" => "image/gif",
        _ => return None,
    })
}

struct Reader<'a> {
    lab: &'a Lab,
    step: &'a Step,
    docker: bool,
    lines: Vec<&'a str>,
    /// Of the headings so far, those of boxes that do not apply included: the linter counts them too.
    anchors: Anchors,
    depth: usize,
}

impl Reader<'_> {
    fn blocks<'n>(&mut self, node: &'n AstNode<'n>) -> Vec<Block> {
        if self.depth == DEEPEST {
            return Vec::new();
        }
        self.depth += 1;
        let blocks = node.children().filter_map(|child| self.block(child)).collect();
        self.depth -= 1;
        blocks
    }

    fn block<'n>(&mut self, node: &'n AstNode<'n>) -> Option<Block> {
        Some(match &node.data().value {
            NodeValue::Heading(heading) => {
                let anchor = self.anchors.add(&words(node));
                Block::Heading { level: heading.level, anchor, text: self.line(node) }
            }
            NodeValue::Paragraph => self.paragraph(node)?,
            NodeValue::CodeBlock(block) => {
                let start = place(Path::new(""), &self.lines, node.data().sourcepos.start);
                let info = if block.fenced { block.info.as_str() } else { "" };
                let fence = directive::block(info, &block.literal, &start, Vec::new).unwrap_or_default();
                Block::Code {
                    language: fence.language,
                    code: block.literal.trim_end_matches('\n').to_owned(),
                    run: fence.run.is_some(),
                    file: fence.file.and_then(|file| file_place(&file)),
                }
            }
            NodeValue::List(list) => Block::List {
                first: (list.list_type == ListType::Ordered).then(|| u32::try_from(list.start).unwrap_or(1)),
                items: node.children().map(|item| self.item(item)).collect(),
            },
            NodeValue::BlockQuote => return self.quote(node),
            NodeValue::Table(_) => {
                let mut rows: Vec<_> =
                    node.children().map(|row| row.children().map(|cell| self.line(cell)).collect()).collect();
                let head = if rows.is_empty() { Vec::new() } else { rows.remove(0) };
                Block::Table { head, rows }
            }
            NodeValue::ThematicBreak => Block::Rule,
            _ => return None,
        })
    }

    fn item<'n>(&mut self, node: &'n AstNode<'n>) -> Item {
        let ticked = match &node.data().value {
            NodeValue::TaskItem(task) => Some(task.symbol.is_some()),
            _ => None,
        };
        Item { ticked, blocks: self.blocks(node) }
    }

    /// A figure or a check that stands alone is a block of its own.
    fn paragraph<'n>(&mut self, node: &'n AstNode<'n>) -> Option<Block> {
        let mut text = self.line(node);
        Some(match text.as_mut_slice() {
            [] => return None,
            [Inline::Figure { figure }] => Block::Figure { figure: figure.clone() },
            [Inline::Link { to: Target::Check { check }, .. }] => Block::Check { check: check.clone() },
            _ => Block::Paragraph { text },
        })
    }

    /// A quotation, a box, or nothing where the box does not apply.
    fn quote<'n>(&mut self, node: &'n AstNode<'n>) -> Option<Block> {
        let name = box_name(node, &self.lines).filter(|name| directive::is_box(name));
        let mut blocks = self.blocks(node);
        let Some(kind) = name else { return Some(Block::Quote { blocks }) };
        if When::of(&kind).is_some_and(|when| !when.holds(self.docker)) {
            return None;
        }
        let mut title = Vec::new();
        if let Some(Block::Paragraph { text }) = blocks.first_mut() {
            let end = text.iter().position(|inline| *inline == Inline::Break).unwrap_or(text.len());
            title = text.drain(..end).collect();
            text.drain(..text.len().min(1));
            let nothing_left = text.is_empty();
            if let Some(Inline::Text { text }) = title.first_mut() {
                *text = text.trim_start_matches(&format!("[!{kind}]")).trim_start().to_owned();
            }
            title.retain(|inline| !matches!(inline, Inline::Text { text } if text.is_empty()));
            if nothing_left {
                blocks.remove(0);
            }
        }
        Some(Block::Note { kind, title, blocks })
    }

    /// The inlines of a block. The first line of a box ends in a break, so that its title can be told from its text.
    fn line<'n>(&mut self, node: &'n AstNode<'n>) -> Vec<Inline> {
        let head = node.parent().filter(|around| box_name(around, &self.lines).is_some());
        let titled = head.and_then(|around| around.first_child()).is_some_and(|first| first.same_node(node));
        self.inlines(node, titled, 0)
    }

    fn inlines<'n>(&self, node: &'n AstNode<'n>, mut titled: bool, depth: usize) -> Vec<Inline> {
        let mut line = Vec::new();
        for child in node.children().filter(|_| depth < DEEPEST) {
            let inner = || self.inlines(child, false, depth + 1);
            match &child.data().value {
                NodeValue::Text(text) => push(&mut line, text),
                NodeValue::SoftBreak if std::mem::take(&mut titled) => line.push(Inline::Break),
                NodeValue::SoftBreak => push(&mut line, " "),
                NodeValue::LineBreak => line.push(Inline::Break),
                NodeValue::Code(code) => line.push(Inline::Code { code: code.literal.clone() }),
                NodeValue::Strong => line.push(Inline::Strong { text: inner() }),
                NodeValue::Emph => line.push(Inline::Emphasis { text: inner() }),
                NodeValue::Strikethrough => line.push(Inline::Struck { text: inner() }),
                NodeValue::Image(link) => {
                    line.push(Inline::Figure { figure: self.figure(child, &link.url, &link.title) })
                }
                NodeValue::Link(link) => match self.target(&link.url) {
                    Some(to) => line.push(Inline::Link { to, text: inner() }),
                    None => line.extend(inner()),
                },
                _ => {}
            }
        }
        line
    }

    /// Where a link leads; `None` where it leads nowhere that a guide may lead.
    fn target(&self, url: &str) -> Option<Target> {
        if let Some(id) = url.strip_prefix("check:") {
            let known = self.lab.steps.iter().flat_map(|step| &step.checks).any(|check| check.id == id);
            return known.then(|| Target::Check { check: id.to_owned() });
        }
        if url.starts_with("#/") {
            return Some(Target::Screen { hash: url.to_owned() });
        }
        if url.starts_with("https://") || url.starts_with("http://") {
            return Some(Target::Web { url: url.to_owned() });
        }
        let (path, fragment) = url.split_once('#').unwrap_or((url, ""));
        let page = if path.is_empty() { self.step.page.clone() } else { decoded(path) };
        if let Some(step) = self.lab.steps.iter().find(|step| step.page == page) {
            let heading = Some(fragment.to_owned()).filter(|heading| !heading.is_empty());
            return Some(Target::Step { step: step.id.clone(), heading });
        }
        Some(Target::File { file: file_place(url)? })
    }

    fn figure<'n>(&self, node: &'n AstNode<'n>, url: &str, title: &str) -> Figure {
        let title = Some(title.to_owned()).filter(|title| !title.is_empty());
        Figure { source: self.source(url), alt: words(node), title }
    }

    fn source(&self, url: &str) -> Option<String> {
        let kind = figure_kind(url).filter(|_| unfit(url).is_none() && url.starts_with("assets/"))?;
        let file = self.lab.folder.join(url);
        let fits = file.metadata().is_ok_and(|data| data.is_file() && data.len() <= MOST_FIGURE_BYTES);
        if !fits || leaves(&self.lab.folder.join("assets"), &file) {
            return None;
        }
        Some(format!("data:{kind};base64,{}", STANDARD.encode(std::fs::read(file).ok()?)))
    }
}

/// `ask.py#L12`, if it may be a file of the workspace.
fn file_place(target: &str) -> Option<FilePlace> {
    let (path, fragment) = target.split_once('#').unwrap_or((target, ""));
    let path = decoded(path);
    let line = fragment.strip_prefix('L').and_then(|line| line.parse().ok());
    unfit(&path).is_none().then_some(FilePlace { path, line })
}

/// Adds text to a line, to its last piece where that is text.
fn push(line: &mut Vec<Inline>, more: &str) {
    match line.last_mut() {
        Some(Inline::Text { text }) => text.push_str(more),
        _ => line.push(Inline::Text { text: more.to_owned() }),
    }
}
