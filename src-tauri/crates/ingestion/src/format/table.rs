//! Tables of comma, semicolon or tab separated values (RFC 4180, read leniently): a block a row, a line a value.

use std::collections::BTreeMap;

use csv::{ReaderBuilder, StringRecord};

use super::{Format, Parse, Parsed, one_line};
use crate::{Block, Place, Unit};

pub(super) const FORMAT: Format = Format {
    name: "table",
    endings: &["csv", "tsv", "tab"],
    about: "A block for each row, a line `column: value` for each value; the first row names the columns",
    parse: Parse::Text(parse),
};

fn parse(text: &str, ending: &str) -> Parsed {
    let separator = if ending == "csv" { separator(text) } else { b'\t' };
    let mut reader =
        ReaderBuilder::new().delimiter(separator).flexible(true).has_headers(false).from_reader(text.as_bytes());
    // What comes from memory and is Unicode has nothing left that the reader could fail on.
    let mut records = reader.records().map_while(Result::ok);
    let Some(header) = records.next() else { return Parsed::default() };
    let columns: Vec<String> = header.iter().map(one_line).collect();
    let blocks = records.enumerate().map(|(index, record)| {
        let row = index + 2;
        Block::new(lines(&columns, &record), Place::new(Unit::Row, row, row))
    });
    let blocks = blocks.collect();
    Parsed { metadata: BTreeMap::from([("columns".to_owned(), columns.join(", "))]), blocks, title: None }
}

/// The one of the usual separators that the first line has most of.
fn separator(text: &str) -> u8 {
    let first = text.lines().next().unwrap_or_default();
    let count = |separator: &u8| first.bytes().filter(|byte| byte == separator).count();
    // Of equals the last is taken.
    [b'\t', b';', b','].into_iter().max_by_key(count).unwrap_or(b',')
}

/// A value beyond the header's columns is called by its number.
fn lines(columns: &[String], record: &StringRecord) -> String {
    let value = |(index, value): (usize, &str)| match columns.get(index) {
        Some(column) if !column.is_empty() => format!("{column}: {value}"),
        _ => format!("column {}: {value}", index + 1),
    };
    let said = record.iter().map(str::trim).enumerate().filter(|(_, value)| !value.is_empty());
    said.map(value).collect::<Vec<_>>().join("\n")
}
