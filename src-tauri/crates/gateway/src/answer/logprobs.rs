//! Probabilities of tokens, as OpenAI's interfaces tell them.

use inference::{Likely, TokenLogprob};
use serde_json::{Map, Value, json};

/// What stands for the logarithm of next to nothing, since JSON has no infinity.
const LEAST: f32 = -9999.0;

/// A list of `{token, logprob, bytes, top_logprobs}`, as chat completions and responses have it.
pub(crate) fn content(logprobs: &[TokenLogprob]) -> Vec<Value> {
    logprobs
        .iter()
        .map(|logprob| {
            let mut told = told(&logprob.token);
            told["top_logprobs"] = logprob.top.iter().map(self::told).collect();
            told
        })
        .collect()
}

fn told(likely: &Likely) -> Value {
    json!({"token": String::from_utf8_lossy(&likely.bytes), "logprob": figure(likely), "bytes": likely.bytes})
}

fn figure(likely: &Likely) -> f32 {
    likely.logprob.max(LEAST)
}

/// The form of text completions, where `offset` is how many characters of the text came before.
pub(crate) fn legacy(logprobs: &[TokenLogprob], mut offset: usize) -> Value {
    let (mut tokens, mut figures, mut tops, mut offsets) = (Vec::new(), Vec::new(), Vec::new(), Vec::new());
    for logprob in logprobs {
        offsets.push(offset);
        offset += characters(&logprob.token.bytes);
        tokens.push(written(&logprob.token.bytes));
        figures.push(figure(&logprob.token));
        let top: Map<String, Value> =
            logprob.top.iter().map(|likely| (written(&likely.bytes), figure(likely).into())).collect();
        tops.push(top);
    }
    json!({"tokens": tokens, "token_logprobs": figures, "top_logprobs": tops, "text_offset": offsets})
}

/// A character counts where it begins, since one may be spread over several tokens.
fn characters(bytes: &[u8]) -> usize {
    bytes.iter().filter(|byte| **byte & 0xC0 != 0x80).count()
}

/// A token that is not whole characters is written as its bytes: `bytes:\xe2\x80`.
fn written(bytes: &[u8]) -> String {
    match std::str::from_utf8(bytes) {
        Ok(text) => text.into(),
        Err(_) => bytes.iter().fold("bytes:".into(), |written, byte| format!("{written}\\x{byte:02x}")),
    }
}
