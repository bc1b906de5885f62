//! One route of an OpenAPI document: whether it is there, and what it says of itself.

use std::collections::BTreeMap;

use curriculum::nearest;
use serde::Deserialize;
use serde_json::Value;

use super::{
    Field,
    schema::{Miss, TYPES, follow},
};
use crate::{
    finding::{Failure, Wrong},
    settings::get,
};

const METHODS: &[&str] = &["get", "put", "post", "delete", "options", "head", "patch", "trace"];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Route {
    path: String,
    #[serde(default = "get")]
    method: String,
    #[serde(default)]
    request: BTreeMap<String, String>,
    #[serde(default)]
    responses: BTreeMap<String, BTreeMap<String, String>>,
    #[serde(default)]
    summary: bool,
    #[serde(default)]
    tags: Vec<String>,
}

impl Route {
    pub fn lint(&self) -> impl Iterator<Item = Wrong> {
        let mut wrong = Vec::new();
        if !self.path.starts_with('/') {
            let message = format!("the path `{}` does not begin with a slash", self.path);
            wrong.push(Wrong::new("path", message, "Write it like \"/items/{item_id}\"."));
        }
        if !METHODS.iter().any(|method| method.eq_ignore_ascii_case(&self.method)) {
            let next = "Use one of GET, POST, PUT, PATCH, DELETE.";
            wrong.push(Wrong::new("method", format!("`{}` is not a method", self.method), next));
        }
        let answered = self.responses.iter().flat_map(|(status, fields)| {
            fields.iter().map(move |(name, kind)| (format!("responses.{status}.{name}"), kind))
        });
        let asked = self.request.iter().map(|(name, kind)| (format!("request.{name}"), kind));
        for (at, kind) in asked.chain(answered).filter(|(_, kind)| !TYPES.contains(&kind.as_str())) {
            wrong.push(Wrong::new(at, format!("`{kind}` is not a type"), format!("Use one of {}.", TYPES.join(", "))));
        }
        for status in self.responses.keys().filter(|status| *status != "default" && status.parse::<u16>().is_err()) {
            let message = format!("`{status}` is not a status");
            wrong.push(Wrong::new(format!("responses.{status}"), message, "Write a number such as 200."));
        }
        wrong.into_iter()
    }

    fn name(&self) -> String {
        format!("{} {}", self.method, self.path)
    }

    pub fn first_wrong(&self, document: &Value) -> Option<Failure> {
        let empty = serde_json::Map::new();
        let paths = document["paths"].as_object().unwrap_or(&empty);
        let Some(item) = paths.get(&self.path) else {
            return Some(self.no_path(paths.keys().map(String::as_str).collect()));
        };
        let Some(operation) = item.get(self.method.to_lowercase()) else {
            let others: Vec<String> =
                METHODS.iter().filter(|method| item.get(**method).is_some()).map(|m| m.to_uppercase()).collect();
            let failure = Failure::new(format!("{} is there, but not for {}.", self.path, self.method));
            let failure = failure.expected(self.name()).actual(format!("{} {}", others.join(", "), self.path));
            return Some(failure.next(format!(
                "Add the method: @app.{}(\"{}\").",
                self.method.to_lowercase(),
                self.path
            )));
        };
        self.wrong_words(operation)
            .or_else(|| self.wrong_request(operation, document))
            .or_else(|| self.wrong_responses(operation, document))
    }

    fn no_path(&self, known: Vec<&str>) -> Failure {
        let slashless = |path: &str| path.trim_end_matches('/').to_owned();
        let nameless = |path: &str| {
            let part = |part: &str| if part.starts_with('{') { "{}".to_owned() } else { part.to_owned() };
            slashless(path).split('/').map(part).collect::<Vec<_>>().join("/")
        };
        let alike = |of: &dyn Fn(&str) -> String| known.iter().copied().find(|path| of(path) == of(&self.path));
        let (near, next) = if let Some(near) = alike(&slashless) {
            (Some(near), format!("Only the slash at the end differs: declare {}.", self.path))
        } else if let Some(near) = alike(&nameless) {
            (Some(near), format!("Only the name of a parameter differs: call it as in {}.", self.path))
        } else if let Some(near) = known.iter().copied().find(|path| path.eq_ignore_ascii_case(&self.path)) {
            (Some(near), "Paths are told apart by upper and lower case: spell it exactly so.".to_owned())
        } else if let Some(near) = known.iter().copied().find(|path| path.ends_with(&self.path)) {
            (Some(near), "It lies behind a prefix: take the prefix out of the router.".to_owned())
        } else if let Some(near) = nearest(&self.path, known.iter().copied()) {
            (Some(near), format!("Spell it exactly so: {}.", self.path))
        } else {
            (None, format!("Add it: @app.{}(\"{}\").", self.method.to_lowercase(), self.path))
        };
        let there = if known.is_empty() { "no route at all".to_owned() } else { known.join(", ") };
        Failure::new(format!("There is no route {}.", self.path))
            .expected(self.name())
            .actual(near.map_or(there, str::to_owned))
            .next(next)
    }

