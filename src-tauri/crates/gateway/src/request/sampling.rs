//! Reads how the next token is chosen, and where the text ends.

use inference::Sampling;
use serde_json::Value;

use super::field::{self, Fields};
use crate::refusal::Refusal;

/// OpenAI's own, of every interface that generates.
pub(crate) const BASIC: &[&str] = &["temperature", "top_p"];
/// OpenAI's own, of chat and text completions.
pub(crate) const FULL: &[&str] = &["seed", "stop", "logit_bias", "frequency_penalty", "presence_penalty"];
/// What servers of open models add to OpenAI's interface, as vLLM names it; clients send it in `extra_body`.
pub(crate) const EXTRAS: &[&str] = &["top_k", "min_p", "repetition_penalty"];

const MOST_STOPS: usize = 4;

/// Ranges are OpenAI's, and for the extras vLLM's.
pub(crate) fn sampling(fields: &Fields) -> Result<Sampling, Refusal> {
    let number = |name, least, most| field::number(fields, name, least..=most);
    Ok(Sampling {
        bias: bias(fields)?,
        repetition_penalty: number("repetition_penalty", 0.01, 10.0)?.unwrap_or(1.0),
        frequency_penalty: number("frequency_penalty", -2.0, 2.0)?.unwrap_or(0.0),
        presence_penalty: number("presence_penalty", -2.0, 2.0)?.unwrap_or(0.0),
        temperature: number("temperature", 0.0, 2.0)?.unwrap_or(1.0),
        // Both -1 and 0 keep all tokens.
        top_k: field::integer(fields, "top_k", -1..=u32::MAX.into())?.filter(|count| *count > 0).map(|k| k as u32),
        top_p: number("top_p", 0.0, 1.0)?.unwrap_or(1.0),
        min_p: number("min_p", 0.0, 1.0)?.unwrap_or(0.0),
        // Any whole number of 64 bits names a seed; the sign is one of its bits.
        seed: field::integer(fields, "seed", i64::MIN..=i64::MAX)?.map(|seed| seed as u64),
    })
}

/// `{"42": -100}`: what is added to the logits of tokens, by their ids.
fn bias(fields: &Fields) -> Result<Vec<(u32, f32)>, Refusal> {
    const MOST: f64 = 100.0;
    let Some(value) = field::get(fields, "logit_bias") else { return Ok(Vec::new()) };
    let wrong = |message: String| Refusal::of("logit_bias", "invalid_value", message);
    field::object(value, "logit_bias")?
        .iter()
        .map(|(token, bias)| {
            let id = token
                .parse()
                .map_err(|_| wrong(format!("'logit_bias' names tokens by their ids, and {token:?} is none.")))?;
            match bias.as_f64() {
                Some(bias) if bias.abs() <= MOST => Ok((id, bias as f32)),
                Some(bias) => {
                    Err(wrong(format!("'logit_bias' of token {id} must be from -{MOST} to {MOST}, but is {bias}.")))
                }
                None => Err(field::wrong_type(&format!("logit_bias.{id}"), "a number", bias)),
            }
        })
        .collect()
}

pub(crate) fn stop(fields: &Fields) -> Result<Vec<String>, Refusal> {
    let texts: Vec<&Value> = match field::get(fields, "stop") {
        None => Vec::new(),
        Some(Value::Array(texts)) => texts.iter().collect(),
        Some(text) => vec![text],
    };
    if texts.len() > MOST_STOPS {
        let message = format!("'stop' may hold {MOST_STOPS} texts, but holds {}.", texts.len());
        return Err(Refusal::of("stop", "array_above_max_length", message));
    }
    texts
        .into_iter()
        .map(|value| match value.as_str() {
            Some("") => Err(Refusal::of("stop", "invalid_value", "'stop' holds an empty text. Leave that out.")),
            Some(text) => Ok(text.into()),
            None => Err(field::wrong_type("stop", "a text or a list of texts", value)),
        })
        .collect()
}

/// The most tokens to generate, under the name that the interface has for it.
pub(crate) fn most_tokens(fields: &Fields, name: &str) -> Result<Option<u32>, Refusal> {
    Ok(field::integer(fields, name, 1..=u32::MAX.into())?.map(|most| most as u32))
}
