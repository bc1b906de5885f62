//! Chat completions: [`parameters`] reads what is asked, [`conversation`] the messages, [`reply`] words the answer.

mod conversation;
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

pub(crate) struct Chat;

impl Interface for Chat {
    async fn answer(question: Question) -> Result<Response, Refusal> {
        let fields = &question.fields;
        choices::check_model(fields, question.is_in_the_path())?;
        let asked = parameters::read(fields)?;
        let include_usage = streaming::include_usage(fields, &["include_usage", "include_obfuscation"])?;
        let model = question.generator()?;
        let reply = Reply::new(model.describe().id, include_usage, &asked);
        let schema = if asked.request.constraint.is_some() { "response_format" } else { "tools" };
        answer(question, model, asked, Parts { prompt: "messages", schema }, reply).await
    }
}
