//! The playground: one conversation with the local model, streamed token by token as a task.

use std::{sync::Arc, time::Instant};

use inference::{Event as Said, Finish, Generator, Message, Prompt, Request, Role, Sampling};

use crate::{
    Event, Events, Problem, TaskId, TaskStep,
    model::LocalModel,
    tasks::{Handle, Tasks},
    view,
};

pub fn start(
    tasks: &Arc<Tasks>,
    events: &Events,
    model: Arc<LocalModel>,
    messages: Vec<view::Message>,
    options: &view::ChatOptions,
) -> Result<TaskId, Problem> {
    let request = Request {
        max_tokens: Some(options.max_tokens),
        sampling: Sampling {
            temperature: options.temperature,
            top_p: options.top_p,
            seed: options.seed.map(u64::from),
            ..Sampling::default()
        },
        ..Request::greedy(Prompt::chat(messages.into_iter().map(message).collect::<Result<_, _>>()?))
    };
    let events = events.clone();
    Ok(tasks.start("Asking the model", |handle| answer(handle, events, model, request)))
}

fn message(message: view::Message) -> Result<Message, Problem> {
    let role = match message.role.as_str() {
        "system" => Role::System,
        "user" => Role::User,
        "assistant" => Role::Assistant,
        other => {
            let text = format!("A message has the role {other:?}.");
            return Err(Problem::new("chat.role", text, "Use system, user or assistant."));
        }
    };
    Ok(Message::new(role, message.content))
}

async fn answer(handle: Handle, events: Events, model: Arc<LocalModel>, request: Request) -> Result<(), Problem> {
    let asked = Instant::now();
    let mut first = None;
    let mut said = model.engine.generate(request, handle.cancellation.clone());
    while let Some(event) = said.recv().await {
        match event {
            Said::Token { text, .. } => {
                first.get_or_insert_with(|| asked.elapsed());
                handle.say(TaskStep::Output { text });
            }
            // No tools are offered to the model.
            Said::ToolCall { .. } => {}
            Said::Failed(error) => return Err(error.into()),
            Said::Done { finish, usage, timings } => {
                let after_first = f64::from(usage.completion_tokens.saturating_sub(1));
                let decode = timings.decode.as_secs_f64();
                let generation = view::Generation {
                    prompt_tokens: usage.prompt_tokens,
                    completion_tokens: usage.completion_tokens,
                    context: model.manifest.context,
                    first_token_ms: first.unwrap_or_default().as_secs_f64() * 1e3,
                    tokens_per_second: if decode > 0.0 { after_first / decode } else { 0.0 },
                    finish_reason: match finish {
                        Finish::Stop => "stop",
                        Finish::ToolCalls => "tool_calls",
                        Finish::Length => "length",
                        Finish::Cancelled => "cancelled",
                    }
                    .into(),
                };
                events.send(Event::Generated { task: handle.id, generation });
                return if finish == Finish::Cancelled { Err(Problem::cancelled()) } else { Ok(()) };
            }
        }
    }
    Err(Problem::broken("The model stopped without a last word."))
}
