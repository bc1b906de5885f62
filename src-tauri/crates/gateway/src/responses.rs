//! Responses, the newer interface: [`parameters`] reads what is asked, [`input`] the items, [`output`] builds the items of
//! the answer and the events that tell of them, [`reply`] words the whole.
//!
//! Nothing is stored: a response cannot be asked for again, nor gone on from by its id.

mod input;
mod output;
mod parameters;
mod reply;

use axum::{http::StatusCode, response::Response};

use crate::{
    answer::answer,
    dialect::Interface,
    question::Question,
    refusal::{Parts, Refusal},
    request::{choices, streaming},
};
use reply::Reply;

pub(crate) struct Responses;

impl Interface for Responses {
    async fn answer(question: Question) -> Result<Response, Refusal> {
        let fields = &question.fields;
        choices::check_model(fields, question.is_in_the_path())?;
        let asked = parameters::read(fields)?;
        streaming::include_usage(fields, &["include_obfuscation"])?;
        let model = question.generator()?;
        let reply = Reply::new(&model.describe().id, fields, &asked);
        let schema = if asked.request.constraint.is_some() { "text.format" } else { "tools" };
        answer(question, model, asked, Parts { prompt: "input", schema }, reply).await
    }
}

/// Of a response by its id.
pub(crate) async fn not_stored() -> Refusal {
    let message = "No response is stored here. Keep what responses.create returned.";
    Refusal::new(StatusCode::NOT_FOUND, "response_not_found", message)
}
