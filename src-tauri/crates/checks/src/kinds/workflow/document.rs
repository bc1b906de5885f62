//! A workflow file: read, judged by the schema that editors use, with the line of each of its parts.

mod words;

use std::sync::LazyLock;

use jsonschema::{ValidationError, Validator};
use serde_json::Value;

use crate::{
    Place,
    data::{
        Format, locate, parse,
        path::{DataPath, Segment},
    },
    finding::{Failure, Halt},
};

/// SchemaStore's `github-workflow.json`; `assets/schemas/README.md` says from where.
static SCHEMA: LazyLock<Value> = LazyLock::new(|| {
    serde_json::from_str(include_str!("../../../../../../assets/schemas/github-workflow.json")).unwrap_or_default()
});

#[derive(Debug)]
pub struct Document {
    pub path: String,
    pub text: String,
    pub tree: Value,
}

impl Document {
    /// Reads a workflow's text; what is wrong first, by its line, is told.
    pub fn read(path: &str, text: String) -> Result<Self, Halt> {
        let document = Self::parsed(path, text)?;
        match document.first_wrong() {
            None => Ok(document),
            Some(failure) => Err(failure.into()),
        }
    }

    /// Reads the text of any YAML.
    pub fn parsed(path: &str, text: String) -> Result<Self, Halt> {
        let tree = parse(&text, Format::Yaml).map_err(|wrong| {
            Failure::new(format!("`{path}` is not YAML from line {} on: {}.", wrong.line, wrong.reason))
                .expected("YAML")
                .actual(crate::lines::line_text(&text, wrong.line).trim().to_owned())
                .at(Place::file(path, Some(wrong.line)))
                .next(Format::Yaml.advice())
        })?;
        Ok(Self { path: path.to_owned(), text, tree })
    }

    /// The first part that the schema refuses.
    fn first_wrong(&self) -> Option<Failure> {
        // A schema that cannot be read refuses nothing; a test holds that it can.
        let validator = validator()?;
        let found = validator.iter_errors(&self.tree).map(|error| words::told(&error, &SCHEMA, &self.tree));
        let placed = found.map(|told| (self.line(&told.at).unwrap_or(u32::MAX), told));
        let (_, told) = placed.min_by_key(|(line, _)| *line)?;
        Some(self.wrong(&told.at, told.summary).expected(told.expected).actual(told.actual).next(told.next_step))
    }

    /// A failure at a part of the file.
    pub fn wrong(&self, at: &DataPath, summary: impl Into<String>) -> Failure {
        Failure::new(summary).at(self.place(at))
    }

    pub fn place(&self, at: &DataPath) -> Place {
        Place::file(&self.path, self.line(at))
    }

    /// The line of the key or entry at a path; where it is not there, that of the nearest around it.
    pub fn line(&self, at: &DataPath) -> Option<u32> {
        (0..=at.0.len()).rev().find_map(|count| {
            let part = at.first(count);
            part.find(&self.tree).ok()?;
            locate(&self.text, Format::Yaml, &part)
        })
    }

    /// The line within a text of several lines on which a piece of it stands.
    pub fn line_of_piece(&self, at: &DataPath, piece: &str) -> Option<u32> {
        let start = self.line(at)?;
        let first = piece.lines().find(|line| !line.trim().is_empty())?.trim();
        let lines = self.text.lines().enumerate().skip(start.saturating_sub(1) as usize);
        let found = lines.into_iter().find(|(_, line)| line.contains(first));
        found.and_then(|(index, _)| u32::try_from(index + 1).ok()).or(Some(start))
    }
}

pub fn validator() -> Option<&'static Validator> {
    static VALIDATOR: LazyLock<Option<Validator>> = LazyLock::new(|| jsonschema::validator_for(&SCHEMA).ok());
    VALIDATOR.as_ref()
}

/// Where an error of the schema stands.
fn path_of(error: &ValidationError<'_>, tree: &Value) -> DataPath {
    let mut path = DataPath::default();
    for part in error.instance_path().to_string().split('/').skip(1) {
        let part = part.replace("~1", "/").replace("~0", "~");
        let index = path.find(tree).ok().filter(|value| value.is_array()).and_then(|_| part.parse().ok());
        path = path.join(index.map_or_else(|| Segment::Key(part), Segment::Index));
    }
    path
}
