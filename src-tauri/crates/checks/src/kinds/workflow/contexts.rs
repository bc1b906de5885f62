//! What a run tells its jobs of itself, as GitHub would: contexts of expressions, and variables of programs. The commit, the
//! numbers and the names are made up, and always the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{expression::text, trigger::Event};

pub const REPOSITORY: &str = "learner/project";
/// The folder of the job, into which `actions/checkout` lays the workspace.
pub const FOLDER: &str = "/__w/project/project";
pub const TEMP: &str = "/__w/_temp";
/// The files by which a step tells its outputs.
pub const COMMANDS: &str = "/__w/_temp/_runner_file_commands";
const SHA: &str = "6f1e9a3b5c7d2e4f8091a2b3c4d5e6f708192a3b";

/// The context `github`.
pub fn github(workflow: &str, event: Event<'_>) -> Value {
    let pull = event.name == "pull_request";
    let (reference, short) = match pull {
        true => ("refs/pull/1/merge".to_owned(), "1/merge".to_owned()),
        false => (format!("refs/heads/{}", event.branch), event.branch.to_owned()),
    };
    let owner = REPOSITORY.split('/').next();
    let repository = json!({ "full_name": REPOSITORY, "name": "project", "default_branch": "main", "private": true });
    let payload = match pull {
        true => json!({
            "action": "opened",
            "number": 1,
            "pull_request": { "number": 1, "draft": false, "head": { "ref": "change", "sha": SHA }, "base": { "ref": event.branch } },
            "repository": repository,
        }),
        false => {
            json!({ "ref": reference, "after": SHA, "head_commit": { "id": SHA, "message": "A change" }, "repository": repository })
        }
    };
    json!({
        "workflow": workflow, "event_name": event.name, "event": payload, "event_path": format!("{TEMP}/event.json"),
        "ref": reference, "ref_name": short, "ref_type": "branch", "ref_protected": false, "sha": SHA,
        "head_ref": if pull { "change" } else { "" }, "base_ref": if pull { event.branch } else { "" },
        "repository": REPOSITORY, "repository_owner": owner, "actor": owner, "triggering_actor": owner,
        "run_id": "1", "run_number": "1", "run_attempt": "1", "workspace": FOLDER, "token": "",
        "server_url": "https://github.com", "api_url": "https://api.github.com", "graphql_url": "https://api.github.com/graphql",
    })
}

pub fn runner() -> Value {
    json!({
        "name": "groundwork", "os": "Linux", "arch": if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" },
        "temp": TEMP, "tool_cache": "/__t", "environment": "github-hosted", "debug": "",
    })
}

/// The variables that every program of a job has.
pub fn variables(github: &Value, job: &str) -> BTreeMap<String, String> {
    const TOLD: [&str; 20] = [
        "workflow",
        "event_name",
        "event_path",
        "ref",
        "ref_name",
        "ref_type",
        "ref_protected",
        "sha",
        "head_ref",
        "base_ref",
        "repository",
        "repository_owner",
        "actor",
        "triggering_actor",
        "run_id",
        "run_number",
        "run_attempt",
        "workspace",
        "server_url",
        "api_url",
    ];
    let told = TOLD.iter().map(|name| (format!("GITHUB_{}", name.to_uppercase()), text(&github[*name])));
    let runner = runner();
    let of_runner = ["name", "os", "arch", "temp", "tool_cache", "environment"];
    let of_runner = of_runner.map(|name| (format!("RUNNER_{}", name.to_uppercase()), text(&runner[name])));
    let plain = [("CI", "true"), ("GITHUB_ACTIONS", "true"), ("GITHUB_JOB", job)];
    told.chain(of_runner).chain(plain.map(|(name, value)| (name.to_owned(), value.to_owned()))).collect()
}

/// The inputs of a run that is started by hand, as they are where nobody chooses.
pub fn inputs(on: &Value, event: &str) -> Value {
    let written = on.get(event).and_then(|event| event.get("inputs")).and_then(Value::as_object);
    let defaults = written.into_iter().flatten().map(|(name, input)| {
        (name.clone(), input.get("default").cloned().unwrap_or_else(|| Value::String(String::new())))
    });
    Value::Object(defaults.collect::<Map<_, _>>())
}

/// Texts as a context.
pub fn texts(pairs: &BTreeMap<String, String>) -> Value {
    Value::Object(pairs.iter().map(|(name, value)| (name.clone(), value.clone().into())).collect())
}
