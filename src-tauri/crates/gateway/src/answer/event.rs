//! Server-sent events, as each interface writes them.

use serde_json::Value;

/// The regular end of streams of completions.
pub(crate) const DONE: &str = "data: [DONE]\n\n";

pub(crate) fn event(value: &Value) -> String {
    format!("data: {value}\n\n")
}

/// An event with its type, as responses have them.
pub(crate) fn named(kind: &str, value: &Value) -> String {
    format!("event: {kind}\ndata: {value}\n\n")
}

/// Whether a piece of a stream holds the stream's regular end.
pub(crate) fn is_end(piece: &[u8]) -> bool {
    let ends = [DONE, "event: response.completed\n", "event: response.incomplete\n"];
    // Within an event a line feed is written as an escape, so no text of a model's can begin a line.
    ends.iter().any(|end| {
        let end = end.as_bytes();
        piece.starts_with(end) || piece.windows(end.len() + 1).any(|part| part[0] == b'\n' && part[1..] == *end)
    })
}
