//! What the schema refuses, in words. Of several forms that a part may have, the one is told that it comes closest to.

use curriculum::nearest;
use jsonschema::{ValidationError, error::ValidationErrorKind as Kind};
use serde_json::Value;

use super::path_of;
use crate::{data::path::DataPath, excerpt::inline};

pub struct Told {
    pub at: DataPath,
    pub summary: String,
    pub expected: String,
    pub actual: String,
    pub next_step: String,
}

pub fn told(error: &ValidationError<'_>, schema: &Value, tree: &Value) -> Told {
    let at = path_of(error, tree);
    let name = name_of(&at);
    let actual = inline(&shown(error.instance()));
    let wrong = |summary: String, expected: String, next_step: String| Told {
        at: at.clone(),
        summary,
        expected,
        actual: actual.clone(),
        next_step,
    };
    match error.kind() {
        Kind::AnyOf { context } | Kind::OneOfNotValid { context } => {
            let needed = context.iter().map(|branch| needs_one(branch)).collect::<Option<Vec<_>>>();
            if let Some(needed) = needed {
                // The first two are what people mean; what comes after them is rare.
                let needed: Vec<String> = needed.into_iter().take(2).rev().map(|key| format!("`{key}`")).collect();
                let either = needed.join(" or ");
                let summary = format!("{name} has neither {}.", needed.join(" nor "));
                return wrong(summary, either.clone(), format!("Write {either}."));
            }
            let kinds = context.iter().map(|branch| needs_type(branch)).collect::<Option<Vec<_>>>();
            if let Some(mut kinds) = kinds {
                kinds.dedup();
                return wrong_type(wrong, &name, &kinds.join(" or "), error.instance());
            }
            let depth = at.0.len();
            match context.iter().min_by_key(|branch| distance(branch, depth)).and_then(|branch| branch.first()) {
                Some(closest) => told(closest, schema, tree),
                None => wrong(format!("{name} has no form that GitHub knows."), "another form".into(), LOOK.into()),
            }
        }
        Kind::OneOfMultipleValid { .. } => wrong(
            format!("{name} is two things at once."),
            "either `run` or `uses`".into(),
            "Make two steps of it.".into(),
        ),
        Kind::AdditionalProperties { unexpected } => {
            let key = unexpected.first().map_or("", String::as_str);
            let known = known(error, schema);
            let near = nearest(key, known.iter().map(String::as_str));
            Told {
                at: at.key(key),
                summary: format!("{name} has no key `{key}`."),
                expected: known.join(", "),
                actual: format!("`{key}`"),
                next_step: match near {
                    Some(near) => format!("Did you mean `{near}`?"),
                    None => "Take it out, or look how far it is indented.".to_owned(),
                },
            }
        }
        Kind::Required { property } => {
            let key = property.as_str().unwrap_or_default();
            wrong(format!("{name} lacks `{key}`."), format!("a key `{key}`"), format!("Add `{key}:`."))
        }
        Kind::Type { .. } => wrong_type(wrong, &name, type_of(error), error.instance()),
        Kind::Enum { options } => {
            let words: Vec<&str> = options.as_array().into_iter().flatten().filter_map(Value::as_str).collect();
            let found = error.instance().as_str().unwrap_or_default();
            let next = nearest(found, words.iter().copied()).map(|near| format!("Did you mean `{near}`?"));
            wrong(
                format!("{name} cannot be `{}`.", shown(error.instance())),
                words.join(", "),
                next.unwrap_or_else(|| "Use one of those.".into()),
            )
        }
        Kind::MinItems { .. } | Kind::MinProperties { .. } | Kind::MinLength { .. } => {
            wrong(format!("{name} is empty."), "at least one entry".into(), "Fill it, or take it out.".into())
        }
        Kind::Pattern { pattern } => wrong(
            format!("{name} has a form that GitHub refuses."),
            format!("text that matches `{pattern}`"),
            "Letters, digits, `-` and `_` make a name; values that are computed stand in `${{ }}`.".into(),
        ),
        _ => wrong(format!("{name} is not as GitHub wants it."), inline(&error.to_string()), LOOK.into()),
    }
}

const LOOK: &str = "Compare it with GitHub's page “Workflow syntax for GitHub Actions”.";

/// How far a part at this depth is from one of the forms that it may have.
fn distance(branch: &[ValidationError<'_>], depth: usize) -> (usize, usize) {
    let weigh = |error: &ValidationError<'_>| match error.kind() {
        // Another type means that another form was meant.
        Kind::Type { .. } => (3, 1),
        Kind::Pattern { .. } => (2, 1),
        Kind::Required { .. } => (1, 1),
        Kind::AdditionalProperties { unexpected } => (0, unexpected.len()),
        _ => (0, 1),
    };
    // What is wrong further inside says nothing against the form.
    let own = branch.iter().filter(|error| error.instance_path().to_string().matches('/').count() == depth);
    own.map(weigh).fold((0, 0), |sum, one| (sum.0.max(one.0), sum.1 + one.1))
}

fn wrong_type(wrong: impl Fn(String, String, String) -> Told, name: &str, wanted: &str, found: &Value) -> Told {
    wrong(
        format!("{name} must be {wanted}, and is {}.", kind_of(found)),
        wanted.to_owned(),
        "Look how it is indented, and whether a dash or a colon is missing.".to_owned(),
    )
}

/// The type that one of the forms wants, where that alone is wrong.
fn needs_type(branch: &[ValidationError<'_>]) -> Option<&'static str> {
    match branch {
        [only] if matches!(only.kind(), Kind::Type { .. }) => Some(type_of(only)),
        _ => None,
    }
}

/// The key that alone is missing for one of the forms.
fn needs_one(branch: &[ValidationError<'_>]) -> Option<String> {
    match branch {
        [only] => match only.kind() {
            Kind::Required { property } => property.as_str().map(str::to_owned),
            _ => None,
        },
        _ => None,
    }
}

/// The keys that the refusing part of the schema knows.
fn known(error: &ValidationError<'_>, schema: &Value) -> Vec<String> {
    let path = error.schema_path().to_string();
    let around = path.rsplit_once('/').map_or("", |(around, _)| around);
    let keys = schema.pointer(around).and_then(|part| part.get("properties")).and_then(Value::as_object);
    keys.into_iter().flat_map(|keys| keys.keys().cloned()).collect()
}

/// `The file`, `` `jobs.test.steps[1]` ``
fn name_of(at: &DataPath) -> String {
    if at.0.is_empty() { "The file".to_owned() } else { format!("`{at}`") }
}

fn type_of(error: &ValidationError<'_>) -> &'static str {
    let told = error.to_string();
    let word = told.rsplit_once("of type ").map_or("", |(_, words)| words);
    match word.trim_matches('"') {
        "object" => "a mapping of keys",
        "array" => "a list",
        "string" => "a text",
        "number" | "integer" => "a number",
        "boolean" => "`true` or `false`",
        "null" => "empty",
        _ => "another kind of value",
    }
}

fn kind_of(value: &Value) -> &'static str {
    match value {
        Value::Null => "empty",
        Value::Bool(_) => "`true` or `false`",
        Value::Number(_) => "a number",
        Value::String(_) => "a text",
        Value::Array(_) => "a list",
        Value::Object(_) => "a mapping of keys",
    }
}

fn shown(value: &Value) -> String {
    match value {
        Value::String(text) => text.clone(),
        Value::Null => "nothing".to_owned(),
        Value::Object(object) => object.keys().cloned().collect::<Vec<_>>().join(", "),
        other => other.to_string(),
    }
}
