//! The action.yml of an action that the workspace has itself, of steps alone: judged as GitHub does, and read as a job of few words.

use serde_json::{Map, Value};

use super::{Job, places, steps};
use crate::{
    data::path::DataPath,
    finding::{Failure, Halt},
    kinds::workflow::document::Document,
};

#[derive(Debug)]
pub struct Manifest {
    pub document: Document,
    /// What each of its inputs is where nobody gives it, as it is written.
    pub inputs: Map<String, Value>,
    /// Its steps and outputs.
    pub job: Job,
}

/// The keys that a step may have.
const OF_RUN: &[&str] = &["name", "id", "if", "run", "shell", "env", "working-directory", "continue-on-error"];
const OF_USES: &[&str] = &["name", "id", "if", "uses", "with", "env", "continue-on-error"];

impl Manifest {
    pub fn read(path: &str, text: String) -> Result<Self, Halt> {
        let document = Document::parsed(path, text)?;
        let runs = DataPath::default().key("runs");
        let using = document.tree["runs"]["using"].as_str().unwrap_or_default();
        if using != "composite" {
            return Err(document
                .wrong(&runs.key("using"), format!("The action `{path}` cannot be used here."))
                .expected("an action that is `using: composite`")
                .actual(format!("`using: {using}`"))
                .next("Make it of steps, or write what it does into the job itself.")
                .into());
        }
        let at = runs.key("steps");
        let written = document.tree["runs"].get("steps");
        if let Some(wrong) = wrong_step(&document, &at, written).or_else(|| places::first_wrong_of_action(&document)) {
            return Err(wrong.into());
        }
        let steps = steps(&document, &at, written, path)?;
        let of = |part: &str, key: &str| -> Map<String, Value> {
            let each = document.tree.get(part).and_then(Value::as_object).into_iter().flatten();
            each.map(|(name, one)| (name.clone(), one.get(key).cloned().unwrap_or_else(|| "".into()))).collect()
        };
        let inputs = of("inputs", "default");
        let body = Map::from_iter([("outputs".to_owned(), Value::Object(of("outputs", "value")))]);
        let job = Job { id: path.to_owned(), at: DataPath::default(), needs: Vec::new(), body, steps, called: None };
        Ok(Self { document, inputs, job })
    }
}

/// The first step that has a form of its own; no schema is here to say so.
fn wrong_step(document: &Document, at: &DataPath, written: Option<&Value>) -> Option<Failure> {
    let Some(steps) = written.and_then(Value::as_array).filter(|steps| !steps.is_empty()) else {
        let failure = document.wrong(at, format!("`{at}` is no list of steps.")).expected("a list of steps");
        return Some(failure.next("Write what it does under `steps:`."));
    };
    steps.iter().enumerate().find_map(|(index, step)| {
        let at = at.entry(index);
        let Some(step) = step.as_object() else {
            return Some(document.wrong(&at, format!("`{at}` is no step.")).next("Write `run` or `uses`."));
        };
        let known = if step.contains_key("uses") { OF_USES } else { OF_RUN };
        if let Some(key) = step.keys().find(|key| !known.contains(&key.as_str())) {
            let failure =
                document.wrong(&at.key(key), format!("`{at}` has no key `{key}`.")).expected(known.join(", "));
            return Some(failure.actual(format!("`{key}`")).next("Take it out."));
        }
        let missing = ["run", "shell"].into_iter().find(|key| known.contains(key) && !step.contains_key(*key))?;
        let failure = document.wrong(&at, format!("`{at}` lacks `{missing}`.")).expected(format!("a key `{missing}`"));
        Some(failure.next("A script of an action says by which shell it runs: `shell: bash`."))
    })
}
