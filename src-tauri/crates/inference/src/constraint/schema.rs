//! A JSON Schema as the grammar compiler takes it: what it cannot hold a text to is named, and what would let a text grow
//! without use is narrowed. Every text that the narrower schema allows is valid by the wider one.
//!
//! White space is one space, where Python's `json.dumps` puts one, or none: a small model cannot lose itself in blanks.

mod formats;

use serde_json::{Map, Value, json};

use crate::generator::Error;

/// Keywords of JSON Schema that no grammar is made of.
const BEYOND: [&str; 16] = [
    "not",
    "if",
    "then",
    "else",
    "contains",
    "minContains",
    "maxContains",
    "uniqueItems",
    "propertyNames",
    "dependencies",
    "dependentRequired",
    "dependentSchemas",
    "unevaluatedItems",
    "unevaluatedProperties",
    "$dynamicRef",
    "$recursiveRef",
];
/// Integers beyond are not the same for every reader of JSON (RFC 8259, section 6).
const GREATEST: i64 = (1 << 53) - 1;
/// Where the schema of any value is put. No schema has a name of its own like it.
const ANY: &str = "groundwork any value";
/// Bytes of JSON that may take the place of references: each option may name the same large definition.
const INLINED: usize = 1 << 18;

/// Any JSON object.
pub(super) fn any_object() -> Value {
    finished(json!({ "type": "object", "additionalProperties": any() }).as_object().cloned().unwrap_or_default(), false)
}

/// `schema`, or what in it no text can be held to.
pub(super) fn strict(schema: &Value) -> Result<Value, Error> {
    let root = root(schema)?;
    let mut problem = None;
    each(&root, "#", &mut |node, place| {
        let told = beyond(node).or_else(|| node.get("format").and_then(formats::unheld));
        if let (None, Some(told)) = (&problem, told) {
            problem =
                Some(format!("{told}, at {place}, is not something that a text can be held to while it is written"));
        }
    });
    match problem {
        Some(message) => Err(Error::Invalid { part: "the schema", message }),
        None => Ok(finished(root, false)),
    }
}

/// `schema`, without what in it no text can be held to.
pub(super) fn lenient(schema: &Value) -> Result<Value, Error> {
    let mut root = root(schema)?;
    each_mut(&mut root, &mut |node| {
        node.retain(|keyword, _| !BEYOND.contains(&keyword.as_str()));
        if node.get("format").and_then(formats::unheld).is_some() {
            node.remove("format");
        }
    });
    Ok(finished(root, true))
}

fn root(schema: &Value) -> Result<Map<String, Value>, Error> {
    match schema {
        Value::Object(node) => Ok(node.clone()),
        Value::Bool(true) => Ok(Map::new()),
        Value::Bool(false) => {
            Err(Error::Invalid { part: "the schema", message: "it is `false`, which nothing meets".into() })
        }
        other => Err(Error::Invalid { part: "the schema", message: format!("it is {other}, not a JSON object") }),
    }
}

/// The keyword of `node` that is beyond a grammar.
fn beyond(node: &Map<String, Value>) -> Option<String> {
    let held =
        |keyword: &&str| node.get(*keyword).is_some_and(|value| *value != Value::Bool(false) || **keyword == *"not");
    BEYOND.iter().find(|keyword| held(keyword)).map(|keyword| format!("`{keyword}`"))
}

fn finished(mut root: Map<String, Value>, lenient: bool) -> Value {
    each_mut(&mut root, &mut |node| {
        // `false` asks for nothing.
        node.retain(|keyword, value| !(BEYOND.contains(&keyword.as_str()) && *value == Value::Bool(false)));
        formats::spell_out(node);
        bound_numbers(node);
    });
    if is_plain(&root) {
        each_mut(&mut root, &mut close);
        let definitions = root.entry("$defs").or_insert_with(|| json!({}));
        if let Value::Object(definitions) = definitions {
            definitions.insert(ANY.into(), any_value());
        }
    }
    let (whole, mut room) = (root.clone(), INLINED);
    each_mut(&mut root, &mut |node| inline_options(node, &whole, &mut room));
    let guidance = json!({
        "whitespace_flexible": false,
        "item_separator": ", ?",
        "key_separator": ": ?",
        "lenient": lenient,
    });
    root.insert("x-guidance".into(), guidance);
    Value::Object(root)
}

/// Gives a number bounds where it has none: without them it may be longer than any reader takes.
fn bound_numbers(node: &mut Map<String, Value>) {
    let numeric = |kind: &Value| kind == "integer" || kind == "number";
    let number =
        node.get("type").is_some_and(|kind| kind.as_array().map_or(numeric(kind), |kinds| kinds.iter().any(numeric)));
    if !number || node.contains_key("enum") || node.contains_key("const") {
        return;
    }
    let bound = |node: &Map<String, Value>, keywords: [&str; 2]| {
        keywords.iter().find_map(|keyword| node.get(*keyword)?.as_f64())
    };
    let (least, most) = (bound(node, ["minimum", "exclusiveMinimum"]), bound(node, ["maximum", "exclusiveMaximum"]));
    if least.is_none() && most.is_none_or(|most| most > -GREATEST as f64) {
        node.insert("minimum".into(), json!(-GREATEST));
    }
    if most.is_none() && least.is_none_or(|least| least < GREATEST as f64) {
        node.insert("maximum".into(), json!(GREATEST));
    }
}

