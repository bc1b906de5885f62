//! What a learner tells, as Markdown that stays in its place on the page: below its own heading, closed at its end, without
//! HTML, without images, with links to the web alone. Its words stay as they are.

#[cfg(test)]
mod tests;

use std::mem;

use comrak::{
    Arena, Options,
    arena_tree::NodeEdge,
    format_commonmark,
    nodes::{AstNode, NodeCodeBlock, NodeLink, NodeValue},
    parse_document,
};

/// What nests deeper is shown as it was typed: nobody writes it but to exhaust a stack.
const DEEPEST: usize = 64;

/// What the formatter puts between two lists, which would else be one.
const BETWEEN_LISTS: &str = "<!-- end list -->";

/// The learner's words on the whole, under their heading; empty where there are none.
pub fn introduction(text: &str) -> String {
    under("## Introduction", 2, text)
}

/// The learner's words on one lab, under their heading; empty where there are none.
pub fn reflection(text: &str) -> String {
    under("### In my own words", 3, text)
}

fn under(heading: &str, level: u8, text: &str) -> String {
    if text.trim().is_empty() { String::new() } else { format!("{heading}\n\n{}", below(level, text)) }
}

/// The dialect of the page.
pub(crate) fn options() -> Options<'static> {
    let mut options = Options::default();
    options.extension.autolink = true;
    options.extension.strikethrough = true;
    options.extension.table = true;
    options.render.prefer_fenced = true;
    options
}

/// The text as blocks below a heading of this level. Where that cannot be done, as it was typed, in a frame.
fn below(level: u8, text: &str) -> String {
    let written = tamed(level, text).filter(|written| !written.trim().is_empty() && stays(level, written));
    written.unwrap_or_else(|| framed(text))
}

/// Written anew from its own structure, with what may not stand there changed.
fn tamed(level: u8, text: &str) -> Option<String> {
    let arena = Arena::new();
    let root = parse_document(&arena, text, &options());
    if depth(root) > DEEPEST {
        return None;
    }
    let mut outline: Vec<u8> = Vec::new();
    let nodes: Vec<_> = root.descendants().collect();
    for node in nodes {
        let linked = node.ancestors().skip(1).any(|above| matches!(above.data().value, NodeValue::Link(_)));
        let change = match &mut node.data_mut().value {
            NodeValue::Heading(heading) => {
                // As deep as it lies below the others: no level is left out.
                outline.retain(|above| *above < heading.level);
                outline.push(heading.level);
                heading.level = (level + outline.len() as u8).min(6);
                Change::Nothing
            }
            NodeValue::CodeBlock(block) => {
                let plain = |c: &char| c.is_ascii_alphanumeric() || "+-#._".contains(*c);
                block.info = block.info.chars().take_while(plain).collect();
                Change::Nothing
            }
            NodeValue::HtmlBlock(html) => Change::Into(code("html", mem::take(&mut html.literal))),
            NodeValue::HtmlInline(html) => Change::Into(NodeValue::Text(mem::take(html).into())),
            NodeValue::Link(link) | NodeValue::Image(link) if linked || !leads_out(&link.url) => Change::Gone,
            NodeValue::Link(link) => {
                link.title.clear();
                Change::Nothing
            }
            NodeValue::Image(image) => Change::Into(NodeValue::Link(Box::new(NodeLink {
                url: mem::take(&mut image.url),
                title: String::new(),
            }))),
            _ => Change::Nothing,
        };
        match change {
            Change::Nothing => {}
            Change::Into(value) => {
                // An image without a description is known by its address.
                if let NodeValue::Link(link) = &value
                    && node.first_child().is_none()
                {
                    node.append(arena.alloc(NodeValue::Text(link.url.clone().into()).into()));
                }
                node.data_mut().value = value;
            }
            Change::Gone => {
                for child in node.children().collect::<Vec<_>>() {
                    node.insert_before(child);
                }
                node.detach();
            }
        }
    }
    let mut written = String::new();
    format_commonmark(root, &options(), &mut written).ok()?;
    Some(written)
}

enum Change {
    Nothing,
    Into(NodeValue),
    /// Its words stay, and it does not.
    Gone,
}

fn code(info: &str, literal: String) -> NodeValue {
    NodeValue::CodeBlock(Box::new(NodeCodeBlock {
        fenced: true,
        fence_char: b'`',
        fence_length: 3,
        info: info.into(),
        literal,
        closed: true,
        ..NodeCodeBlock::default()
    }))
}

/// An address of the web or of mail, in signs that need no escape in a link.
fn leads_out(url: &str) -> bool {
    let scheme = url.split_once(':').map(|(scheme, _)| scheme.to_ascii_lowercase());
    matches!(scheme.as_deref(), Some("http" | "https" | "mailto"))
        && !url.contains(|c: char| c.is_whitespace() || c.is_control() || "<>\"`\\".contains(c))
}

/// Whether what was written reads back as blocks of this place, and what follows it as what it is. The formatter is not made
/// to be trusted with this: it leaves line ends in some places, and blanks that change what a line means.
fn stays(level: u8, written: &str) -> bool {
    let arena = Arena::new();
    let root = parse_document(&arena, &format!("{written}\n# The page goes on\n"), &options());
    let Some(next) = root.last_child() else { return false };
    next.detach();
    let goes_on = matches!(next.data().value, NodeValue::Heading(ref heading) if heading.level == 1);
    goes_on
        && root.descendants().all(|node| match node.data().value {
            NodeValue::Heading(ref heading) => heading.level > level,
            NodeValue::Link(ref link) => leads_out(&link.url),
            NodeValue::HtmlBlock(ref html) => html.literal.trim() == BETWEEN_LISTS,
            NodeValue::HtmlInline(_) | NodeValue::Image(_) => false,
            _ => true,
        })
}

/// As it was typed, in a frame that it cannot end.
fn framed(text: &str) -> String {
    let longest = text.split(|c| c != '`').map(str::len).max().unwrap_or_default();
    let fence = "`".repeat(longest.max(2) + 1);
    format!("{fence}text\n{}\n{fence}\n", text.trim_end())
}

fn depth<'a>(root: &'a AstNode<'a>) -> usize {
    let (mut depth, mut deepest) = (0_usize, 0);
    for edge in root.traverse() {
        match edge {
            NodeEdge::Start(_) => {
                depth += 1;
                deepest = deepest.max(depth);
            }
            NodeEdge::End(_) => depth -= 1,
        }
    }
    deepest
}
