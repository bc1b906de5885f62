//! Every format of file, one line each. A file's ending says what it is; text of an unknown ending is plain text.

mod code;
mod html;
mod markdown;
mod pdf;
mod plain;
mod table;

use std::collections::BTreeMap;

use crate::{Block, Document, Error, Original, Place, Result, Unit, encoding};

/// A kind of file that can be read.
#[derive(Debug)]
pub struct Format {
    pub name: &'static str,
    /// Of its files, in lower case and without the dot.
    pub endings: &'static [&'static str],
    /// What becomes of its structure.
    pub about: &'static str,
    parse: Parse,
}

#[derive(Debug)]
enum Parse {
    /// Decoded text, and the file's ending in lower case.
    Text(fn(&str, &str) -> Parsed),
    Bytes(fn(&Original) -> Result<Parsed>),
}

/// What a file says.
#[derive(Debug, Default)]
struct Parsed {
    title: Option<String>,
    metadata: BTreeMap<String, String>,
    blocks: Vec<Block>,
}

static FORMATS: &[Format] = &[plain::FORMAT, markdown::FORMAT, html::FORMAT, pdf::FORMAT, code::FORMAT, table::FORMAT];

/// Every format, plain text first.
pub fn formats() -> &'static [Format] {
    FORMATS
}

pub(crate) fn document(original: &Original) -> Result<Document> {
    let file = original.name.rsplit('/').next().unwrap_or(&original.name);
    let ending = file.rsplit_once('.').map(|(_, ending)| ending.to_lowercase()).unwrap_or_default();
    let named = FORMATS.iter().find(|format| format.endings.contains(&ending.as_str()));
    let format = match named {
        Some(format) => format,
        None if pdf::is_one(&original.bytes) => &pdf::FORMAT,
        None => &plain::FORMAT,
    };
    let parsed = match format.parse {
        Parse::Bytes(parse) => parse(original)?,
        Parse::Text(parse) => {
            let text = encoding::text(&original.bytes).ok_or_else(|| Error::Binary { name: original.name.clone() })?;
            parse(&text, &ending)
        }
    };
    let title = parsed.title.map(|title| one_line(&title)).filter(|title| !title.is_empty());
    Ok(Document {
        source: original.name.clone(),
        sha256: original.sha256.clone(),
        format: format.name,
        title: title.unwrap_or_else(|| file.to_owned()),
        metadata: parsed.metadata,
        blocks: parsed.blocks.into_iter().filter(|block| !block.text.trim().is_empty()).collect(),
    })
}

/// Letters of a title, a heading or a column's name: many blocks repeat them.
const MOST_LETTERS: usize = 300;

/// The text without line ends and runs of white space, and no longer than a name.
fn one_line(text: &str) -> String {
    let mut line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    if let Some((end, _)) = line.char_indices().nth(MOST_LETTERS) {
        line.truncate(end);
        line.push('…');
    }
    line
}

/// The lines of `text` cut into blocks before each line for which `begins` holds, blank lines at both ends left out.
/// `begins` gets the lines and the index of one. Nothing but blank lines is lost.
fn cut_lines(text: &str, begins: impl Fn(&[&str], usize) -> bool) -> Vec<Block> {
    let lines: Vec<&str> = text.lines().collect();
    let mut starts: Vec<usize> = (0..lines.len()).filter(|index| *index > 0 && begins(&lines, *index)).collect();
    starts.insert(0, 0);
    starts.push(lines.len());
    starts.windows(2).filter_map(|two| block_of(&lines, two[0], two[1])).collect()
}

/// The lines `from..to` as one block; `None` where all are blank.
fn block_of(lines: &[&str], from: usize, to: usize) -> Option<Block> {
    let said = |index: &usize| !lines[*index].trim().is_empty();
    let first = (from..to).find(said)?;
    let last = (from..to).rfind(said)?;
    Some(Block::new(lines[first..=last].join("\n"), Place::new(Unit::Line, first + 1, last + 1)))
}

#[cfg(test)]
mod tests;
