//! The playground: one conversation with the local model, streamed as a task while it is computed.

use std::{
    mem::take,
    sync::Arc,
    time::{Duration, Instant},
};

use inference::{Event as Said, Finish, Generator, Message, Prompt, Request, Role, Sampling};

use crate::{
    Event, Events, Problem, TaskId, TaskStep,
    model::LocalModel,
    tasks::{Handle, Tasks},
    view,
};

/// Between two pieces of an answer. Each has the window draw: milliseconds of a core, without a graphics card.
const EVERY: Duration = Duration::from_millis(125);

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
    let (mut first, mut pieces) = (None, Pieces::default());
    let mut said = model.engine.generate(request, handle.cancellation.clone());
    while let Some(event) = said.recv().await {
        match event {
            Said::Token { text, .. } => {
                first.get_or_insert_with(|| asked.elapsed());
                if let Some(text) = pieces.add(&text, Instant::now()) {
                    handle.say(TaskStep::Output { text });
                }
            }
            // No tools are offered to the model.
            Said::ToolCall { .. } => {}
            Said::Failed(error) => {
                pieces.tell_rest(&handle);
                return Err(error.into());
            }
            Said::Done { finish, usage, timings } => {
                pieces.tell_rest(&handle);
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

/// What was said and not told yet.
#[derive(Default)]
struct Pieces {
    waiting: String,
    told: Option<Instant>,
}

impl Pieces {
    /// Takes a token in, and gives what is to be told now: the first at once.
    fn add(&mut self, token: &str, now: Instant) -> Option<String> {
        self.waiting.push_str(token);
        if self.waiting.is_empty() || self.told.is_some_and(|told| now.duration_since(told) < EVERY) {
            return None;
        }
        self.told = Some(now);
        Some(take(&mut self.waiting))
    }

    fn tell_rest(&mut self, handle: &Handle) {
        if !self.waiting.is_empty() {
            handle.say(TaskStep::Output { text: take(&mut self.waiting) });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_first_token_is_told_at_once_and_later_ones_together() {
        let (mut pieces, began) = (Pieces::default(), Instant::now());
        let told: Vec<_> = [(0, ""), (5, "A"), (10, " lab"), (129, " is"), (130, " a"), (200, " place"), (600, ".")]
            .into_iter()
            .filter_map(|(at, token)| pieces.add(token, began + Duration::from_millis(at)))
            .collect();
        assert_eq!(told, ["A", " lab is a", " place."]);
        assert_eq!(pieces.waiting, "");
    }
}
