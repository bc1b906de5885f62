//! Builds the items of an answer piece by piece: messages of text, and calls of functions. Each change is also told as
//! the events of a stream, so that a stream and a whole answer can never differ.

use inference::{Finish, TokenLogprob};
use serde_json::{Value, json};

use crate::answer::{Piece, id, logprobs};

/// The items so far; the last one may be open.
#[derive(Debug)]
pub(super) struct Output {
    items: Vec<Item>,
    /// Whether probabilities are told.
    logprobs: bool,
}

#[derive(Debug)]
struct Item {
    id: String,
    status: &'static str,
    content: Content,
}

#[derive(Debug)]
enum Content {
    Text { text: String, logprobs: Vec<TokenLogprob> },
    Call { call: String, name: String, arguments: String },
}

/// An event without its number.
pub(super) type Event = (&'static str, Value);

impl Output {
    pub fn new(logprobs: bool) -> Self {
        Self { items: Vec::new(), logprobs }
    }

    pub fn items(&self) -> Vec<Value> {
        self.items.iter().map(|item| self.worded(item)).collect()
    }

    /// Takes in one piece, and gives the events that tell it.
    pub fn take(&mut self, piece: Piece) -> Vec<Event> {
        match piece {
            Piece::Text { text, logprobs, .. } => self.text(&text, logprobs),
            Piece::Call { name, arguments, .. } => self.call(name, &arguments),
            Piece::End { finish, .. } => {
                // An answer that says nothing is still a message.
                let mut events = if self.items.is_empty() { self.text("", Vec::new()) } else { Vec::new() };
                events.extend(self.close(if finish == Finish::Length { "incomplete" } else { "completed" }));
                events
            }
            Piece::Total(_) | Piece::Failed(_) => Vec::new(),
        }
    }

    fn text(&mut self, more: &str, told: Vec<TokenLogprob>) -> Vec<Event> {
        let is_open = |item: &Item| item.is_open() && matches!(item.content, Content::Text { .. });
        let mut events = Vec::new();
        if !self.items.last().is_some_and(is_open) {
            events.extend(self.close("completed"));
            let content = Content::Text { text: String::new(), logprobs: Vec::new() };
            events.extend(self.open("msg_", content));
            let part = self.part("", &[]);
            events.push(self.event("response.content_part.added", &json!({"content_index": 0, "part": part})));
        }
        if more.is_empty() && told.is_empty() {
            return events;
        }
        let delta = json!({"content_index": 0, "delta": more, "logprobs": self.told(&told)});
        events.push(self.event("response.output_text.delta", &delta));
        if let Some(Item { content: Content::Text { text, logprobs }, .. }) = self.items.last_mut() {
            *text += more;
            logprobs.extend(told);
        }
        events
    }

    fn call(&mut self, name: Option<String>, more: &str) -> Vec<Event> {
        let mut events = Vec::new();
        if let Some(name) = name {
            events.extend(self.close("completed"));
            let content = Content::Call { call: id("call_"), name, arguments: String::new() };
            events.extend(self.open("fc_", content));
        }
        if !more.is_empty() {
            events.push(self.event("response.function_call_arguments.delta", &json!({"delta": more})));
            if let Some(Item { content: Content::Call { arguments, .. }, .. }) = self.items.last_mut() {
                *arguments += more;
            }
        }
        events
    }

    fn open(&mut self, prefix: &str, content: Content) -> Option<Event> {
        self.items.push(Item { id: id(prefix), status: "in_progress", content });
        self.items.last().map(|item| self.of_item("response.output_item.added", item))
    }

    /// Ends the open item, if there is one.
    fn close(&mut self, status: &'static str) -> Vec<Event> {
        let Some(item) = self.items.last_mut().filter(|item| item.is_open()) else { return Vec::new() };
        item.status = status;
        let Some(item) = self.items.last() else { return Vec::new() };
        let mut events = match &item.content {
            Content::Text { text, logprobs } => vec![
                self.event(
                    "response.output_text.done",
                    &json!({"content_index": 0, "text": text, "logprobs": self.told(logprobs)}),
                ),
                self.event(
                    "response.content_part.done",
                    &json!({"content_index": 0, "part": self.part(text, logprobs)}),
                ),
            ],
            Content::Call { name, arguments, .. } => vec![
                self.event("response.function_call_arguments.done", &json!({"name": name, "arguments": arguments})),
            ],
        };
        events.push(self.of_item("response.output_item.done", item));
        events
    }

    /// An event of the last item: `more` and which item it is.
    fn event(&self, kind: &'static str, more: &Value) -> Event {
        let mut value = json!({
            "item_id": self.items.last().map(|item| item.id.as_str()),
            "output_index": self.items.len().saturating_sub(1),
        });
        if let (Some(value), Some(more)) = (value.as_object_mut(), more.as_object()) {
            value.extend(more.clone());
        }
        (kind, value)
    }

    fn of_item(&self, kind: &'static str, item: &Item) -> Event {
        (kind, json!({"output_index": self.items.len().saturating_sub(1), "item": self.worded(item)}))
    }

    fn worded(&self, item: &Item) -> Value {
        match &item.content {
            Content::Text { text, logprobs } => {
                // A message that has just been opened has no part yet.
                let is_new = item.is_open() && text.is_empty();
                let content = if is_new { json!([]) } else { json!([self.part(text, logprobs)]) };
                json!({
                    "id": item.id,
                    "type": "message",
                    "status": item.status,
                    "role": "assistant",
                    "content": content,
                })
            }
            Content::Call { call, name, arguments } => json!({
                "id": item.id,
                "type": "function_call",
                "status": item.status,
                "call_id": call,
                "name": name,
                "arguments": arguments,
            }),
        }
    }

    fn part(&self, text: &str, logprobs: &[TokenLogprob]) -> Value {
        json!({"type": "output_text", "text": text, "annotations": [], "logprobs": self.told(logprobs)})
    }

    fn told(&self, logprobs: &[TokenLogprob]) -> Vec<Value> {
        if self.logprobs { logprobs::content(logprobs) } else { Vec::new() }
    }
}

impl Item {
    fn is_open(&self) -> bool {
        self.status == "in_progress"
    }
}
