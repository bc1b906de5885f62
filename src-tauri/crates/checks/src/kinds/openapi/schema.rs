//! JSON schemas of an OpenAPI document: a field is found by its path and compared by its type.

use curriculum::nearest;
use serde_json::Value;

/// How many references one field may lead through; more go in a circle.
const DEEPEST: usize = 32;

pub const TYPES: &[&str] = &["string", "integer", "number", "boolean", "array", "object", "any"];

/// `items[].score`, and the type that it must have.
pub struct Field<'a> {
    pub path: &'a str,
    pub kind: &'a str,
}

/// What is there instead of a wanted field.
#[derive(Debug, PartialEq, Eq)]
pub enum Miss {
    /// No schema says anything of this part: what is there instead has no fields.
    Unsaid {
        at: String,
    },
    /// This part has other fields, one of which may be meant.
    Absent {
        at: String,
        others: Vec<String>,
        near: Option<String>,
    },
    Type {
        found: Vec<String>,
    },
    /// A reference leads nowhere, or in a circle.
    Reference {
        to: String,
    },
}

impl Field<'_> {
    pub fn find(&self, schema: &Value, document: &Value) -> Result<(), Miss> {
        let mut here = vec![schema];
        let mut walked = String::new();
        for part in self.path.split('.') {
            let (name, lists) = unlisted(part);
            let mut known = Vec::new();
            let mut next = Vec::new();
            for schema in alternatives(&here, document)? {
                let fields = schema.get("properties").and_then(Value::as_object);
                known.extend(fields.into_iter().flat_map(|fields| fields.keys().cloned()));
                next.extend(fields.and_then(|fields| fields.get(name)));
            }
            if next.is_empty() {
                return Err(match known.is_empty() {
                    true => Miss::Unsaid { at: walked },
                    false => {
                        let near = nearest(name, known.iter().map(String::as_str)).map(str::to_owned);
                        Miss::Absent { at: walked, others: known, near }
                    }
                });
            }
            if !walked.is_empty() {
                walked.push('.');
            }
            walked.push_str(part);
            here = next;
            for _ in 0..lists {
                here = alternatives(&here, document)?.into_iter().filter_map(|schema| schema.get("items")).collect();
                if here.is_empty() {
                    return Err(Miss::Unsaid { at: walked });
                }
            }
        }
        let found = types(&here, document)?;
        // Every whole number is a number.
        let fits = |found: &String| found == self.kind || (self.kind == "number" && found == "integer");
        if self.kind == "any" || found.iter().any(fits) { Ok(()) } else { Err(Miss::Type { found }) }
    }
}

/// `items[][]`: the name, and how many lists lie around what is meant.
fn unlisted(part: &str) -> (&str, usize) {
    let name = part.trim_end_matches("[]");
    (name, (part.len() - name.len()) / 2)
}

/// The schemas that `here` stands for: references followed, and the parts of combinations beside the whole.
fn alternatives<'a>(here: &[&'a Value], document: &'a Value) -> Result<Vec<&'a Value>, Miss> {
    let mut found = Vec::new();
    let mut waiting: Vec<(&Value, usize)> = here.iter().map(|schema| (*schema, 0)).collect();
    while let Some((schema, depth)) = waiting.pop() {
        if let Some(to) = schema.get("$ref").and_then(Value::as_str) {
            let target = (depth < DEEPEST).then(|| follow(to, document)).flatten();
            waiting.push((target.ok_or_else(|| Miss::Reference { to: to.to_owned() })?, depth + 1));
            continue;
        }
        found.push(schema);
        let combined = ["allOf", "anyOf", "oneOf"].iter().filter_map(|key| schema.get(key)?.as_array()).flatten();
        let deeper: Vec<_> = combined.map(|part| (part, depth + 1)).collect();
        waiting.extend(deeper);
    }
    Ok(found)
}

/// `#/components/schemas/Name` and no reference to another document.
pub fn follow<'a>(to: &str, document: &'a Value) -> Option<&'a Value> {
    document.pointer(to.strip_prefix('#')?)
}

/// The types that the schema allows, `null` left out: every field may be nothing.
fn types(here: &[&Value], document: &Value) -> Result<Vec<String>, Miss> {
    let mut found: Vec<String> = Vec::new();
    for schema in alternatives(here, document)? {
        let named: Vec<&str> = match schema.get("type") {
            Some(Value::String(one)) => vec![one],
            Some(Value::Array(several)) => several.iter().filter_map(Value::as_str).collect(),
            _ if schema.get("properties").is_some() => vec!["object"],
            _ => schema
                .get("const")
                .or(schema.get("enum").and_then(|values| values.get(0)))
                .map(kind)
                .into_iter()
                .collect(),
        };
        found.extend(named.into_iter().filter(|kind| *kind != "null").map(str::to_owned));
    }
    found.sort();
    found.dedup();
    Ok(found)
}

fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "boolean",
        Value::Number(number) if number.is_f64() => "number",
        Value::Number(_) => "integer",
        Value::String(_) => "string",
        Value::Array(_) => "array",
        Value::Object(_) => "object",
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn fields_are_found_through_references_lists_and_combinations() {
        let document = json!({"components": {"schemas": {
            "Hit": {"properties": {"score": {"type": "number"}, "next": {"$ref": "#/components/schemas/Hit"}}},
            "Circle": {"$ref": "#/components/schemas/Circle"},
        }}});
        let schema = json!({"allOf": [
            {"properties": {"hits": {"type": "array", "items": {"$ref": "#/components/schemas/Hit"}}}},
            {"type": "object", "properties": {
                "note": {"anyOf": [{"type": "string"}, {"type": "null"}]},
                "many": {"type": ["integer", "null"]},
                "mode": {"enum": ["a", "b"]},
                "circle": {"$ref": "#/components/schemas/Circle"},
                "away": {"$ref": "other.json#/x"},
                "free": {},
            }},
        ]});
        let absent = |at: &str, near: Option<&str>, others: &[&str]| Miss::Absent {
            at: at.to_owned(),
            others: others.iter().map(|&name| name.to_owned()).collect(),
            near: near.map(str::to_owned),
        };
        let circle = Miss::Reference { to: "#/components/schemas/Circle".to_owned() };
        for (path, kind, expected) in [
            ("hits", "array", Ok(())),
            ("hits[].score", "number", Ok(())),
            ("hits[].next.next.score", "number", Ok(())),
            ("note", "string", Ok(())),
            ("many", "number", Ok(())),
            ("mode", "string", Ok(())),
            ("free", "any", Ok(())),
            ("free", "string", Err(Miss::Type { found: vec![] })),
            ("note", "integer", Err(Miss::Type { found: vec!["string".to_owned()] })),
            ("hits[].scores", "number", Err(absent("hits[]", Some("score"), &["score", "next"]))),
            ("note.text", "string", Err(Miss::Unsaid { at: "note".to_owned() })),
            ("note[].text", "string", Err(Miss::Unsaid { at: "note[]".to_owned() })),
            ("circle.x", "any", Err(circle)),
            ("away", "string", Err(Miss::Reference { to: "other.json#/x".to_owned() })),
        ] {
            assert_eq!(Field { path, kind }.find(&schema, &document), expected, "{path} {kind}");
        }
    }
}
