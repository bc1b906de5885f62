//! Reads what form an answer is held to: OpenAI's `response_format`, or a grammar as vLLM takes it.

use inference::Constraint;
use serde_json::Value;

use super::field::{self, Fields};
use crate::refusal::Refusal;

/// vLLM's names; clients send them in `extra_body`.
pub(crate) const GUIDED: &[&str] = &["guided_grammar", "guided_regex"];

/// The constraint of a request whose format, where the interface has one, is `format` at `place`. `nested` is the field
/// that chat completions keep a schema in, and responses do not have.
pub(crate) fn constraint(
    fields: &Fields,
    format: Option<&Value>,
    place: &str,
    nested: Option<&str>,
) -> Result<Option<Constraint>, Refusal> {
    let asked = [
        format.map(|format| read_format(format, place, nested)).transpose()?.flatten(),
        field::text(fields, "guided_grammar")?.map(|grammar| Constraint::Grammar(grammar.into())),
        field::text(fields, "guided_regex")?.map(|regex| Constraint::Regex(regex.into())),
    ];
    let mut names = [place, "guided_grammar", "guided_regex"]
        .into_iter()
        .zip(asked)
        .filter_map(|(name, constraint)| constraint.map(|constraint| (name, constraint)));
    match (names.next(), names.next()) {
        (Some((first, _)), Some((second, _))) => {
            let message = format!("'{first}' and '{second}' each hold the answer to a form. Send one of them.");
            Err(Refusal::of(second, "invalid_parameter_combination", message))
        }
        (only, _) => Ok(only.map(|(_, constraint)| constraint)),
    }
}

fn read_format(format: &Value, place: &str, nested: Option<&str>) -> Result<Option<Constraint>, Refusal> {
    let fields = field::object(format, place)?;
    match field::kind(fields, place)? {
        "text" => field::only(place, fields, &["type"]).map(|()| None),
        "json_object" => field::only(place, fields, &["type"]).map(|()| Some(Constraint::Object)),
        "json_schema" => {
            let Some(nested) = nested else { return schema(fields, place, &["type"]).map(Some) };
            field::only(place, fields, &["type", nested])?;
            let place = format!("{place}.{nested}");
            let inner = field::get(fields, nested).ok_or_else(|| field::missing(&place))?;
            schema(field::object(inner, &place)?, &place, &[]).map(Some)
        }
        other => {
            let place = format!("{place}.type");
            let message = format!("'{place}' must be text, json_object or json_schema, but is {other:?}.");
            Err(Refusal::of(place, "invalid_value", message))
        }
    }
}

/// Generation is held to every schema, so `strict` asks for nothing more. The name and the description are for people.
fn schema(fields: &Fields, place: &str, beside: &[&str]) -> Result<Constraint, Refusal> {
    const KNOWN: &[&str] = &["name", "description", "schema", "strict"];
    field::only(place, fields, &[KNOWN, beside].concat())?;
    field::name(fields, place)?;
    field::text_at(fields, "description", &format!("{place}.description"))?;
    strict(fields, place)?;
    let place = format!("{place}.schema");
    let schema = field::get(fields, "schema").ok_or_else(|| field::missing(&place))?;
    field::object(schema, &place)?;
    Ok(Constraint::Schema(schema.clone()))
}

pub(crate) fn strict(fields: &Fields, place: &str) -> Result<(), Refusal> {
    match field::get(fields, "strict") {
        Some(value) if !value.is_boolean() => {
            Err(field::wrong_type(&format!("{place}.strict"), "true or false", value))
        }
        _ => Ok(()),
    }
}
