//! The workflow that a job calls: one of the workspace's own, judged by what the job gives it.

use std::collections::BTreeMap;

use curriculum::nearest;
use serde_json::{Map, Value};

use super::Workflow;
use crate::{
    Probe,
    data::{Format, parse, path::DataPath},
    files,
    finding::{Failure, Halt},
    kinds::workflow::{
        document::Document,
        expression::{property, text},
        trigger::{Event, starts},
    },
};

/// Where GitHub looks for them.
const FOLDER: &str = ".github/workflows/";
/// How many may call one another; GitHub's own limit.
const DEEPEST: usize = 10;

/// The texts of workflows that others may call, by their paths.
pub type Texts = BTreeMap<String, String>;

/// The texts of the workspace's workflows that this one calls, and of those that they call.
pub async fn texts(probe: &dyn Probe, text: &str) -> Result<Texts, Halt> {
    let (mut texts, mut open) = (Texts::new(), paths(text));
    while let Some(path) = open.pop() {
        // What is not there is told where it is called.
        if !texts.contains_key(&path)
            && let Some(bytes) = probe.read(&path).await?
        {
            let text = files::decoded(&path, bytes)?;
            open.extend(paths(&text));
            texts.insert(path, text);
        }
    }
    Ok(texts)
}

fn paths(text: &str) -> Vec<String> {
    let tree = parse(text, Format::Yaml).unwrap_or_default();
    let jobs = tree.get("jobs").and_then(Value::as_object).into_iter().flatten();
    jobs.filter_map(|(_, job)| path(job.get("uses")?.as_str()?)).collect()
}

/// The file that a `uses` names.
fn path(uses: &str) -> Option<String> {
    let name = uses.strip_prefix("./")?.strip_prefix(FOLDER)?;
    let is_file = name.ends_with(".yml") || name.ends_with(".yaml");
    (is_file && !name.contains('/')).then(|| format!("{FOLDER}{name}"))
}

/// Reads the workflow that a job's `uses` names. `paths` are those that call one another up to here.
pub fn read(
    document: &Document,
    at: &DataPath,
    body: &Map<String, Value>,
    uses: &Value,
    paths: &[&str],
    texts: &Texts,
) -> Result<Workflow, Halt> {
    let uses = text(uses);
    let refused = |summary: String, next: &str| -> Halt {
        let failure = document.wrong(&at.key("uses"), summary).expected(format!("`./{FOLDER}NAME.yml`"));
        failure.actual(uses.clone()).next(next).into()
    };
    let Some(path) = path(&uses) else {
        let next = "Lay it into that folder and name it there: those of others would have to come from GitHub.";
        return Err(refused(format!("The workflow `{uses}` is not here."), next));
    };
    if paths.contains(&path.as_str()) {
        let next = "Let no workflow call one that calls it.";
        return Err(refused(format!("The workflow `{path}` would call itself without end."), next));
    }
    if paths.len() == DEEPEST {
        let next = "Call it from one further up.";
        return Err(refused(format!("Workflows call one another more than {DEEPEST} deep."), next));
    }
    let Some(written) = texts.get(&path) else {
        return Err(refused(format!("There is no `{path}`."), "Make it, or name one that is there."));
    };
    let called = Workflow::read_within(&[paths, &[path.as_str()]].concat(), written.clone(), texts)?;
    let event = Event { name: "workflow_call", branch: "", changed: None };
    if starts(&called.document.tree["on"], event).is_err() {
        let next = "Add `workflow_call:` to its `on`.";
        return Err(refused(format!("`{path}` cannot be called: its `on` does not name `workflow_call`."), next));
    }
    match called.wrong_default().or_else(|| called.wrong_call(document, at, body)) {
        Some(failure) => Err(failure.into()),
        None => Ok(called),
    }
}

impl Workflow {
    /// What its `on.workflow_call` declares of `inputs`, `secrets` or `outputs`.
    pub fn declares(&self, what: &str) -> Option<&Map<String, Value>> {
        self.document.tree["on"]["workflow_call"][what].as_object()
    }

    /// Where it declares them.
    pub fn declared_at(what: &str) -> DataPath {
        DataPath::default().key("on").key("workflow_call").key(what)
    }

