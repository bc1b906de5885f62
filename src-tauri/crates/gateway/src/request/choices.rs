//! What one request asks of a model: prompts, and so many answers to each.

use inference::{Prompt, Request};
use serde_json::Value;

use super::field::{self, Fields};
use crate::refusal::Refusal;

/// More answers than this to one prompt are refused.
const MOST_CHOICES: i64 = 16;

/// Everything that the model is asked for one call.
pub(crate) struct Asked {
    /// Answers are numbered through: those of the first prompt, then those of the second.
    pub prompts: Vec<Prompt>,
    /// How many answers to each prompt.
    pub choices: usize,
    /// What to ask of each prompt; its own is put in the place of the one here.
    pub request: Request,
    /// No answer calls more than one tool.
    pub one_call: bool,
}

impl Asked {
    /// The request of one answer. With a seed, each answer to a prompt has its own: equal seeds would give equal texts.
    pub fn request(&self, answer: usize) -> Request {
        let mut request = self.request.clone();
        request.prompt = self.prompts[answer / self.choices].clone();
        let choice = (answer % self.choices) as u64;
        request.sampling.seed = request.sampling.seed.map(|seed| seed.wrapping_add(choice));
        request
    }

    pub fn answers(&self) -> usize {
        self.prompts.len() * self.choices
    }
}

/// `n`
pub(crate) fn choices(fields: &Fields) -> Result<usize, Refusal> {
    Ok(field::integer(fields, "n", 1..=MOST_CHOICES)?.map_or(1, |n| n as usize))
}

/// The model's name, which Azure keeps in the path.
pub(crate) fn check_model(fields: &Fields, in_the_path: bool) -> Result<(), Refusal> {
    match field::text(fields, "model")? {
        None if !in_the_path => Err(field::missing("model")),
        _ => Ok(()),
    }
}

/// How many of the likeliest tokens to tell beside each, from 0 to 20; `None` where none are asked for.
pub(crate) fn top_logprobs(fields: &Fields, asked: bool, asked_with: &str) -> Result<Option<u32>, Refusal> {
    const MOST: i64 = 20;
    match (field::integer(fields, "top_logprobs", 0..=MOST)?, asked) {
        (top, true) => Ok(Some(top.unwrap_or_default() as u32)),
        (None | Some(0), false) => Ok(None),
        (Some(_), false) => {
            let message = format!("'top_logprobs' goes with {asked_with} only.");
            Err(Refusal::of("top_logprobs", "invalid_parameter_combination", message))
        }
    }
}

/// Ids of tokens, from a list at `place`.
pub(crate) fn tokens(values: &[Value], place: &str) -> Result<Vec<u32>, Refusal> {
    let id = |(index, value): (usize, &Value)| {
        let id = value.as_u64().and_then(|id| u32::try_from(id).ok());
        id.ok_or_else(|| {
            let message = format!("'{place}[{index}]' must be the id of a token.");
            Refusal::of(format!("{place}[{index}]"), "invalid_type", message)
        })
    };
    values.iter().enumerate().map(id).collect()
}
