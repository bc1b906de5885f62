//! Jinja as Python runs it for chat templates (Hugging Face's `apply_chat_template`): its settings, its string methods, and
//! the functions that it lends.

use std::io::Write;

use minijinja::syntax::SyntaxConfig;
use minijinja::value::Kwargs;
use minijinja::{Environment, Error, ErrorKind, State, Value};
use serde::Serialize;
use serde_json::ser::{Formatter, PrettyFormatter, Serializer};

/// Steps of one rendering, of which one also pays for 64 bytes of text: far more than a conversation takes.
const FUEL: u64 = 10_000_000;
/// Bytes of a value as JSON, and blanks of its indent.
const LONGEST: usize = 16 << 20;
const WIDEST: usize = 64;

pub(super) fn environment() -> Result<Environment<'static>, Error> {
    let mut environment = Environment::new();
    environment.set_fuel(Some(FUEL));
    environment.set_syntax(SyntaxConfig::builder().trim_blocks(true).lstrip_blocks(true).build()?);
    environment.set_unknown_method_callback(call_method);
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

/// Python's methods. The width that `format` is told costs no fuel.
fn call_method(state: &mut State, value: &Value, method: &str, arguments: &[Value]) -> Result<Value, Error> {
    let is_wide = |text: &str| text.split(|letter: char| !letter.is_ascii_digit()).any(|number| number.len() > 4);
    if method == "format" && value.as_str().is_some_and(is_wide) {
        return Err(Error::new(ErrorKind::InvalidOperation, "a width has four digits at most"));
    }
    minijinja_contrib::pycompat::unknown_method_callback(state, value, method, arguments)
}

/// JSON with spaces where Python's `json.dumps` puts them, and no letter escaped that need not be.
fn to_json(value: &Value, options: Kwargs) -> Result<String, Error> {
    let mut json = Bounded(Vec::new());
    let written = match options.get::<Option<usize>>("indent")? {
        Some(width) if width > WIDEST => {
            return Err(Error::new(ErrorKind::InvalidOperation, format!("an indent has {WIDEST} blanks at most")));
        }
        Some(width) => {
            let indent = " ".repeat(width);
            value.serialize(&mut Serializer::with_formatter(&mut json, PrettyFormatter::with_indent(indent.as_bytes())))
        }
        None => value.serialize(&mut Serializer::with_formatter(&mut json, Spaced)),
    };
    written.map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))?;
    String::from_utf8(json.0).map_err(|error| Error::new(ErrorKind::BadSerialization, error.to_string()))
}

/// Takes [`LONGEST`] bytes: a small value may name a larger one many times.
struct Bounded(Vec<u8>);

impl Write for Bounded {
    fn write(&mut self, bytes: &[u8]) -> std::io::Result<usize> {
        if self.0.len() + bytes.len() > LONGEST {
            return Err(std::io::Error::other("it is too long"));
        }
        self.0.write(bytes)
    }

    fn flush(&mut self) -> std::io::Result<()> {
        Ok(())
    }
}

/// `{"a": [1, 2]}`
pub(super) struct Spaced;

impl Formatter for Spaced {
    fn begin_array_value<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_key<W: Write + ?Sized>(&mut self, writer: &mut W, first: bool) -> std::io::Result<()> {
        writer.write_all(if first { b"" } else { b", " })
    }

    fn begin_object_value<W: Write + ?Sized>(&mut self, writer: &mut W) -> std::io::Result<()> {
        writer.write_all(b": ")
    }
}
