//! Plain text: a block a paragraph, as blank lines part them.

use super::{Format, Parse, Parsed, cut_lines};

pub(super) const FORMAT: Format = Format {
    name: "text",
    endings: &["txt", "text", "log", "rst", "adoc", "asciidoc", "org", "tex"],
    about: "A block for each paragraph",
    parse: Parse::Text(|text, _| Parsed { blocks: paragraphs(text), ..Parsed::default() }),
};

fn paragraphs(text: &str) -> Vec<crate::Block> {
    cut_lines(text, |lines, index| lines[index - 1].trim().is_empty() && !lines[index].trim().is_empty())
}
