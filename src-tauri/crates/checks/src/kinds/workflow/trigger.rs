//! Whether an event starts a workflow, by `on` and its filters.

use regex::Regex;
use serde_json::Value;

/// What happens to the repository.
#[derive(Debug, Clone, Copy)]
pub struct Event<'a> {
    pub name: &'a str,
    /// That is pushed to, or that the pull request wants to go into.
    pub branch: &'a str,
    /// The files that changed, where they are known.
    pub changed: Option<&'a [String]>,
}

/// What happens to a pull request, in the word of `types`.
pub const ACTION: &str = "opened";

/// Why the event does not start it: the key of `on` that says so, if any, and the end of a sentence.
pub fn starts(on: &Value, event: Event<'_>) -> Result<(), (Option<&'static str>, String)> {
    let filters = match on {
        Value::String(name) if name == event.name => return Ok(()),
        Value::Array(names) if names.iter().any(|name| name == event.name) => return Ok(()),
        Value::Object(events) => events.get(event.name),
        _ => None,
    };
    let Some(filters) = filters else { return Err((None, format!("`on` does not name `{}`", event.name))) };
    if matches!(event.name, "push" | "pull_request") {
        let of = |key: &str| patterns(&filters[key]);
        let (branches, ignored) = (of("branches"), of("branches-ignore"));
        let branch = event.branch;
        // Without `types`, a pull request that is opened, reopened or gets commits starts it.
        if event.name == "pull_request" && of("types").is_some_and(|types| !types.iter().any(|name| name == ACTION)) {
            return Err((Some("types"), format!("`types` does not name `{ACTION}`")));
        }
        if branches.as_ref().is_some_and(|patterns| !matches(patterns, branch)) {
            return Err((Some("branches"), format!("`branches` does not let `{branch}` in")));
        }
        if ignored.is_some_and(|patterns| matches(&patterns, branch)) {
            return Err((Some("branches-ignore"), format!("`branches-ignore` leaves `{branch}` out")));
        }
        let tags = ["tags", "tags-ignore"].into_iter().find(|key| filters.get(*key).is_some());
        if let (None, Some(key), None) = (&branches, tags, filters.get("branches-ignore")) {
            return Err((Some(key), format!("with `{key}` alone, a push to the branch `{branch}` starts nothing")));
        }
        if let Some(changed) = event.changed {
            if of("paths").is_some_and(|patterns| !changed.iter().any(|file| matches(&patterns, file))) {
                return Err((
                    Some("paths"),
                    format!("`paths` names none of the files that changed ({})", changed.join(", ")),
                ));
            }
            if of("paths-ignore").is_some_and(|patterns| changed.iter().all(|file| matches(&patterns, file))) {
                let files = changed.join(", ");
                return Err((
                    Some("paths-ignore"),
                    format!("`paths-ignore` leaves out every file that changed ({files})"),
                ));
            }
        }
    }
    Ok(())
}

fn patterns(value: &Value) -> Option<Vec<String>> {
    let words = |items: &Vec<Value>| items.iter().filter_map(Value::as_str).map(str::to_owned).collect();
    value.as_array().map(words).or_else(|| value.as_str().map(|one| vec![one.to_owned()]))
}

/// Whether the last pattern that matches a name lets it in; `!` turns one around.
fn matches(patterns: &[String], name: &str) -> bool {
    patterns.iter().fold(false, |within, pattern| match pattern.strip_prefix('!') {
        Some(pattern) => within && !matches_one(pattern, name),
        None => within || matches_one(pattern, name),
    })
}

/// GitHub's filter patterns: `*` within a part, `**` across parts, `?` and `+` for what stands before them, `[]` for letters.
fn matches_one(pattern: &str, name: &str) -> bool {
    let (mut made, mut letters) = (String::from("^"), pattern.chars().peekable());
    while let Some(letter) = letters.next() {
        match letter {
            '*' if letters.next_if_eq(&'*').is_some() => {
                // `**/a` matches `a`, too.
                made += if letters.next_if_eq(&'/').is_some() { "(.*/)?" } else { ".*" };
            }
            '*' => made += "[^/]*",
            '?' | '+' | '[' | ']' => made.push(letter),
            '\\' => made += &regex::escape(&letters.next().unwrap_or('\\').to_string()),
            other => made += &regex::escape(&other.to_string()),
        }
    }
    Regex::new(&(made + "$")).is_ok_and(|pattern| pattern.is_match(name))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn filters_let_events_in() {
        let changed = ["models/a.json".to_owned()];
        for (on, starts_for) in [
            (json!("push"), true),
            (json!(["push", "pull_request"]), true),
            (json!("pull_request"), false),
            (json!({ "push": null }), true),
            (json!({ "push": { "branches": ["main"] } }), true),
            (json!({ "push": { "branches": ["release/**"] } }), false),
            (json!({ "push": { "branches": ["**", "!main"] } }), false),
            (json!({ "push": { "branches": ["!main", "ma?n", "m*"] } }), true),
            (json!({ "push": { "branches-ignore": ["ma*"] } }), false),
            (json!({ "push": { "tags": ["v*"] } }), false),
            (json!({ "push": { "tags-ignore": ["v*"] } }), false),
            (json!({ "push": { "tags-ignore": ["v*"], "branches": ["main"] } }), true),
            (json!({ "push": { "paths": ["models/**"] } }), true),
            (json!({ "push": { "paths": ["**/*.py"] } }), false),
            (json!({ "push": { "paths-ignore": ["models/*.json"] } }), false),
            (json!({ "push": { "paths-ignore": ["*.json"] } }), true),
        ] {
            let event = Event { name: "push", branch: "main", changed: Some(&changed) };
            assert_eq!(starts(&on, event).is_ok(), starts_for, "{on}");
        }
    }

    #[test]
    fn a_pull_request_is_opened() {
        for (types, starts_for) in [
            (json!(["opened", "labeled"]), Ok(())),
            (json!("opened"), Ok(())),
            (json!(["synchronize"]), Err((Some("types"), "`types` does not name `opened`".to_owned()))),
        ] {
            let event = Event { name: "pull_request", branch: "main", changed: None };
            assert_eq!(starts(&json!({ "pull_request": { "types": types } }), event), starts_for, "{types}");
        }
    }
}
