//! The JSON Schema of `lab.toml`: that of `curriculum`, with each kind's settings from the registry put into its checks.

use serde_json::{Map, Value as Json, json};

use crate::{Kind, Setting, kinds, value::Value};

/// The schema by which an editor completes and judges a `lab.toml`.
pub fn lab_schema() -> Json {
    let mut schema = curriculum::lab_schema();
    if let Some(check) = schema.pointer_mut("/definitions/Check") {
        let common = check.take();
        *check = json!({
            "description": common["description"],
            "oneOf": kinds().iter().map(|kind| of_kind(kind, &common)).collect::<Vec<_>>(),
        });
    }
    schema
}

/// A check of one kind: what every check has, and the kind's own settings.
fn of_kind(kind: &Kind, common: &Json) -> Json {
    let mut properties = common["properties"].as_object().cloned().unwrap_or_default();
    properties.insert("kind".into(), json!({ "const": kind.name, "description": kind.doc }));
    properties.extend(properties_of(kind.settings));
    let mut required = common["required"].as_array().cloned().unwrap_or_default();
    required.extend(required_of(kind.settings));
    json!({
        "title": kind.name,
        "description": kind.doc,
        "type": "object",
        "properties": properties,
        "required": required,
        "additionalProperties": false,
    })
}

fn properties_of(settings: &[Setting]) -> Map<String, Json> {
    let described = |setting: &Setting| {
        let mut schema = setting.form().map_or_else(|| json!({}), |form| of_value(&form, setting.fields));
        schema["description"] = setting.doc.into();
        (setting.name.to_owned(), schema)
    };
    settings.iter().map(described).collect()
}

fn required_of(settings: &[Setting]) -> impl Iterator<Item = Json> {
    settings.iter().filter(|setting| setting.required).map(|setting| setting.name.into())
}

fn of_value(value: &Value, fields: &[Setting]) -> Json {
    match value {
        Value::Text => json!({ "type": "string" }),
        Value::WholeNumber => json!({ "type": "integer" }),
        Value::Number => json!({ "type": "number" }),
        Value::Truth => json!({ "type": "boolean" }),
        Value::Choice(words) => json!({ "enum": words }),
        Value::Pattern => json!({ "anyOf": [
            { "type": "string" },
            {
                "type": "object",
                "properties": { "pattern": { "type": "string" }, "means": { "type": "string" } },
                "required": ["pattern", "means"],
                "additionalProperties": false,
            },
        ] }),
        Value::Table if fields.is_empty() => json!({ "type": "object" }),
        Value::Table => json!({
            "type": "object",
            "properties": properties_of(fields),
            "required": required_of(fields).collect::<Vec<_>>(),
            "additionalProperties": false,
        }),
        Value::TableOf(items) => json!({ "type": "object", "additionalProperties": of_value(items, fields) }),
        Value::List(items) => json!({ "type": "array", "items": of_value(items, fields) }),
        Value::Either(one, other) => json!({ "anyOf": [of_value(one, fields), of_value(other, fields)] }),
        Value::Any => json!({}),
    }
}
