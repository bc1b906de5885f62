//! What is left of a document's template: marks of something unfinished, sentences of the starter.

use std::sync::LazyLock;

use regex::Regex;

use super::{
    Writing,
    document::{Block, Document, Sort},
};
use crate::{Place, data::compare::is_placeholder, excerpt::inline, finding::Failure};

static UNFINISHED: LazyLock<Option<Regex>> = LazyLock::new(|| {
    Regex::new(
        r"\b(?:TODO|FIXME|TBD|XXX)\b|(?i:lorem ipsum)|\{\{[^{}]*\}\}|(?i:[<\[](?:your|my|insert|fill|describe|add|replace|name|todo|explain|write)\b[^<>\[\]]*[>\]])",
    )
    .ok()
});

impl Writing {
    /// The first mark of something unfinished.
    pub fn left_over(&self, document: &Document) -> Option<Failure> {
        let path = &self.path.0;
        let shown = |block: &Block, at: usize| {
            let line = block.line_at(at);
            let start = block.text[..at].rfind('\n').map_or(0, |end| end + 1);
            (line, block.text[start..].lines().next().unwrap_or_default().to_owned())
        };
        let text = document.blocks.iter().filter(|block| block.sort != Sort::Code);
        for block in text {
            let squash = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
            let flat = squash(&block.text);
            if let Some(starter) = self.starter_text.0.iter().find(|starter| flat.contains(&squash(starter))) {
                return Some(
                    Failure::new(format!("Line {} of `{path}` still says what the starter said.", block.line))
                        .expected("your own words")
                        .actual(inline(starter))
                        .at(Place::file(path, Some(block.line)))
                        .next("Replace the sentence with what it asks for."),
                );
            }
            if self.placeholders {
                continue;
            }
            let short = block.sort == Sort::Prose && (1..=4).contains(&block.text.split_whitespace().count());
            let whole = short && is_placeholder(&serde_json::Value::String(block.text.clone()));
            let mark = UNFINISHED.as_ref().and_then(|mark| mark.find(&block.text)).map(|mark| mark.start());
            if let Some(at) = mark.or(whole.then_some(0)) {
                let (line, text) = shown(block, at);
                return Some(
                    Failure::new(format!("Line {line} of `{path}` is not filled in yet."))
                        .expected("no placeholders")
                        .actual(text)
                        .at(Place::file(path, Some(line)))
                        .next("Write what belongs there."),
                );
            }
        }
        None
    }
}
