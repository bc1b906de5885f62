//! Reads what is to be embedded, and how the vectors are to be written.

use inference::Input;

use crate::{
    refusal::Refusal,
    request::{
        field::{self, Fields},
        parameter::{LABELS, refuse_others},
        prompts::{self, Piece},
    },
};

/// As in OpenAI's interface.
const MOST_INPUTS: usize = 2048;

const READ: &[&str] = &["model", "input", "encoding_format", "dimensions", "token_ids"];

pub(super) struct Parameters {
    pub inputs: Vec<Input>,
    pub encoding: Encoding,
    pub dimensions: Option<u32>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(super) enum Encoding {
    Float,
    Base64,
}

impl Parameters {
    pub fn read(fields: &Fields) -> Result<Self, Refusal> {
        refuse_others(fields, &[READ], &[LABELS])?;
        let input = field::get(fields, "input").ok_or_else(|| field::missing("input"))?;
        let own_ids = own_ids(fields)?;
        let inputs = prompts::read(input, "input", MOST_INPUTS)?.into_iter().map(|piece| match piece {
            Piece::Text(text) => Ok(Input::Text(text)),
            Piece::Tokens(tokens) if own_ids => Ok(Input::Tokens(tokens)),
            Piece::Tokens(_) => Err(foreign_ids()),
        });
        Ok(Self {
            inputs: inputs.collect::<Result<_, _>>()?,
            encoding: encoding(fields)?,
            dimensions: field::integer(fields, "dimensions", 1..=u32::MAX.into())?.map(|count| count as u32),
        })
    }
}

/// `"token_ids": "own"` says that ids in the input are the model's own.
fn own_ids(fields: &Fields) -> Result<bool, Refusal> {
    match field::text(fields, "token_ids")? {
        None => Ok(false),
        Some("own") => Ok(true),
        Some(other) => {
            let message = format!("'token_ids' can only be \"own\", but is {other:?}.");
            Err(Refusal::of("token_ids", "invalid_value", message))
        }
    }
}

/// The ids of one tokenizer are other words in another, so a guess would give vectors that look right and are not.
fn foreign_ids() -> Refusal {
    let message = "'input' holds ids of tokens, and they are seldom this model's own. Send texts: in LangChain, \
                   OpenAIEmbeddings(check_embedding_ctx_length=False). If the ids are this model's own, send \
                   \"token_ids\": \"own\" beside them.";
    Refusal::of("input", "unsupported_value", message)
}

fn encoding(fields: &Fields) -> Result<Encoding, Refusal> {
    match field::text(fields, "encoding_format")? {
        None | Some("float") => Ok(Encoding::Float),
        Some("base64") => Ok(Encoding::Base64),
        Some(other) => {
            let message = format!("'encoding_format' must be float or base64, but is {other:?}.");
            Err(Refusal::of("encoding_format", "invalid_value", message))
        }
    }
}
