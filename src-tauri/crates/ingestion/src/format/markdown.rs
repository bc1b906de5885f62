//! Markdown (CommonMark with GitHub's tables): a block for each heading, paragraph, list, table and piece of code, as its
//! author wrote it, markup and all: a model reads Markdown, and nothing can be lost in translation.

use std::{collections::BTreeMap, sync::Arc};

use comrak::{
    Arena, Options,
    nodes::{AstNode, NodeValue},
    parse_document,
};
use serde_norway::{Mapping, Value};

use super::{Format, Parse, Parsed, block_of, one_line};

pub(super) const FORMAT: Format = Format {
    name: "markdown",
    endings: &["md", "markdown", "mdx", "mkd"],
    about: "A block for each heading, paragraph, list, table and piece of code; front matter is metadata",
    parse: Parse::Text(|text, _| parse(text)),
};

fn parse(text: &str) -> Parsed {
    let mut options = Options::default();
    options.extension.table = true;
    options.extension.front_matter_delimiter = Some("---".to_owned());
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options);
    let lines: Vec<&str> = text.lines().collect();
    let mut parsed = Parsed::default();
    let mut path = Path::default();
    // A block reaches as far as the next begins, so that what leaves no node (a definition of a link) stays in the text.
    let mut nodes = root.children().peekable();
    let mut from = 0;
    while let Some(node) = nodes.next() {
        let to = nodes.peek().map_or(lines.len(), |next| next.data().sourcepos.start.line.saturating_sub(1));
        let to = to.clamp(from, lines.len());
        let block = block_of(&lines, std::mem::replace(&mut from, to), to);
        let heading = match &node.data().value {
            NodeValue::FrontMatter(matter) => {
                parsed.metadata = metadata(matter);
                continue;
            }
            NodeValue::Heading(heading) => {
                path.open(heading.level, words(node));
                if heading.level == 1 && parsed.title.is_none() {
                    parsed.title = path.names().pop().map(|name| name.to_string());
                }
                true
            }
            _ => false,
        };
        let Some(mut block) = block else { continue };
        (block.headings, block.heading) = (path.names(), heading);
        parsed.blocks.push(block);
    }
    if let Some(title) = parsed.metadata.get("title") {
        parsed.title = Some(title.clone());
    }
    parsed
}

/// The headings that are open, each with its level.
#[derive(Debug, Default)]
pub(super) struct Path(Vec<(u8, Arc<str>)>);

impl Path {
    /// A heading ends those of its level and of deeper ones.
    pub(super) fn open(&mut self, level: u8, name: String) {
        self.0.retain(|(open, _)| *open < level);
        self.0.push((level, name.into()));
    }

    pub(super) fn names(&self) -> Vec<Arc<str>> {
        self.0.iter().map(|(_, name)| name.clone()).collect()
    }
}

/// What a heading says, markup left out.
fn words<'a>(node: &'a AstNode<'a>) -> String {
    let mut text = String::new();
    for part in node.descendants() {
        match &part.data().value {
            NodeValue::Text(words) => text.push_str(words),
            NodeValue::Code(code) => text.push_str(&code.literal),
            NodeValue::SoftBreak | NodeValue::LineBreak => text.push(' '),
            _ => {}
        }
    }
    one_line(&text)
}

/// The entries of YAML front matter; one that cannot be read is kept whole under `front matter`.
fn metadata(matter: &str) -> BTreeMap<String, String> {
    let yaml = matter.trim().trim_start_matches("---").trim_end_matches("---");
    match serde_norway::from_str::<Mapping>(yaml) {
        Ok(entries) => entries.iter().filter_map(|(key, value)| Some((plain(key)?, plain(value)?))).collect(),
        Err(_) if yaml.trim().is_empty() => BTreeMap::new(),
        Err(_) => BTreeMap::from([("front matter".to_owned(), yaml.trim().to_owned())]),
    }
}

fn plain(value: &Value) -> Option<String> {
    match value {
        Value::Null => None,
        Value::String(text) => Some(text.clone()),
        Value::Sequence(values) => Some(values.iter().filter_map(plain).collect::<Vec<_>>().join(", ")),
        other => Some(serde_norway::to_string(other).ok()?.trim().to_owned()),
    }
}
