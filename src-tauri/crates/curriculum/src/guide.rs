//! A page of a guide as its author wrote it: headings, links, pictures, code blocks and boxes, each with its place. What a
//! reader sees of it is made in `shown`, from the same Markdown.
//!
//! Never draws a page, and decides nothing about it: [`lint`](crate::lint) does.
//!
//! The directives, all of them Markdown that any reader shows well:
//!
//! - a code block whose first line is ```` ```sh run ````, with `exits=N` and `within=SECONDS` if need be: the learner can
//!   run it, and it has to work in the solution. Without `run` a block is there to be read or copied, and above one for a
//!   shell a comment says why no proof runs it: `<!-- not run: it needs an account -->`;
//! - a code block with `file=ask.py#L12` after its language: part of a file of the workspace, titled with it;
//! - a quotation that begins with `[!note]`, `[!warning]`, `[!docker]`, `[!no-docker]`, `[!linux]`, `[!macos]` or
//!   `[!windows]`: a box, and for the last five one that is shown only where it applies. The rest of that line is its title;
//! - `[text](ask.py#L12)`: a file of the workspace, opened at a line;
//! - `[text](check:ID)`: a check of the lab. A paragraph that is nothing else shows the check in place, which is how a quiz
//!   stands in the text;
//! - `![alt](assets/figure.svg "Title")`: a figure from the lab's folder `assets`.

mod directive;
mod shown;
mod style;

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};

use crate::{Place, Problem};

pub use directive::{Run, When};
pub use shown::{Block, Figure, FilePlace, Inline, Item, MOST_FIGURE_BYTES, Target, figure_kind, page};
pub use style::{PageStyle, style};

/// What an author can get wrong on a page, with its places.
#[derive(Debug, Default)]
pub(crate) struct Page {
    pub anchors: Anchors,
    pub links: Vec<(String, Place)>,
    /// Files that code blocks are part of.
    pub files: Vec<(String, Place)>,
    pub images: Vec<Image>,
    /// Blocks that can be run, in order.
    pub runs: Vec<Run>,
    /// Directives that cannot be read.
    pub problems: Vec<Problem>,
}

#[derive(Debug)]
pub(crate) struct Image {
    pub target: String,
    pub alt: String,
    pub place: Place,
}

impl Page {
    /// Reads the Markdown of `file`, a path inside the pack.
    pub fn read(file: &Path, text: &str) -> Self {
        let arena = Arena::new();
        let lines: Vec<&str> = text.lines().collect();
        let mut page = Self::default();
        for node in parse_document(&arena, text, &options()).descendants() {
            page.take(node, file, &lines);
        }
        page
    }

    fn take<'a>(&mut self, node: &'a AstNode<'a>, file: &Path, lines: &[&str]) {
        let data = node.data();
        let place = place(file, lines, data.sourcepos.start);
        match &data.value {
            NodeValue::Heading(_) => drop(self.anchors.add(&words(node))),
            NodeValue::Link(link) => self.links.push((link.url.clone(), place)),
            NodeValue::Image(link) => {
                self.images.push(Image { target: link.url.clone(), alt: words(node), place });
            }
            NodeValue::CodeBlock(block) if block.fenced => {
                match directive::block(&block.info, &block.literal, &place, || conditions(node, lines)) {
                    Ok(fence) => {
                        self.runs.extend(fence.run);
                        self.files.extend(fence.file.map(|file| (file, place)));
                    }
                    Err(problems) => self.problems.extend(problems),
                }
            }
            NodeValue::HtmlBlock(html) => self.problems.extend(directive::html(&html.literal, &place)),
            NodeValue::HtmlInline(html) => self.problems.extend(directive::html(html, &place)),
            NodeValue::BlockQuote => {
                if let Some(name) = box_name(node, lines)
                    && let Err(problem) = directive::known_box(&name, place)
                {
                    self.problems.push(*problem);
                }
            }
            _ => {}
        }
    }
}

fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.strikethrough = true;
    options.extension.autolink = true;
    options.extension.tasklist = true;
    options
}

/// The conditions of the boxes around a block.
fn conditions<'a>(node: &'a AstNode<'a>, lines: &[&str]) -> Vec<When> {
    let names = node.ancestors().filter_map(|around| box_name(around, lines));
    names.filter_map(|name| When::of(&name)).collect()
}

/// The name of a box: what a quotation begins with, in `[!` and `]`.
fn box_name<'a>(node: &'a AstNode<'a>, lines: &[&str]) -> Option<String> {
    if !matches!(node.data().value, NodeValue::BlockQuote) {
        return None;
    }
    let first = node.first_child()?;
    let start = first.data().sourcepos.start;
    let line = lines.get(start.line.checked_sub(1)?)?.get(start.column.checked_sub(1)?..)?;
    let (name, _) = line.strip_prefix("[!")?.split_once(']')?;
    Some(name.to_owned())
}

/// The text of a node without its marks.
fn words<'a>(node: &'a AstNode<'a>) -> String {
    let mut words = String::new();
    for inner in node.descendants() {
        match &inner.data().value {
            NodeValue::Text(text) => words.push_str(text),
            NodeValue::Code(code) => words.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => words.push(' '),
            _ => {}
        }
    }
    words
}

/// Where links may lead on a page: what they write after `#` to reach its headings, such as `what-goes-wrong`.
#[derive(Debug, Default)]
pub(crate) struct Anchors {
    taken: BTreeSet<String>,
    /// The last number that an equal heading got.
    next: BTreeMap<String, usize>,
}

impl Anchors {
    /// That of the next heading: lower case, hyphens for spaces, other marks left out; a number tells equal headings apart.
    pub fn add(&mut self, heading: &str) -> String {
        let kept = heading.trim().to_lowercase();
        let plain: String = kept
            .chars()
            .filter(|c| c.is_alphanumeric() || matches!(c, ' ' | '-' | '_'))
            .map(|c| if c == ' ' { '-' } else { c })
            .collect();
        let mut anchor = plain.clone();
        while !self.taken.insert(anchor.clone()) {
            let number = self.next.entry(plain.clone()).or_default();
            *number += 1;
            anchor = format!("{plain}-{number}");
        }
        anchor
    }

    pub fn contains(&self, anchor: &str) -> bool {
        self.taken.contains(anchor)
    }

    pub fn iter(&self) -> impl Iterator<Item = &str> {
        self.taken.iter().map(String::as_str)
    }
}

/// Comrak counts a line's bytes, a place its characters.
fn place(file: &Path, lines: &[&str], start: comrak::nodes::LineColumn) -> Place {
    let line = lines.get(start.line.saturating_sub(1)).copied().unwrap_or_default();
    let before = line.floor_char_boundary(start.column.saturating_sub(1));
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Place { file: file.to_owned(), line: count(start.line.max(1)), column: count(line[..before].chars().count() + 1) }
}
