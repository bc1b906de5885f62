//! Words an answer as a `text_completion`, whole or in chunks of the same form.

use inference::{Prompt, TokenLogprob, Usage};
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

#[derive(Default)]
struct Choice {
    /// What its text begins with before the model says anything.
    echo: Option<String>,
    text: String,
    logprobs: Vec<TokenLogprob>,
    /// Characters that were told with their probabilities.
    told: usize,
    finish: &'static str,
}

impl Reply {
    pub fn new(model: String, include_usage: bool, echo: bool, asked: &Asked) -> Self {
        let choice = |answer: usize| Choice {
            echo: match &asked.prompts[answer / asked.choices] {
                Prompt::Text(text) if echo => Some(text.clone()),
                _ => None,
            },
            ..Choice::default()
        };
        Self {
            id: id("cmpl-"),
            created: Timestamp::now().as_second(),
            model,
            include_usage,
            logprobs: asked.request.logprobs.is_some(),
            choices: (0..asked.answers()).map(choice).collect(),
        }
    }

    fn object(&self, choices: &Value) -> Value {
        json!({
            "id": self.id,
            "object": "text_completion",
            "created": self.created,
            "model": self.model,
            "choices": choices,
        })
    }

    fn chunk(&self, choices: &Value, usage: &Value) -> String {
        let mut chunk = self.object(choices);
        if self.include_usage {
            chunk["usage"] = usage.clone();
        }
        event(&chunk)
    }

    fn said(&self, choice: usize, text: &str, logprobs: &Value, finish: Option<&str>) -> String {
        let choices = json!([{"text": text, "index": choice, "logprobs": logprobs, "finish_reason": finish}]);
        self.chunk(&choices, &Value::Null)
    }

    fn echoed(&mut self, choice: usize) -> String {
        self.choices[choice].echo.take().unwrap_or_default()
    }
}

impl answer::Reply for Reply {
    fn events(&mut self, piece: Piece) -> String {
        match piece {
            Piece::Text { choice, text, logprobs } => {
                let told = match self.logprobs {
                    true => logprobs::legacy(&logprobs, self.choices[choice].told),
                    false => Value::Null,
                };
                self.choices[choice].told += text.chars().count();
                let text = self.echoed(choice) + &text;
                self.said(choice, &text, &told, None)
            }
            Piece::End { choice, finish } => {
                let text = self.echoed(choice);
                self.said(choice, &text, &Value::Null, Some(word(finish)))
            }
            Piece::Total(total) if self.include_usage => self.chunk(&json!([]), &usage::of_completion(total)) + DONE,
            Piece::Total(_) => DONE.into(),
            Piece::Failed(refusal) => event(&refusal.body()),
            // No tools are offered to the model.
            Piece::Call { .. } => String::new(),
        }
    }

    fn keep(&mut self, piece: Piece) {
        match piece {
            Piece::Text { choice, text, logprobs } => {
                self.choices[choice].text += &text;
                self.choices[choice].logprobs.extend(logprobs);
            }
            Piece::End { choice, finish } => self.choices[choice].finish = word(finish),
            Piece::Call { .. } | Piece::Total(_) | Piece::Failed(_) => {}
        }
    }

    fn whole(mut self, total: Usage) -> Value {
        let choice = |(index, choice): (usize, &mut Choice)| {
            let logprobs = if self.logprobs { logprobs::legacy(&choice.logprobs, 0) } else { Value::Null };
            let text = choice.echo.take().unwrap_or_default() + &choice.text;
            json!({"text": text, "index": index, "logprobs": logprobs, "finish_reason": choice.finish})
        };
        let choices = self.choices.iter_mut().enumerate().map(choice).collect();
        let mut whole = self.object(&choices);
        whole["usage"] = usage::of_completion(total);
        whole
    }
}
