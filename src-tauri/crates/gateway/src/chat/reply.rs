//! Words an answer as OpenAI does: one `chat.completion`, or a stream of `chat.completion.chunk`s as server-sent events.

use inference::{TokenLogprob, ToolCall, Usage};
use jiff::Timestamp;
use serde_json::{Value, json};

use crate::{
    answer::{
        self, Piece,
        event::{DONE, event},
        id, logprobs, usage, word,
    },
    request::choices::Asked,
};

pub(super) struct Reply {
    id: String,
    created: i64,
    model: String,
    include_usage: bool,
    /// Whether probabilities are told.
    logprobs: bool,
    choices: Vec<Choice>,
}

#[derive(Clone, Default)]
struct Choice {
    /// Its stream has begun.
    begun: bool,
    text: String,
    logprobs: Vec<TokenLogprob>,
    calls: Vec<ToolCall>,
    finish: &'static str,
}

impl Reply {
    pub fn new(model: String, include_usage: bool, asked: &Asked) -> Self {
        Self {
            id: id("chatcmpl-"),
            created: Timestamp::now().as_second(),
            model,
            include_usage,
            logprobs: asked.request.logprobs.is_some(),
            choices: vec![Choice::default(); asked.answers()],
        }
    }

    /// The first chunk of a choice says who speaks.
    fn begin(&mut self, choice: usize, content: &Value) -> String {
        if std::mem::replace(&mut self.choices[choice].begun, true) {
            return String::new();
        }
        self.delta(choice, &json!({"role": "assistant", "content": content, "refusal": null}), &Value::Null, None)
    }

    fn delta(&self, choice: usize, delta: &Value, logprobs: &Value, finish: Option<&str>) -> String {
        let choices = json!([{"index": choice, "delta": delta, "logprobs": logprobs, "finish_reason": finish}]);
        self.chunk(&choices, &Value::Null)
    }

    fn chunk(&self, choices: &Value, usage: &Value) -> String {
        let mut chunk = json!({
            "id": self.id,
            "object": "chat.completion.chunk",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        });
        if self.include_usage {
            chunk["usage"] = usage.clone();
        }
        event(&chunk)
    }

    fn told(&self, logprobs: &[TokenLogprob]) -> Value {
        if self.logprobs { json!({"content": logprobs::content(logprobs), "refusal": null}) } else { Value::Null }
    }

    fn choice(&self, index: usize, choice: &Choice) -> Value {
        let only_calls = choice.text.is_empty() && !choice.calls.is_empty();
        let content = if only_calls { Value::Null } else { choice.text.as_str().into() };
        let mut message = json!({"role": "assistant", "content": content, "refusal": null, "annotations": []});
        if !choice.calls.is_empty() {
            message["tool_calls"] = choice.calls.iter().map(call).collect();
        }
        let logprobs = self.told(&choice.logprobs);
        json!({"index": index, "message": message, "logprobs": logprobs, "finish_reason": choice.finish})
    }
}

impl answer::Reply for Reply {
    fn events(&mut self, piece: Piece) -> String {
        match piece {
            Piece::Text { choice, text, logprobs } => {
                let logprobs = self.told(&logprobs);
                self.begin(choice, &"".into()) + &self.delta(choice, &json!({"content": text}), &logprobs, None)
            }
            Piece::Call { choice, index, name, arguments } => {
                let call = match name {
                    Some(name) => json!({
                        "index": index,
                        "id": id("call_"),
                        "type": "function",
                        "function": {"name": name, "arguments": arguments},
                    }),
                    None => json!({"index": index, "function": {"arguments": arguments}}),
                };
                let delta = json!({"tool_calls": [call]});
                self.begin(choice, &Value::Null) + &self.delta(choice, &delta, &Value::Null, None)
            }
            Piece::End { choice, finish } => {
                self.begin(choice, &"".into()) + &self.delta(choice, &json!({}), &Value::Null, Some(word(finish)))
            }
            Piece::Total(total) if self.include_usage => self.chunk(&json!([]), &usage::of_completion(total)) + DONE,
            Piece::Total(_) => DONE.into(),
            Piece::Failed(refusal) => event(&refusal.body()),
        }
    }

    fn keep(&mut self, piece: Piece) {
        match piece {
            Piece::Text { choice, text, logprobs } => {
                self.choices[choice].text += &text;
                self.choices[choice].logprobs.extend(logprobs);
            }
            Piece::Call { choice, name, arguments, .. } => {
                let calls = &mut self.choices[choice].calls;
                match (name, calls.last_mut()) {
                    (Some(name), _) => calls.push(ToolCall { id: id("call_"), name, arguments }),
                    (None, Some(call)) => call.arguments += &arguments,
                    (None, None) => {}
                }
            }
            Piece::End { choice, finish } => self.choices[choice].finish = word(finish),
            Piece::Total(_) | Piece::Failed(_) => {}
        }
    }

    fn whole(self, total: Usage) -> Value {
        let choices: Vec<_> =
            self.choices.iter().enumerate().map(|(index, choice)| self.choice(index, choice)).collect();
        json!({
            "id": self.id,
            "object": "chat.completion",
            "created": self.created,
            "model": self.model,
            "choices": choices,
            "usage": usage::of_completion(total),
        })
    }
}

fn call(call: &ToolCall) -> Value {
    let function = json!({"name": call.name, "arguments": call.arguments});
    json!({"id": call.id, "type": "function", "function": function})
}
