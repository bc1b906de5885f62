//! One TOML file of a pack: its text, and where each of its keys stands.

mod rules;

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{ErrorKind, Read},
    path::{Path, PathBuf},
};

use serde::de::DeserializeOwned;
use toml::{
    Spanned,
    de::{DeTable, DeValue},
};

use crate::{Place, Problem, explain, explain::syntax};

/// The format of packs that this version reads and writes.
pub const FORMAT: i64 = 1;
/// The most bytes that a text file of a pack may have.
const LARGEST: u64 = 1 << 20;

pub struct Document {
    /// Relative to the pack's folder.
    file: PathBuf,
    text: String,
    table: toml::Table,
    /// `steps[0].checks[1].path` to the byte where it starts.
    starts: BTreeMap<String, usize>,
    /// The byte where each line begins.
    lines: Vec<usize>,
}

impl Document {
    pub fn read(pack: &Path, file: &Path) -> Result<Self, Problem> {
        Self::parse(file, text(pack, file)?)
    }

    pub fn parse(file: &Path, text: String) -> Result<Self, Problem> {
        let document = Self::parse_part(file, text)?;
        document.known_format()?;
        Ok(document)
    }

    /// A file that has the format of the lab around it.
    pub fn read_part(pack: &Path, file: &Path) -> Result<Self, Problem> {
        Self::parse_part(file, text(pack, file)?)
    }

    fn parse_part(file: &Path, text: String) -> Result<Self, Problem> {
        let syntax = |error: toml::de::Error| {
            let (start, reason) = syntax(&text, &error);
            Problem {
                code: "curriculum.syntax",
                message: format!("this is not TOML: {reason}"),
                place: position(file, &text, start),
                next_step: "Correct the file at this place.".to_owned(),
            }
        };
        let mut starts = BTreeMap::new();
        collect(DeTable::parse(&text).map_err(syntax)?.get_ref(), "", &mut starts);
        let table = toml::from_str(&text).map_err(syntax)?;
        let lines = std::iter::once(0).chain(text.match_indices('\n').map(|(end, _)| end + 1)).collect();
        let document = Self { file: file.to_owned(), text, table, starts, lines };
        document.readable()?;
        Ok(document)
    }

    /// What a learner is shown of a pack says what it does: no character hides or moves others.
    fn readable(&self) -> Result<(), Problem> {
        let hides = |c: char| {
            (c.is_control() && !matches!(c, '\n' | '\r' | '\t'))
                || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
        };
        let Some((path, hidden)) = find(&self.table, "", &hides) else { return Ok(()) };
        Err(self.problem(
            "curriculum.character",
            &path,
            format!(
                "the text has the character U+{:04X}, which shows as nothing and changes how others show",
                hidden as u32
            ),
            "Take it out.",
        ))
    }

    /// Another format has other keys: say so before complaining about each of them.
    fn known_format(&self) -> Result<(), Problem> {
        let Some(format) = self.table.get("format") else {
            return Err(self.problem(
                "curriculum.format",
                "",
                "the key `format` is missing",
                format!("Add `format = {FORMAT}` as the first line."),
            ));
        };
        if format.as_integer() == Some(FORMAT) {
            return Ok(());
        }
        Err(self.problem(
            "curriculum.format",
            "format",
            format!("the file is written in format {format}, and this version reads format {FORMAT}"),
            "Update Groundwork, or use a pack made for this version.",
        ))
    }

    pub fn table(&self) -> &toml::Table {
        &self.table
    }

    /// The whole file as a `T`.
    pub fn get<T: DeserializeOwned>(&self) -> Result<T, Problem> {
        toml::from_str(&self.text).map_err(|error| {
            let explained = explain(error.message(), &[]);
            Problem {
                code: "curriculum.setting",
                message: explained.message,
                place: position(&self.file, &self.text, error.span().map_or(0, |span| span.start)),
                next_step: explained.next_step,
            }
        })
    }

    /// Where the key at `path` stands, or the nearest table around it.
    pub fn place(&self, path: &str) -> Place {
        let start = ancestors(path).find_map(|path| self.starts.get(path)).copied().unwrap_or(0);
        self.position(start)
    }

    /// As the free function, without reading the text from its beginning for each of hundreds of places.
    fn position(&self, start: usize) -> Place {
        let line = self.lines.partition_point(|begin| *begin <= start).max(1);
        let place = position(&self.file, &self.text[self.lines[line - 1]..], start - self.lines[line - 1]);
        Place { line: u32::try_from(line).unwrap_or(u32::MAX), ..place }
    }

