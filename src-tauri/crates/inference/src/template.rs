//! A conversation as the text that the model was trained on, by the template in its own file.

use minijinja::syntax::SyntaxConfig;
use minijinja::{Environment, Value, context};

use crate::fault::FileError;
use crate::generator::{Error, Message};
use crate::gguf::ModelFile;

const NAME: &str = "chat";

/// A model's chat template.
#[derive(Debug)]
pub struct ChatTemplate {
    environment: Environment<'static>,
}

impl ChatTemplate {
    pub fn from_gguf(file: &ModelFile) -> Result<Self, FileError> {
        let source = file.text("tokenizer.chat_template")?;
        let wrong = |error: minijinja::Error| file.unsupported(format!("its chat template is wrong: {error}"));
        let mut environment = Environment::new();
        // As the templates' authors run them: Python's Jinja with these two settings, and Python's string methods.
        let syntax = SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build();
        environment.set_syntax(syntax.map_err(wrong)?);
        environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
        environment.add_template_owned(NAME, source.to_owned()).map_err(wrong)?;
        Ok(Self { environment })
    }

    /// The prompt for `messages`, up to where the assistant begins to speak.
    pub fn render(&self, messages: &[Message]) -> Result<String, Error> {
        let template = self.environment.get_template(NAME);
        let message = |message: &Message| context! { role => message.role.name(), content => message.content.as_str() };
        let messages: Value = messages.iter().map(message).collect();
        let rendered =
            template.and_then(|template| template.render(context! { messages, add_generation_prompt => true }));
        rendered
            .map_err(|error| Error::Model { message: format!("its chat template refused the conversation: {error}") })
    }
}
