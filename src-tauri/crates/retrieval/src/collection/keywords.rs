//! The inverted index of the text fields, which SQLite keeps (FTS5), and its scores by BM25. Never holds a text itself.

use roaring::RoaringBitmap;
use rusqlite::Connection;
use serde_json::Value;

use super::Attempt;
use crate::{Error, Path, Payload, Settings, columns::payload, filter::words};

pub(super) fn create(connection: &Connection, settings: &Settings) -> rusqlite::Result<()> {
    if settings.text_fields.is_empty() {
        return Ok(());
    }
    let columns: Vec<_> = (0..settings.text_fields.len()).map(|field| format!("f{field}")).collect();
    connection.execute_batch(&format!(
        "CREATE VIRTUAL TABLE keywords USING fts5({}, content = '', contentless_delete = 1, tokenize = 'unicode61')",
        columns.join(", ")
    ))
}

/// For other text fields than before.
pub(super) fn recreate(connection: &Connection, settings: &Settings) -> Attempt<()> {
    connection.execute_batch("DROP TABLE IF EXISTS keywords")?;
    create(connection, settings)?;
    if settings.text_fields.is_empty() {
        return Ok(());
    }
    let mut rows = connection.prepare("SELECT key, payload FROM points")?;
    let mut rows = rows.query([])?;
    while let Some(row) = rows.next()? {
        add(connection, settings, row.get(0)?, &payload(row, 1)?)?;
    }
    Ok(())
}

pub(super) fn add(connection: &Connection, settings: &Settings, key: u32, payload: &Payload) -> Attempt<()> {
    let fields = &settings.text_fields;
    if fields.is_empty() {
        return Ok(());
    }
    let texts = fields.iter().map(|field| Ok(text(&Path::parse(field)?.values(payload))));
    let texts = texts.collect::<Result<Vec<_>, Error>>()?;
    let columns: String = (0..fields.len()).map(|field| format!(", f{field}")).collect();
    let places = ", ?".repeat(fields.len());
    let mut insert = connection.prepare_cached(&format!("INSERT INTO keywords (rowid{columns}) VALUES (?{places})"))?;
    insert.raw_bind_parameter(1, key)?;
    for (field, text) in texts.iter().enumerate() {
        insert.raw_bind_parameter(field + 2, text)?;
    }
    insert.raw_execute()?;
    Ok(())
}

pub(super) fn remove(connection: &Connection, settings: &Settings, key: u32) -> Attempt<()> {
    if !settings.text_fields.is_empty() {
        connection.prepare_cached("DELETE FROM keywords WHERE rowid = ?1")?.execute([key])?;
    }
    Ok(())
}

/// The best keys with their scores, best first.
pub(super) fn search(
    connection: &Connection,
    settings: &Settings,
    asked: &str,
    fields: Option<&[String]>,
    allowed: Option<&RoaringBitmap>,
    limit: usize,
) -> Attempt<Vec<(u32, f32)>> {
    let known = &settings.text_fields;
    if known.is_empty() {
        return Err(Error::request("it has no text fields; name the fields of the payload that hold its texts").into());
    }
    let place = |field: &String| {
        let place = known.iter().position(|known| known == field);
        place.map(|place| format!("f{place}")).ok_or_else(|| {
            Error::request(format!("\"{field}\" is none of its text fields, which are {}", known.join(", ")))
        })
    };
    let columns = fields.map(|fields| fields.iter().map(place).collect::<Result<Vec<_>, _>>()).transpose()?;
    // Each word in quotes: nothing that was typed is taken for the language of FTS5.
    let words: Vec<_> = words(asked).into_iter().map(|word| format!("\"{word}\"")).collect();
    if words.is_empty() || columns.as_ref().is_some_and(Vec::is_empty) {
        return Ok(Vec::new());
    }
    let within = columns.map_or_else(String::new, |columns| format!("{{{}}} : ", columns.join(" ")));
    let asked = format!("{within}({})", words.join(" OR "));
    let best =
        "SELECT rowid, -bm25(keywords) AS score FROM keywords WHERE keywords MATCH ?1 ORDER BY score DESC, rowid";
    let mut best = connection.prepare_cached(best)?;
    let mut rows = best.query([asked])?;
    let mut found = Vec::new();
    while found.len() < limit
        && let Some(row) = rows.next()?
    {
        let key = row.get(0)?;
        if allowed.is_none_or(|allowed| allowed.contains(key)) {
            found.push((key, row.get::<_, f64>(1)? as f32));
        }
    }
    Ok(found)
}

/// All texts at a path, one a line.
fn text(values: &[&Value]) -> String {
    let mut texts = Vec::new();
    for value in values {
        match value {
            Value::Array(list) => texts.extend(list.iter().filter_map(Value::as_str)),
            value => texts.extend(value.as_str()),
        }
    }
    texts.join("\n")
}
