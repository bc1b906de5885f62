//! What an expression may call and name.

use serde_json::Value;

use super::value::{compare, text};

/// A function, with the fewest and the most arguments that it takes.
#[derive(Debug)]
pub struct Function {
    pub name: &'static str,
    pub arguments: (usize, usize),
}

const ANY: usize = 255;

pub const FUNCTIONS: &[Function] = &[
    Function { name: "contains", arguments: (2, 2) },
    Function { name: "startsWith", arguments: (2, 2) },
    Function { name: "endsWith", arguments: (2, 2) },
    Function { name: "format", arguments: (1, ANY) },
    Function { name: "join", arguments: (1, 2) },
    Function { name: "toJSON", arguments: (1, 1) },
    Function { name: "fromJSON", arguments: (1, 1) },
    Function { name: "hashFiles", arguments: (1, ANY) },
    Function { name: "success", arguments: (0, 0) },
    Function { name: "failure", arguments: (0, 0) },
    Function { name: "always", arguments: (0, 0) },
    Function { name: "cancelled", arguments: (0, 0) },
];

pub const CONTEXTS: &[&str] =
    &["github", "env", "vars", "job", "jobs", "steps", "runner", "secrets", "strategy", "matrix", "needs", "inputs"];

/// The functions that need nothing but their arguments.
pub fn call(name: &str, arguments: &[Value]) -> Result<Value, String> {
    let lower = |index: usize| text(arguments.get(index).unwrap_or(&Value::Null)).to_lowercase();
    Ok(match (name, arguments) {
        ("contains", [Value::Array(items), wanted]) => {
            items.iter().any(|item| compare(item, wanted).is_some_and(|found| found.is_eq())).into()
        }
        ("contains", [Value::Object(_), _]) => false.into(),
        ("contains", _) => lower(0).contains(&lower(1)).into(),
        ("startswith", _) => lower(0).starts_with(&lower(1)).into(),
        ("endswith", _) => lower(0).ends_with(&lower(1)).into(),
        ("format", [pattern, rest @ ..]) => format(&text(pattern), rest)?.into(),
        ("join", [Value::Array(items), rest @ ..]) => {
            let between = rest.first().map_or_else(|| ",".to_owned(), text);
            items.iter().map(text).collect::<Vec<_>>().join(&between).into()
        }
        ("join", [one, ..]) => text(one).into(),
        ("tojson", [value]) => serde_json::to_string_pretty(value).unwrap_or_default().into(),
        ("fromjson", [value]) => {
            let written = text(value);
            serde_json::from_str(&written).map_err(|error| format!("`fromJSON` was given what is no JSON: {error}"))?
        }
        _ => return Err(format!("`{name}` cannot be called so")),
    })
}

/// `{0}` is the first of the values; braces that are meant stand twice.
fn format(pattern: &str, values: &[Value]) -> Result<String, String> {
    let wrong = || format!("`format` cannot read '{pattern}'; braces that are meant stand twice");
    let (mut made, mut letters) = (String::new(), pattern.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '{' | '}' if letters.next_if_eq(&letter).is_some() => made.push(letter),
            '{' => {
                let inner: String = std::iter::from_fn(|| letters.next_if(|next| next.is_ascii_digit())).collect();
                letters.next_if_eq(&'}').ok_or_else(wrong)?;
                let index: usize = inner.parse().map_err(|_| wrong())?;
                let missing = || format!("`format` has no value for {{{index}}} of '{pattern}'");
                made += &text(values.get(index).ok_or_else(missing)?);
            }
            '}' => return Err(wrong()),
            _ => made.push(letter),
        }
    }
    Ok(made)
}

/// The property of an object, whatever the case it is written in.
pub fn property<'a>(object: &'a serde_json::Map<String, Value>, name: &str) -> Option<&'a Value> {
    object.get(name).or_else(|| object.iter().find(|(key, _)| key.eq_ignore_ascii_case(name)).map(|(_, value)| value))
}
