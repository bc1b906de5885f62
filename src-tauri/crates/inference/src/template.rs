//! A conversation as the text that the model was trained on, by the template in its own file.
//!
//! Tools are shown as the template shows them where it writes calls in the form that [`crate::tools`] reads; any other
//! model is told of them, and of the form, in its system message.

mod python;
mod tooling;

#[cfg(test)]
mod tests;

use minijinja::value::Serde;
use minijinja::{Environment, ErrorKind, Value, context};
use serde_json::{Value as Json, json};

use crate::fault::FileError;
use crate::generator::{Error, Message, Role, Tool};
use crate::gguf::ModelFile;

const NAME: &str = "chat";

/// A model's chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
    /// A model that was only trained to go on with text has no template.
    exists: bool,
    /// The texts of the tokens that begin and end a document.
    marks: (String, String),
    /// Whether the template itself shows tools, and writes calls as they are read here.
    shows_tools: bool,
    /// Whether it takes a system message.
    takes_system: bool,
}

impl ChatTemplate {
    pub fn from_gguf(file: &ModelFile) -> Result<Self, FileError> {
        let source = file.text("tokenizer.chat_template").ok();
        let mark = |key: &str| {
            let id = file.number(key).ok()?;
            file.list("tokenizer.ggml.tokens").ok()?.get(id)?.to_string().ok().cloned()
        };
        let mark = |name: &str| mark(&format!("tokenizer.ggml.{name}_token_id")).unwrap_or_default();
        Self::new(source, (mark("bos"), mark("eos")))
            .map_err(|error| file.unsupported(format!("its chat template is wrong: {error}")))
    }

    fn new(source: Option<&str>, marks: (String, String)) -> Result<Self, minijinja::Error> {
        let mut environment = python::environment()?;
        let exists = source.is_some();
        let source = source.unwrap_or_default();
        environment.add_template_owned(NAME, source.to_owned())?;
        let shows_tools = source.contains("tools") && source.contains(crate::tools::OPEN);
        let mut template = Self { environment, exists, marks, shows_tools, takes_system: true };
        let probe = [Message::new(Role::System, "a"), Message::new(Role::User, "b")];
        template.takes_system = template.fill(&probe.iter().map(plain).collect::<Vec<_>>(), None).is_ok();
        Ok(template)
    }

    pub(crate) fn exists(&self) -> bool {
        self.exists
    }

    /// The prompt for `messages`, up to where the assistant begins to speak. The model may call `tools`.
    pub fn render(&self, messages: &[Message], tools: &[Tool]) -> Result<String, Error> {
        if !self.exists {
            let message = "the model's file has no chat template: it goes on with plain text only".into();
            return Err(Error::Invalid { part: "the conversation", message });
        }
        let called = || messages.iter().any(|message| message.role == Role::Tool || !message.tool_calls.is_empty());
        let mut tools = tools;
        let messages: Vec<Json> = match (self.shows_tools, tools.is_empty() && !called()) {
            (_, true) => messages.iter().map(plain).collect(),
            (true, false) => tooling::as_templates_expect(messages),
            (false, false) => tooling::as_text(messages, std::mem::take(&mut tools)),
        };
        let tools: Option<Vec<Json>> = (!tools.is_empty()).then(|| tools.iter().map(tooling::described).collect());
        let fill = |messages: &[Json]| self.fill(messages, tools.as_deref());
        let filled = fill(&messages).or_else(|refused| {
            // Some templates take no two messages of one role in a row.
            let together = joined(&messages);
            if together.len() < messages.len() { fill(&together) } else { Err(refused) }
        });
        filled.map_err(|error| {
            let said = match (error.kind(), error.detail()) {
                (ErrorKind::OutOfFuel, _) => "it does not come to an end".into(),
                (_, Some(detail)) => detail.to_owned(),
                (_, None) => error.to_string(),
            };
            let message = format!("the model's chat template refuses it: {said}");
            Error::Invalid { part: "the conversation", message }
        })
    }

    fn fill(&self, messages: &[Json], tools: Option<&[Json]>) -> Result<String, minijinja::Error> {
        let folded = (!self.takes_system).then(|| system_folded(messages.to_vec()));
        let messages = folded.as_deref().unwrap_or(messages);
        self.environment.get_template(NAME)?.render(context! {
            messages => Value::from(Serde(messages)),
            tools => tools.map(|tools| Value::from(Serde(tools))),
            add_generation_prompt => true,
            bos_token => self.marks.0.as_str(),
            eos_token => self.marks.1.as_str(),
        })
    }
}

/// A message without tools.
fn plain(message: &Message) -> Json {
    json!({ "role": message.role.name(), "content": message.content })
}

fn text(message: &Json) -> &str {
    message["content"].as_str().unwrap_or_default()
}

/// Puts the system's text before the user's first: some templates refuse a system message.
fn system_folded(mut messages: Vec<Json>) -> Vec<Json> {
    if messages.first().is_none_or(|first| first["role"] != "system") {
        return messages;
    }
    let system = messages.remove(0);
    match messages.first_mut().filter(|message| message["role"] == "user") {
        Some(user) => user["content"] = format!("{}\n\n{}", text(&system), text(user)).into(),
        None => messages.insert(0, json!({ "role": "user", "content": text(&system) })),
    }
    messages
}

/// Messages of one role in a row, as one. Each result of a tool stays one, and so does what comes after a call.
fn joined(messages: &[Json]) -> Vec<Json> {
    let mut joined: Vec<Json> = Vec::new();
    for message in messages {
        let mut message = message.clone();
        let alike = |before: &&mut Json| before["role"] == message["role"] && before.get("tool_calls").is_none();
        match joined.last_mut().filter(alike).filter(|before| before["role"] != "tool") {
            Some(before) => {
                let texts = [text(before), text(&message)].into_iter().filter(|text| !text.is_empty());
                let together = texts.collect::<Vec<_>>().join("\n\n");
                message["content"] = together.into();
                *before = message;
            }
            None => joined.push(message),
        }
    }
    joined
}
