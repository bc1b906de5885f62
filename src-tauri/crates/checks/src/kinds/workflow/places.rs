//! Where in a workflow expressions may stand, and what they know there: GitHub's table "Context availability".

use serde_json::Value;

use super::{
    document::Document,
    expression::{Node, Piece, condition, parse, pieces},
};
use crate::{
    data::path::{DataPath, Segment},
    finding::Failure,
};

/// What an expression may name at a place.
struct Known {
    contexts: &'static [&'static str],
    /// `success()` and its like.
    status: bool,
    hashes: bool,
}

const fn known(contexts: &'static [&'static str]) -> Known {
    Known { contexts, status: false, hashes: false }
}

const RUNS: &[&str] = &["github", "inputs", "vars"];
const CALLED: &[&str] = &["github", "jobs", "vars", "inputs"];
const BEFORE: &[&str] = &["github", "needs", "vars", "inputs"];
const JOB: &[&str] = &["github", "needs", "strategy", "matrix", "vars", "inputs"];
const JOB_ENV: &[&str] = &["github", "needs", "strategy", "matrix", "vars", "secrets", "inputs"];
const DEFAULTS: &[&str] = &["github", "needs", "strategy", "matrix", "env", "vars", "inputs"];
const BESIDE: &[&str] = &["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "inputs"];
const STEP_IF: &[&str] = &["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "steps", "inputs"];
const STEP: &[&str] =
    &["github", "needs", "strategy", "matrix", "job", "runner", "env", "vars", "secrets", "steps", "inputs"];
const DEFAULT: &[&str] = &["github", "strategy", "matrix", "job", "runner"];
const OF_ACTION: &[&str] = &["github", "inputs", "strategy", "matrix", "steps", "job", "runner", "env"];
const ANYWHERE: &[&str] = super::expression::CONTEXTS;

/// `None` where no expression may stand.
fn at(path: &DataPath) -> Option<Known> {
    let keys: Vec<&str> = path
        .0
        .iter()
        .map(|segment| match segment {
            Segment::Key(key) => key.as_str(),
            Segment::Index(_) => "[]",
        })
        .collect();
    Some(match keys.as_slice() {
        ["run-name", ..] | ["concurrency", ..] => known(RUNS),
        ["env", ..] => known(&["github", "secrets", "inputs", "vars"]),
        ["jobs", _, "uses" | "needs", ..] | ["jobs", _, "steps", "[]", "uses" | "id"] => return None,
        ["jobs", _, "if"] => Known { contexts: BEFORE, status: true, hashes: false },
        ["jobs", _, "strategy", ..] => known(BEFORE),
        ["jobs", _, "env" | "secrets", ..] => known(JOB_ENV),
        ["jobs", _, "defaults", ..] => known(DEFAULTS),
        ["jobs", _, "outputs", ..] | ["jobs", _, "environment", "url"] => known(STEP),
        ["jobs", _, "container", "env" | "credentials", ..] | ["jobs", _, "services", _, "env" | "credentials", ..] => {
            known(BESIDE)
        }
        ["jobs", _, "steps", "[]", "if"] => Known { contexts: STEP_IF, status: true, hashes: true },
        ["jobs", _, "steps", ..] => Known { contexts: STEP, status: false, hashes: true },
        ["jobs", ..] => known(JOB),
        ["on", "workflow_call", "inputs", _, "default"] => known(RUNS),
        ["on", "workflow_call", "outputs", _, "value"] => known(CALLED),
        // Those of an action.
        ["runs", "steps", "[]", "uses" | "id"] => return None,
        ["runs", "steps", "[]", "if"] => Known { contexts: OF_ACTION, status: true, hashes: true },
        ["runs", ..] => Known { contexts: OF_ACTION, status: false, hashes: true },
        ["inputs", _, "default"] => Known { contexts: DEFAULT, status: false, hashes: true },
        ["outputs", _, "value"] => known(OF_ACTION),
        // Triggers, permissions and names are GitHub's own affair.
        _ => known(ANYWHERE),
    })
}

/// The first expression that cannot be read, or names what it does not know where it stands.
pub fn first_wrong(document: &Document) -> Option<Failure> {
    walk(document, &DataPath::default(), &document.tree)
}

/// The same of an action.yml, of which its steps, defaults and outputs alone are more than text.
pub fn first_wrong_of_action(document: &Document) -> Option<Failure> {
    let root = DataPath::default();
    let each = |part: &str, key: &str| -> Vec<DataPath> {
        let part = root.key(part);
        let names = part.find(&document.tree).ok().and_then(Value::as_object).into_iter().flatten();
        names.map(|(name, _)| part.key(name).key(key)).collect()
    };
    let parts = [each("inputs", "default"), each("outputs", "value"), vec![root.key("runs")]].concat();
    parts.iter().find_map(|path| walk(document, path, path.find(&document.tree).ok()?))
}

fn walk(document: &Document, path: &DataPath, value: &Value) -> Option<Failure> {
    match value {
        Value::Object(object) => object.iter().find_map(|(key, value)| walk(document, &path.key(key), value)),
        Value::Array(items) => {
            items.iter().enumerate().find_map(|(index, value)| walk(document, &path.entry(index), value))
        }
        Value::String(text) => judge(document, path, text),
        _ => None,
    }
}

fn judge(document: &Document, path: &DataPath, text: &str) -> Option<Failure> {
    let is = |segment: Option<&Segment>, name: &str| matches!(segment, Some(Segment::Key(key)) if key == name);
    let (first, length) = (path.0.first(), path.0.len());
    let conditional = is(first, "jobs") && matches!(length, 3 | 5) || is(first, "runs") && length == 4;
    if conditional && is(path.0.last(), "if") {
        let told = condition(text).and_then(|node| names(&node, path));
        return told.err().map(|reason| failure(document, path, text, &reason));
    }
    let pieces = match pieces(text) {
        Ok(pieces) => pieces,
        Err(reason) => return Some(failure(document, path, "${{", &reason)),
    };
    pieces.iter().find_map(|piece| {
        let Piece::Expression(inner) = piece else { return None };
        let told = parse(inner).and_then(|node| names(&node, path));
        told.err().map(|reason| failure(document, path, inner, &reason))
    })
}

fn failure(document: &Document, path: &DataPath, written: &str, reason: &str) -> Failure {
    let mut failure = document.wrong(path, format!("The expression at `{path}` cannot be used: {reason}."));
    if let Some(crate::Place::File { line, .. }) = &mut failure.place {
        *line = document.line_of_piece(path, written);
    }
    failure.summary = failure.summary.replace("?.", "?");
    failure
        .expected("an expression that GitHub takes here")
        .actual(written.trim())
        .next("Mend it; GitHub refuses the whole file over it, before any job runs.")
}

/// Whether all that an expression names is known at the place.
fn names(node: &Node, path: &DataPath) -> Result<(), String> {
    let Some(known) = at(path) else { return Err("none may stand here".to_owned()) };
    let mut unknown = None;
    node.walk(&mut |node| {
        let reason = match node {
            Node::Context(name) if !known.contexts.contains(&name.as_str()) => {
                Some(format!("`{name}` is not known here, where {} are", known.contexts.join(", ")))
            }
            Node::Call(name, _) if name == "hashfiles" && !known.hashes => {
                Some("`hashFiles` can be called in steps only".to_owned())
            }
            Node::Call(name, _)
                if matches!(name.as_str(), "success" | "failure" | "always" | "cancelled") && !known.status =>
            {
                Some(format!("`{name}()` can be called in an `if` only"))
            }
            _ => None,
        };
        unknown = unknown.take().or(reason);
    });
    unknown.map_or(Ok(()), Err)
}
