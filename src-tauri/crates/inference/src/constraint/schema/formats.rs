//! The formats of strings that a text can be held to. Where the compiler's own are wider than what readers take, they are
//! spelled out here.

use serde_json::{Map, Value, json};

const DATE: &str = "(?:[0-9]{4}-(?:(?:0[13578]|1[02])-(?:0[1-9]|[12][0-9]|3[01])|(?:0[469]|11)-(?:0[1-9]|[12][0-9]|30)\
    |02-(?:0[1-9]|1[0-9]|2[0-8]))|(?:[0-9]{2}(?:0[48]|[2468][048]|[13579][26])|(?:[02468][048]|[13579][26])00)-02-29)";
const TIME: &str =
    r"(?:[01][0-9]|2[0-3]):[0-5][0-9]:[0-5][0-9](?:\.[0-9]{1,9})?(?:Z|[+-](?:[01][0-9]|2[0-3]):[0-5][0-9])";
const LABEL: &str = "[a-zA-Z0-9]{1,20}(?:-[a-zA-Z0-9]{1,20}){0,2}";
const ATOM: &str = r"[a-zA-Z0-9!#$%&'*+/=?\^_`{|}~-]{1,31}";

/// Held to by the compiler itself.
const KNOWN: [&str; 5] = ["duration", "ipv4", "ipv6", "uuid", "uri"];
/// Of the standard, and held to by nobody here.
const UNHELD: [&str; 8] =
    ["idn-email", "idn-hostname", "uri-reference", "iri", "iri-reference", "uri-template", "json-pointer", "regex"];

/// What is asked for and cannot be held to.
pub(super) fn unheld(format: &Value) -> Option<String> {
    format.as_str().filter(|format| UNHELD.contains(format)).map(|format| format!("the format `{format}`"))
}

/// Turns a format to a pattern, and leaves out one that the standard does not know: it asks for nothing.
pub(super) fn spell_out(node: &mut Map<String, Value>) {
    let Some(format) = node.get("format").and_then(Value::as_str) else { return };
    let pattern = match format {
        "date" => DATE.to_owned(),
        "time" => TIME.to_owned(),
        "date-time" => format!("{DATE}T{TIME}"),
        "hostname" => format!(r"{LABEL}(?:\.{LABEL}){{0,3}}"),
        "email" => format!(r"{ATOM}(?:\.{ATOM})?@(?:{LABEL}\.){{1,3}}[a-zA-Z]{{2,12}}"),
        known if KNOWN.contains(&known) => return,
        _ => {
            node.remove("format");
            return;
        }
    };
    node.remove("format");
    let pattern = format!("^(?:{pattern})$");
    if !node.contains_key("pattern") {
        node.insert("pattern".into(), json!(pattern));
    } else if let Value::Array(all) = node.entry("allOf").or_insert_with(|| json!([])) {
        all.push(json!({ "type": "string", "pattern": pattern }));
    }
}
