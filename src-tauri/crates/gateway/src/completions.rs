//! Text completions, the older interface: prompts as they stand, with no conversation.

mod parameters;
mod reply;

use axum::response::Response;

use crate::{
    answer::answer,
    dialect::Interface,
    question::Question,
    refusal::{Parts, Refusal},
    request::{choices, streaming},
};
use reply::Reply;

pub(crate) struct Completions;

impl Interface for Completions {
    async fn answer(question: Question) -> Result<Response, Refusal> {
        let fields = &question.fields;
        choices::check_model(fields, question.is_in_the_path())?;
        let (asked, echo) = parameters::read(fields)?;
        let include_usage = streaming::include_usage(fields, &["include_usage", "include_obfuscation"])?;
        let model = question.generator()?;
        let reply = Reply::new(model.describe().id, include_usage, echo, &asked);
        answer(question, model, asked, Parts { prompt: "prompt", schema: "response_format" }, reply).await
    }
}