    fn wrong_default(&self) -> Option<Failure> {
        let at = Self::declared_at("inputs");
        self.declares("inputs").into_iter().flatten().find_map(|(id, input)| {
            let default = input.get("default").filter(|default| is_final(default))?;
            let reason = typed(input, default).err()?;
            Some(wrong_value(&self.document, &at.key(id).key("default"), default, &reason))
        })
    }

    /// What a job gives that this does not take, or lacks that it needs.
    fn wrong_call(&self, caller: &Document, at: &DataPath, body: &Map<String, Value>) -> Option<Failure> {
        let none = Map::new();
        let with = body.get("with").and_then(Value::as_object).unwrap_or(&none);
        let inputs = self.declares("inputs").unwrap_or(&none);
        let secrets = match body.get("secrets") {
            Some(Value::String(_)) => None,
            other => Some(other.and_then(Value::as_object).unwrap_or(&none)),
        };
        let of_secrets = |secrets: &Map<String, Value>| {
            let declared = self.declares("secrets").unwrap_or(&none);
            self.wrong_names(caller, &at.key("secrets"), "secret", secrets, declared)
        };
        self.wrong_names(caller, &at.key("with"), "input", with, inputs)
            .or_else(|| secrets.and_then(of_secrets))
            .or_else(|| {
                with.iter().filter(|(_, value)| is_final(value)).find_map(|(id, value)| {
                    let reason = typed(property(inputs, id)?, value).err()?;
                    Some(wrong_value(caller, &at.key("with").key(id), value, &reason))
                })
            })
    }

    fn wrong_names(
        &self,
        caller: &Document,
        at: &DataPath,
        what: &str,
        told: &Map<String, Value>,
        declared: &Map<String, Value>,
    ) -> Option<Failure> {
        let path = &self.document.path;
        let names = || declared.keys().map(String::as_str);
        if let Some(name) = told.keys().find(|name| property(declared, name).is_none()) {
            let next = match nearest(name, names()) {
                Some(near) => format!("Did you mean `{near}`?"),
                None => format!("Take it out, or declare it in `{path}` under `on.workflow_call.{what}s`."),
            };
            let known = names().collect::<Vec<_>>().join(", ");
            let failure = caller.wrong(&at.key(name), format!("`{path}` takes no {what} `{name}`."));
            let expected = if known.is_empty() { format!("no {what}s") } else { known };
            return Some(failure.expected(expected).actual(format!("`{name}`")).next(next));
        }
        let needed = |(_, one): &(&String, &Value)| one["required"] == true;
        let (name, _) = declared.iter().filter(needed).find(|(name, _)| property(told, name).is_none())?;
        let failure = caller.wrong(at, format!("`{path}` needs the {what} `{name}`."));
        Some(failure.expected(format!("`{name}` under `{at}`")).next(format!("Add `{name}:` there.")))
    }
}

/// Whether no expression is in a value.
fn is_final(value: &Value) -> bool {
    !value.as_str().is_some_and(|text| text.contains("${{"))
}

/// A value of the type that an input declares; nothing is the least of it. The error is the end of a sentence.
pub fn typed(input: &Value, value: &Value) -> Result<Value, String> {
    let (wanted, least) = match input["type"].as_str() {
        Some("boolean") => ("`true` or `false`", Value::Bool(false)),
        Some("number") => ("a number", Value::from(0)),
        _ => ("a text", Value::from("")),
    };
    match value {
        Value::Null => Ok(least),
        Value::Array(_) | Value::Object(_) => Err(format!("it must be {wanted}")),
        value if least.is_string() => Ok(text(value).into()),
        value if least.is_boolean() == value.is_boolean() && least.is_number() == value.is_number() => {
            Ok(value.clone())
        }
        _ => Err(format!("it must be {wanted}, which `fromJSON` makes of a text")),
    }
}

fn wrong_value(document: &Document, at: &DataPath, value: &Value, reason: &str) -> Failure {
    let failure =
        document.wrong(at, format!("`{at}` cannot be used: {reason}.")).expected("a value of the input's type");
    failure.actual(text(value)).next("Write such a value, or change the input's `type`.")
}
