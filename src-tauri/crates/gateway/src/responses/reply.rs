//! Words a response: the object with all that was asked, and the typed, numbered events of its stream.

use inference::{Finish, Usage};
use jiff::Timestamp;
use serde_json::{Value, json};

use super::output::Output;
use crate::{
    answer::{self, Piece, event::named, id, usage},
    refusal::Refusal,
    request::{
        choices::Asked,
        field::{self, Fields},
    },
};

pub(super) struct Reply {
    /// The object as it stands before the first token.
    response: Value,
    output: Output,
    is_incomplete: bool,
    /// Events told so far.
    told: usize,
}

impl Reply {
    pub fn new(model: &str, fields: &Fields, asked: &Asked) -> Self {
        let sent = |name: &str, otherwise: Value| field::get(fields, name).cloned().unwrap_or(otherwise);
        let format = field::get(fields, "text").and_then(|text| text.get("format")).filter(|format| !format.is_null());
        let response = json!({
            "id": id("resp_"),
            "object": "response",
            "created_at": Timestamp::now().as_second(),
            "status": "in_progress",
            "background": false,
            "error": null,
            "incomplete_details": null,
            "instructions": sent("instructions", Value::Null),
            "max_output_tokens": asked.request.max_tokens,
            "max_tool_calls": sent("max_tool_calls", Value::Null),
            "metadata": sent("metadata", json!({})),
            "model": model,
            "output": [],
            "parallel_tool_calls": !asked.one_call,
            "previous_response_id": null,
            "reasoning": {"effort": null, "summary": null},
            "service_tier": "default",
            "store": false,
            "temperature": sent("temperature", json!(1.0)),
            "text": {"format": format.cloned().unwrap_or_else(|| json!({"type": "text"}))},
            "tool_choice": sent("tool_choice", json!("auto")),
            "tools": sent("tools", json!([])),
            "top_logprobs": asked.request.logprobs.unwrap_or_default(),
            "top_p": sent("top_p", json!(1.0)),
            "truncation": "disabled",
            "usage": null,
            "user": sent("user", Value::Null),
        });
        let output = Output::new(asked.request.logprobs.is_some());
        Self { response, output, is_incomplete: false, told: 0 }
    }

    /// Numbers an event and writes it.
    fn tell(&mut self, kind: &str, mut value: Value) -> String {
        value["type"] = kind.into();
        value["sequence_number"] = self.told.into();
        self.told += 1;
        named(kind, &value)
    }

    fn tell_response(&mut self, kind: &str) -> String {
        self.tell(kind, json!({"response": self.response}))
    }

    fn begin(&mut self) -> String {
        if self.told > 0 {
            return String::new();
        }
        self.tell_response("response.created") + &self.tell_response("response.in_progress")
    }

    fn note(&mut self, piece: &Piece) {
        if let Piece::End { finish, .. } = piece {
            self.is_incomplete = *finish == Finish::Length;
        }
    }

    fn end(&mut self, total: Usage) {
        self.response["output"] = self.output.items().into();
        self.response["usage"] = usage::of_response(total);
        self.response["completed_at"] = Timestamp::now().as_second().into();
        self.response["status"] = "completed".into();
        if self.is_incomplete {
            self.response["status"] = "incomplete".into();
            self.response["incomplete_details"] = json!({"reason": "max_output_tokens"});
        }
    }

    fn fail(&mut self, refusal: &Refusal) {
        let code = if refusal.status.as_u16() == 429 { "rate_limit_exceeded" } else { "server_error" };
        self.response["output"] = self.output.items().into();
        self.response["status"] = "failed".into();
        self.response["error"] = json!({"code": code, "message": refusal.body()["error"]["message"]});
    }
}

impl answer::Reply for Reply {
    fn events(&mut self, piece: Piece) -> String {
        let begin = self.begin();
        match piece {
            Piece::Total(total) => {
                self.end(total);
                let kind = if self.is_incomplete { "response.incomplete" } else { "response.completed" };
                begin + &self.tell_response(kind)
            }
            Piece::Failed(refusal) => {
                self.fail(&refusal);
                begin + &self.tell_response("response.failed")
            }
            piece => {
                self.note(&piece);
                let events = self.output.take(piece);
                events.into_iter().fold(begin, |told, (kind, value)| told + &self.tell(kind, value))
            }
        }
    }

    fn keep(&mut self, piece: Piece) {
        self.note(&piece);
        self.output.take(piece);
    }

    fn whole(mut self, total: Usage) -> Value {
        self.end(total);
        self.response
    }
}
