//! Jinja as Python runs it for chat templates (Hugging Face's `apply_chat_template`): its settings, its string methods, and
//! the functions that it lends.

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_unknown_method_callback(minijinja_contrib::pycompat::unknown_method_callback);
    environment.add_filter("tojson", to_json);
    environment.add_function("raise_exception", |message: String| -> Result<Value, Error> {
        Err(Error::new(ErrorKind::InvalidOperation, message))
    });
    environment.add_function("strftime_now", |format: String| -> Result<String, Error> {
        let wrong = |error: jiff::Error| Error::new(ErrorKind::InvalidOperation, error.to_string());
        jiff::fmt::strtime::format(format, jiff::Timestamp::now()).map_err(wrong)
    });
    Ok(environment)
}

/// JSON with spaces where Python's `json.dumps` puts them, and no letter escaped that need not be.
fn to_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let mut json = Vec::new();
    let written = match options.get::<Option<usize>>("indent")? {
        Some(width) => {
            let indent = " ".repeat(width);
            value.serialize(&mut Serializer::with_formatter(&mut json, PrettyFormatter::with_indent(indent.as_bytes())))
        }
        None => value.serialize(&mut Serializer::with_formatter(&mut json, Spaced)),
    };
    written.map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    String::from_utf8(json).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// `{"a": [1, 2]}`
pub(super) struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: std::io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: std::io::Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: std::io::Write + ?Sized>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}
