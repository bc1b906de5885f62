//! Which parameters a route knows. A parameter changes the answer, changes nothing by its nature, or is refused: none is
//! overlooked.

use serde_json::Value;

use super::field::Fields;
use crate::refusal::Refusal;

/// A parameter that is accepted only where it changes nothing: its name, the values of it that do, and what to say of
/// others.
pub(crate) struct Inert(pub &'static str, pub fn(&Value) -> bool, pub &'static str);

/// Labels for the caller's own books, and where and how fast an answer is computed.
pub(crate) const LABELS: &[Inert] = &[
    Inert("user", Value::is_string, "It must be a text."),
    Inert("safety_identifier", Value::is_string, "It must be a text."),
    Inert("metadata", Value::is_object, "It must be an object."),
    Inert("prompt_cache_key", Value::is_string, "It must be a text."),
    Inert("prompt_cache_retention", Value::is_string, "It must be a text."),
    Inert("prompt_cache_options", Value::is_object, "It must be an object."),
    Inert("service_tier", |tier| *tier == "auto" || *tier == "default", "Only \"auto\" and \"default\" exist here."),
    Inert("moderation", never, "Nothing is moderated here."),
];

pub(crate) fn never(_: &Value) -> bool {
    false
}

/// Refuses each parameter that is neither read nor without effect.
pub(crate) fn refuse_others(fields: &Fields, read: &[&[&str]], inert: &[&[Inert]]) -> Result<(), Refusal> {
    let is_read = |name: &String| read.iter().any(|names| names.contains(&name.as_str()));
    for (name, value) in fields.iter().filter(|(name, value)| !is_read(name) && !value.is_null()) {
        match inert.iter().copied().flatten().find(|inert| inert.0 == name) {
            Some(Inert(_, accepts, _)) if accepts(value) => {}
            Some(Inert(_, _, why)) => {
                let message = format!("'{name}' cannot be used as sent. {why} Leave it out.");
                return Err(Refusal::of(name, "unsupported_parameter", message));
            }
            None => {
                let message = format!("There is no parameter '{name}'. Leave it out, or look for a typing mistake.");
                return Err(Refusal::of(name, "unknown_parameter", message));
            }
        }
    }
    Ok(())
}