/// Whether no two parts of the schema speak of the same object or list, so that one can be narrowed without the other.
fn is_plain(root: &Map<String, Value>) -> bool {
    let mut plain = true;
    each(root, "#", &mut |node, _| {
        let has = |keywords: &[&str]| keywords.iter().any(|keyword| node.contains_key(*keyword));
        let structure = ["properties", "patternProperties", "additionalProperties", "items", "prefixItems", "required"];
        let nested = |kind: &Value| kind == "object" || kind == "array";
        let structured = has(&structure)
            || node
                .get("type")
                .is_some_and(|kind| kind.as_array().map_or(nested(kind), |kinds| kinds.iter().any(nested)));
        plain &= !(has(&["allOf"]) || structured && has(&["anyOf", "oneOf", "$ref", "enum", "const"]));
    });
    plain
}

/// Lets an object that names its properties have no others where it says nothing of them, and makes any value one that
/// every reader takes.
fn close(node: &mut Map<String, Value>) {
    let is = |node: &Map<String, Value>, kind: &str| node.get("type").is_some_and(|value| value == kind);
    if is(node, "object") && !node.contains_key("additionalProperties") && !node.contains_key("patternProperties") {
        let properties = node.get("properties").and_then(Value::as_object);
        let named =
            |name: &Value| name.as_str().is_some_and(|name| properties.is_some_and(|known| known.contains_key(name)));
        let required = node.get("required").and_then(Value::as_array);
        let all_named = required.is_none_or(|required| required.iter().all(named));
        let closed = properties.is_some_and(|properties| !properties.is_empty())
            && all_named
            && !node.contains_key("minProperties");
        node.insert("additionalProperties".into(), if closed { json!(false) } else { any() });
    }
    if is(node, "array") && !["items", "prefixItems"].iter().any(|keyword| node.contains_key(*keyword)) {
        node.insert("items".into(), any());
    }
    let unsaid = |value: &Value| *value == Value::Bool(true) || value.as_object().is_some_and(Map::is_empty);
    for keyword in ["items", "additionalProperties"] {
        if let Some(value) = node.get_mut(keyword).filter(|value| unsaid(value)) {
            *value = any();
        }
    }
    if let Some(Value::Object(properties)) = node.get_mut("properties") {
        properties.values_mut().filter(|value| unsaid(value)).for_each(|value| *value = any());
    }
}

fn any() -> Value {
    json!({ "$ref": format!("#/$defs/{ANY}") })
}

fn any_value() -> Value {
    json!({ "anyOf": [
        { "type": "null" },
        { "type": "boolean" },
        { "type": "number", "minimum": -GREATEST, "maximum": GREATEST },
        { "type": "string" },
        { "type": "array", "items": any() },
        { "type": "object", "additionalProperties": any() },
    ] })
}

/// Options that must exclude each other are compared, and a reference is compared with nothing: what it names takes its
/// place, until there is no room for more.
fn inline_options(node: &mut Map<String, Value>, whole: &Map<String, Value>, room: &mut usize) {
    let Some(Value::Array(options)) = node.get_mut("oneOf") else { return };
    for option in options {
        let named =
            option.as_object().filter(|option| option.len() == 1).and_then(|option| option.get("$ref")?.as_str());
        let target = named.and_then(|name| name.strip_prefix('#')).and_then(|path| {
            let mut steps = path.trim_start_matches('/').split('/');
            let first = whole.get(steps.next()?)?;
            steps.try_fold(first, |value, step| value.get(step))
        });
        if let Some(target) = target.filter(|_| *room > 0) {
            *room = room.saturating_sub(target.to_string().len());
            if *room > 0 {
                *option = target.clone();
            }
        }
    }
}

/// Keywords that hold a schema, several of them, or some by name.
const ONE: [&str; 9] =
    ["items", "additionalItems", "additionalProperties", "not", "if", "then", "else", "contains", "propertyNames"];
const SEVERAL: [&str; 5] = ["anyOf", "oneOf", "allOf", "prefixItems", "items"];
const NAMED: [&str; 4] = ["properties", "patternProperties", "$defs", "definitions"];

/// Every schema in `node`, itself first, with its place.
fn each(node: &Map<String, Value>, place: &str, visit: &mut impl FnMut(&Map<String, Value>, &str)) {
    visit(node, place);
    for (keyword, value) in node {
        let keyword = keyword.as_str();
        match value {
            Value::Object(inner) if ONE.contains(&keyword) => each(inner, &format!("{place}/{keyword}"), visit),
            Value::Array(inner) if SEVERAL.contains(&keyword) => {
                let inner = inner.iter().enumerate().filter_map(|(index, inner)| Some((index, inner.as_object()?)));
                inner.for_each(|(index, inner)| each(inner, &format!("{place}/{keyword}/{index}"), visit));
            }
            Value::Object(inner) if NAMED.contains(&keyword) => {
                let inner = inner.iter().filter_map(|(name, inner)| Some((name, inner.as_object()?)));
                inner.for_each(|(name, inner)| each(inner, &format!("{place}/{keyword}/{name}"), visit));
            }
            _ => {}
        }
    }
}

/// Every schema in `node`, itself last.
fn each_mut(node: &mut Map<String, Value>, change: &mut dyn FnMut(&mut Map<String, Value>)) {
    for (keyword, value) in node.iter_mut() {
        let keyword = keyword.as_str();
        match value {
            Value::Object(inner) if ONE.contains(&keyword) => each_mut(inner, change),
            Value::Array(inner) if SEVERAL.contains(&keyword) => {
                inner.iter_mut().filter_map(Value::as_object_mut).for_each(|inner| each_mut(inner, change));
            }
            Value::Object(inner) if NAMED.contains(&keyword) => {
                inner.values_mut().filter_map(Value::as_object_mut).for_each(|inner| each_mut(inner, change));
            }
            _ => {}
        }
    }
    change(node);
}