    /// The places of everything below `path`, by their paths from there.
    pub fn places_below(&self, path: &str) -> BTreeMap<String, Place> {
        let prefix = format!("{path}.");
        self.starts
            .range(prefix.clone()..)
            .map_while(|(path, start)| Some((path.strip_prefix(&prefix)?, start)))
            .map(|(path, &start)| (path.to_owned(), self.position(start)))
            .collect()
    }

    pub fn problem(
        &self,
        code: &'static str,
        path: &str,
        message: impl Into<String>,
        next_step: impl Into<String>,
    ) -> Problem {
        Problem { code, message: message.into(), place: self.place(path), next_step: next_step.into() }
    }
}

/// The first character of a key or a text below `table` that is one of `wanted`, and the path at which it stands.
fn find(table: &toml::Table, path: &str, wanted: &impl Fn(char) -> bool) -> Option<(String, char)> {
    fn of(value: &toml::Value, path: String, wanted: &impl Fn(char) -> bool) -> Option<(String, char)> {
        match value {
            toml::Value::String(text) => text.chars().find(|c| wanted(*c)).map(|c| (path, c)),
            toml::Value::Array(items) => {
                items.iter().enumerate().find_map(|(index, item)| of(item, format!("{path}[{index}]"), wanted))
            }
            toml::Value::Table(table) => find(table, &path, wanted),
            _ => None,
        }
    }
    table.iter().find_map(|(key, value)| {
        let path = if path.is_empty() { key.clone() } else { format!("{path}.{key}") };
        match key.chars().find(|c| wanted(*c)) {
            Some(c) => Some((path, c)),
            None => of(value, path, wanted),
        }
    })
}

/// A path and the paths around it, the nearest first: `a.b[1].c`, `a.b[1]`, `a.b`, `a`.
pub fn ancestors(path: &str) -> impl Iterator<Item = &str> {
    std::iter::successors(Some(path), |path| path.rfind(['.', '[']).map(|end| &path[..end]))
}

/// Reads a text file of the pack: there, small enough, UTF-8.
pub fn text(pack: &Path, file: &Path) -> Result<String, Problem> {
    let problem = |message: &str, next_step: &str| Problem {
        code: "curriculum.unreadable",
        message: message.to_owned(),
        place: Place { file: file.to_owned(), line: 1, column: 1 },
        next_step: next_step.to_owned(),
    };
    let path = pack.join(file);
    let mut bytes = Vec::new();
    let read = fs::metadata(&path).and_then(|metadata| {
        if !metadata.is_file() {
            return Err(ErrorKind::NotFound.into());
        }
        File::open(&path)?.take(LARGEST + 1).read_to_end(&mut bytes)
    });
    match read {
        Err(error) if error.kind() == ErrorKind::NotFound => {
            let message = format!("there is no such file in {}", path.parent().unwrap_or(pack).display());
            return Err(problem(&message, "Add the file, or name the right folder."));
        }
        Err(error) => {
            return Err(problem(&format!("the file cannot be read: {error}"), "Give yourself the right to read it."));
        }
        Ok(_) if bytes.len() as u64 > LARGEST => {
            return Err(problem("the file is larger than 1 MiB", "Make it shorter."));
        }
        Ok(_) => {}
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = String::from_utf8_lossy(&error.as_bytes()[..error.utf8_error().valid_up_to()]).into_owned();
        Problem {
            place: position(file, &valid, valid.len()),
            ..problem("this is not UTF-8 text", "Save the file as UTF-8.")
        }
    })?;
    Ok(text.strip_prefix('\u{feff}').map(str::to_owned).unwrap_or(text))
}

fn position(file: &Path, text: &str, start: usize) -> Place {
    let before = &text[..text.floor_char_boundary(start)];
    let line_start = before.rfind('\n').map_or(0, |end| end + 1);
    let count = |count: usize| u32::try_from(count).unwrap_or(u32::MAX);
    Place {
        file: file.to_owned(),
        line: count(before.matches('\n').count() + 1),
        column: count(before[line_start..].chars().count() + 1),
    }
}

fn collect(table: &DeTable<'_>, path: &str, starts: &mut BTreeMap<String, usize>) {
    for (key, value) in table {
        let path = if path.is_empty() { key.get_ref().to_string() } else { format!("{path}.{}", key.get_ref()) };
        starts.insert(path.clone(), key.span().start);
        collect_value(value, &path, starts);
    }
}

fn collect_value(value: &Spanned<DeValue<'_>>, path: &str, starts: &mut BTreeMap<String, usize>) {
    match value.get_ref() {
        DeValue::Table(table) => collect(table, path, starts),
        DeValue::Array(items) => {
            for (index, item) in items.iter().enumerate() {
                let path = format!("{path}[{index}]");
                starts.insert(path.clone(), item.span().start);
                collect_value(item, &path, starts);
            }
        }
        _ => {}
    }
}
