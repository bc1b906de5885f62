//! Reads what a text completion asks for.

use inference::{Prompt, Request};

use crate::{
    refusal::Refusal,
    request::{
        choices::{self, Asked},
        constraint,
        field::{self, Fields},
        parameter::{Inert, LABELS, never, refuse_others},
        prompts::{self, Piece},
        sampling, streaming,
    },
};

/// The parameters that change the answer, beside those that other interfaces have too.
const READ: &[&str] = &["model", "prompt", "n", "best_of", "max_tokens", "echo", "logprobs"];

/// Accepted only where they change nothing.
const INERT: &[Inert] =
    &[Inert("suffix", never, "This model writes on from the prompt, and not towards a text that follows.")];

/// More answers than this in one call are refused.
const MOST_ANSWERS: usize = 128;
/// As in OpenAI's interface.
const MOST_LOGPROBS: i64 = 5;
const USUAL_TOKENS: u32 = 16;

/// What is asked, and whether each text begins with its prompt.
pub(super) fn read(fields: &Fields) -> Result<(Asked, bool), Refusal> {
    let shared = [streaming::READ, sampling::BASIC, sampling::FULL, sampling::EXTRAS, constraint::GUIDED];
    refuse_others(fields, &[&[READ], &shared[..]].concat(), &[INERT, LABELS])?;
    let choices = choices::choices(fields)?;
    best_of(fields, choices)?;
    let prompt = field::get(fields, "prompt").ok_or_else(|| field::missing("prompt"))?;
    let prompts: Vec<Prompt> =
        prompts::read(prompt, "prompt", MOST_ANSWERS / choices)?.into_iter().map(to_prompt).collect();
    let logprobs = field::integer(fields, "logprobs", 0..=MOST_LOGPROBS)?.map(|count| count as u32);
    let echo = field::boolean(fields, "echo")?.unwrap_or_default();
    if echo && logprobs.is_some() {
        let message = "'echo' tells no probabilities of the prompt here. Send it or 'logprobs', not both.";
        return Err(Refusal::of("echo", "invalid_parameter_combination", message));
    }
    if echo && prompts.iter().any(|prompt| matches!(prompt, Prompt::Tokens(_))) {
        let message = "'echo' goes with a prompt of text only. Send the prompt as text, or leave 'echo' out.";
        return Err(Refusal::of("echo", "invalid_parameter_combination", message));
    }
    let request = Request {
        max_tokens: Some(sampling::most_tokens(fields, "max_tokens")?.unwrap_or(USUAL_TOKENS)),
        sampling: sampling::sampling(fields)?,
        stop: sampling::stop(fields)?,
        constraint: constraint::constraint(fields, None, "response_format", None)?,
        logprobs,
        ..Request::greedy(Prompt::Tokens(Vec::new()))
    };
    Ok((Asked { prompts, choices, request, one_call: false }, echo))
}

fn to_prompt(piece: Piece) -> Prompt {
    match piece {
        Piece::Text(text) => Prompt::Text(text),
        Piece::Tokens(tokens) => Prompt::Tokens(tokens),
    }
}

/// Answers that are generated and thrown away are not to be had.
fn best_of(fields: &Fields, choices: usize) -> Result<(), Refusal> {
    match field::integer(fields, "best_of", 0..=i64::MAX)? {
        Some(best_of) if best_of != choices as i64 => {
            let message = "'best_of' must be as many as 'n'. Ask for more with 'n', and choose among them yourself.";
            Err(Refusal::of("best_of", "unsupported_parameter", message))
        }
        _ => Ok(()),
    }
}
