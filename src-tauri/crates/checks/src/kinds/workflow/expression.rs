//! Expressions between `${{` and `}}`, as GitHub documents them: read, judged by what is known where they stand, evaluated.

mod evaluate;
mod function;
mod lexer;
mod parser;
mod value;

use serde_json::Value;

pub use evaluate::{Scope, Status, Stop};
pub use function::{CONTEXTS, property};
pub use parser::{Node, parse};
pub use value::{text, truth};

/// A part of a text in which expressions stand.
#[derive(Debug, Clone, PartialEq)]
pub enum Piece {
    Text(String),
    /// What stands between the braces.
    Expression(String),
}

/// The parts of a text; an error where braces are left open.
pub fn pieces(text: &str) -> Result<Vec<Piece>, String> {
    let (mut pieces, mut rest) = (Vec::new(), text);
    while let Some(start) = rest.find("${{") {
        if start > 0 {
            pieces.push(Piece::Text(rest[..start].to_owned()));
        }
        let inner = &rest[start + 3..];
        let end = end(inner).ok_or("`${{` is not closed by `}}`")?;
        pieces.push(Piece::Expression(inner[..end].trim().to_owned()));
        rest = &inner[end + 2..];
    }
    if !rest.is_empty() {
        pieces.push(Piece::Text(rest.to_owned()));
    }
    Ok(pieces)
}

/// Where an expression ends: at the first `}}` that stands in no text of its own.
fn end(inner: &str) -> Option<usize> {
    let mut quoted = false;
    inner.char_indices().find_map(|(at, letter)| {
        quoted ^= letter == '\'';
        (!quoted && inner[at..].starts_with("}}")).then_some(at)
    })
}

/// The condition of an `if`, with or without braces around it.
pub fn condition(text: &str) -> Result<Node, String> {
    let text = text.trim();
    match pieces(text)?.as_slice() {
        [Piece::Expression(inner)] => parse(inner),
        pieces if pieces.iter().any(|piece| matches!(piece, Piece::Expression(_))) => {
            Err("braces stand around a part of it only, so the whole is a text, which is always true".to_owned())
        }
        _ => parse(text),
    }
}

/// A text with its expressions replaced; the value itself where one expression is all that there is.
pub fn fill(text: &str, scope: &Scope<'_>) -> Result<Value, Stop> {
    let pieces = pieces(text).map_err(Stop::Wrong)?;
    let value = |inner: &str| parse(inner).map_err(Stop::Wrong)?.evaluate(scope);
    if let [Piece::Expression(inner)] = pieces.as_slice() {
        return value(inner);
    }
    let mut filled = String::new();
    for piece in &pieces {
        match piece {
            Piece::Text(plain) => filled += plain,
            Piece::Expression(inner) => filled += &self::text(&value(inner)?),
        }
    }
    Ok(Value::String(filled))
}

#[cfg(test)]
mod tests;
