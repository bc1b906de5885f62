//! Reads what text completions and embeddings share: a text, token ids, or a list of either.

use serde_json::Value;

use super::{choices::tokens, field};
use crate::refusal::Refusal;

/// One text, or one list of token ids.
#[derive(Debug, Clone, PartialEq, Eq)]
pub(crate) enum Piece {
    Text(String),
    Tokens(Vec<u32>),
}

/// What stands at `place`, at most `most` of it, and none of it empty.
pub(crate) fn read(value: &Value, place: &str, most: usize) -> Result<Vec<Piece>, Refusal> {
    const WANTED: &str = "a text, a list of texts, token ids or a list of lists of token ids";
    let values = match value {
        Value::String(_) => return Ok(vec![piece(value, place)?]),
        Value::Array(values) => values,
        other => return Err(field::wrong_type(place, WANTED, other)),
    };
    match values.first() {
        None => Err(empty(place)),
        Some(Value::Number(_)) => Ok(vec![Piece::Tokens(tokens(values, place)?)]),
        Some(Value::String(_) | Value::Array(_)) if values.len() > most => {
            let message = format!("'{place}' may hold {most} texts, but holds {}.", values.len());
            Err(Refusal::of(place, "array_above_max_length", message))
        }
        Some(Value::String(_) | Value::Array(_)) => {
            values.iter().enumerate().map(|(index, value)| piece(value, &format!("{place}[{index}]"))).collect()
        }
        Some(other) => Err(field::wrong_type(&format!("{place}[0]"), WANTED, other)),
    }
}

fn piece(value: &Value, place: &str) -> Result<Piece, Refusal> {
    match value {
        Value::String(text) if text.is_empty() => Err(empty(place)),
        Value::String(text) => Ok(Piece::Text(text.clone())),
        Value::Array(ids) if ids.is_empty() => Err(empty(place)),
        Value::Array(ids) => Ok(Piece::Tokens(tokens(ids, place)?)),
        other => Err(field::wrong_type(place, "a text or a list of token ids", other)),
    }
}

fn empty(place: &str) -> Refusal {
    Refusal::of(place, "invalid_value", format!("'{place}' is empty. Send at least one word."))
}
