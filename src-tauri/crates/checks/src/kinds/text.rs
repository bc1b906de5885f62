//! `text`: what a text file says.

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Context, Place,
    excerpt::count,
    files,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    lines::{AT_LEAST, CONTAINS, LACKS, MATCHES, TextRules},
    registry::{Kind, Setting, read},
    settings::{FilePath, Many, Pattern, one},
};

pub const KIND: Kind = Kind {
    name: "text",
    doc: "A text file holds certain text, matches patterns, lacks others, is long enough.",
    settings: &[
        Setting::required("path", "path", "The file, from the top of the workspace."),
        CONTAINS,
        MATCHES,
        LACKS,
        AT_LEAST,
        Setting::new("min_words", "whole number", "The fewest words, parted by blanks."),
    ],
    read: read::<Text>,
};

#[derive(Debug, Deserialize)]
#[serde(from = "Settings")]
struct Text {
    path: String,
    rules: TextRules,
    min_words: usize,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Settings {
    path: FilePath,
    #[serde(default)]
    contains: Many<String>,
    #[serde(default)]
    matches: Many<Pattern>,
    #[serde(default)]
    lacks: Many<Pattern>,
    #[serde(default = "one")]
    at_least: usize,
    #[serde(default)]
    min_words: usize,
}

impl From<Settings> for Text {
    fn from(settings: Settings) -> Self {
        let Settings { path, contains, matches, lacks, at_least, min_words } = settings;
        Self { path: path.0, rules: TextRules { contains, matches, lacks, at_least }, min_words }
    }
}

#[async_trait]
impl Judge for Text {
    fn sources(&self) -> Sources {
        Sources { files: vec![self.path.clone()], ..Sources::default() }
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let nothing = self.rules.is_empty() && self.min_words == 0;
        let wrong =
            || Wrong::new("path", "nothing is asked of the text", "Add `contains`, `matches`, `lacks` or `min_words`.");
        nothing.then(wrong).into_iter().collect()
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let path = &self.path;
        let text = files::text(context.probe, path).await?;
        self.rules.judge(&text, "Add").map_err(|miss| Failure {
            summary: format!("`{path}` {}.", miss.what),
            expected: Some(miss.expected),
            actual: miss.actual,
            place: Some(Place::file(path, miss.line)),
            next_step: Some(miss.next_step),
        })?;
        let words = text.split_whitespace().count();
        if words < self.min_words {
            return Err(Failure::new(format!("`{path}` is too short."))
                .expected(format!("at least {}", count(self.min_words, "word")))
                .actual(count(words, "word"))
                .at(Place::file(path, None))
                .next(format!("Write {} more.", count(self.min_words - words, "word")))
                .into());
        }
        Ok(Passed::new(format!("`{path}` says what it should.")))
    }
}