    fn wrong_words(&self, operation: &Value) -> Option<Failure> {
        let blank = |key: &str| operation[key].as_str().is_none_or(|text| text.trim().is_empty());
        if self.summary && blank("summary") {
            let failure = Failure::new(format!("{} has no summary.", self.name()));
            let next = "Give the handler a name that says what it does, or pass summary=\"...\" to its decorator.";
            return Some(failure.expected("a summary").actual("none").next(next));
        }
        let has = |tag: &String| operation["tags"].as_array().is_some_and(|tags| tags.iter().any(|other| other == tag));
        let missing = self.tags.iter().find(|tag| !has(tag))?;
        let found = match &operation["tags"] {
            Value::Array(tags) => tags.iter().filter_map(Value::as_str).collect::<Vec<_>>().join(", "),
            _ => "no tags".to_owned(),
        };
        let failure = Failure::new(format!("{} lacks the tag `{missing}`.", self.name()));
        let next = format!("Pass tags=[\"{missing}\"] to the decorator or to its router.");
        Some(failure.expected(missing).actual(found).next(next))
    }

    fn wrong_request(&self, operation: &Value, document: &Value) -> Option<Failure> {
        if self.request.is_empty() {
            return None;
        }
        let body = resolved(&operation["requestBody"], document);
        let Some(schema) = json_schema(body) else {
            let parameters: Vec<&str> = operation["parameters"]
                .as_array()
                .map(|all| all.iter().filter_map(|one| one["name"].as_str()).collect())
                .unwrap_or_default();
            let moved = self.request.keys().any(|field| parameters.contains(&field.as_str()));
            let (actual, next) = match moved {
                true => (
                    format!("query parameters: {}", parameters.join(", ")),
                    "Take the fields as one Pydantic model: single values are read from the query.",
                ),
                false => ("no body".to_owned(), "Declare a Pydantic model as the handler's parameter."),
            };
            let failure = Failure::new(format!("{} takes no JSON.", self.name()));
            return Some(failure.expected(format!("JSON with {}", listed(&self.request))).actual(actual).next(next));
        };
        self.wrong_fields("takes JSON", &self.request, schema, document)
    }

    fn wrong_responses(&self, operation: &Value, document: &Value) -> Option<Failure> {
        self.responses.iter().find_map(|(status, fields)| {
            let declared = operation["responses"].as_object();
            let Some(response) = declared.and_then(|all| all.get(status)) else {
                let known: Vec<&str> = declared.into_iter().flat_map(|all| all.keys().map(String::as_str)).collect();
                let failure = Failure::new(format!("{} does not say that it can answer {status}.", self.name()));
                let next = match status.starts_with('2') {
                    true => format!("Pass status_code={status} to the decorator."),
                    false => format!("Pass responses={{{status}: {{\"model\": ...}}}} to the decorator."),
                };
                return Some(failure.expected(format!("a response {status}")).actual(known.join(", ")).next(next));
            };
            if fields.is_empty() {
                return None;
            }
            let Some(schema) = json_schema(resolved(response, document)) else {
                let failure = Failure::new(format!("{} answers {status} without JSON.", self.name()));
                let next = "Name the model of the answer: response_model=..., or the handler's return type.";
                return Some(failure.expected(format!("JSON with {}", listed(fields))).actual("no JSON").next(next));
            };
            self.wrong_fields(&format!("answers {status} with JSON"), fields, schema, document)
        })
    }

    fn wrong_fields(
        &self,
        what: &str,
        fields: &BTreeMap<String, String>,
        schema: &Value,
        document: &Value,
    ) -> Option<Failure> {
        fields.iter().find_map(|(path, kind)| {
            let miss = Field { path, kind }.find(schema, document).err()?;
            let name = self.name();
            let wish = format!("`{path}`: {kind}");
            Some(match miss {
                Miss::Unsaid { at } => {
                    let within = if at.is_empty() { String::new() } else { format!(" in `{at}`") };
                    Failure::new(format!("{name} {what} whose fields it does not name."))
                        .expected(wish)
                        .actual(format!("no fields{within}"))
                        .next("Use a Pydantic model in place of a dict, as response_model or as the parameter's type.")
                }
                Miss::Absent { at, others, near } => {
                    let within = if at.is_empty() { String::new() } else { format!(" in `{at}`") };
                    let next = match &near {
                        Some(near) => format!("Is `{near}` meant? The name must be exactly as asked."),
                        None => "Add the field to the model.".to_owned(),
                    };
                    let failure = Failure::new(format!("{name} {what} that lacks the field `{path}`."));
                    failure.expected(wish).actual(format!("fields{within}: {}", others.join(", "))).next(next)
                }
                Miss::Type { found } => {
                    let found = if found.is_empty() { "no type".to_owned() } else { found.join(" or ") };
                    Failure::new(format!("{name} {what} in which `{path}` has another type."))
                        .expected(wish)
                        .actual(format!("`{path}`: {found}"))
                        .next("Correct the field's type in the model.")
                }
                Miss::Reference { to } => Failure::new(format!("The document refers to {to}, which leads nowhere."))
                    .expected(wish)
                    .actual(to)
                    .next("Let FastAPI make the document; every reference must lead to a schema in it."),
            })
        })
    }
}

fn listed(fields: &BTreeMap<String, String>) -> String {
    fields.keys().cloned().collect::<Vec<_>>().join(", ")
}

/// What a reference in place of a body or response leads to.
fn resolved<'a>(part: &'a Value, document: &'a Value) -> &'a Value {
    part["$ref"].as_str().and_then(|to| follow(to, document)).unwrap_or(part)
}

fn json_schema(part: &Value) -> Option<&Value> {
    let content = part["content"].as_object()?;
    let json = |kind: &&String| {
        let kind = kind.split(';').next().unwrap_or_default().trim();
        kind == "application/json" || kind.ends_with("+json")
    };
    content.get(content.keys().find(json)?)?.get("schema")
}
