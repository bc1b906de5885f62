//! What a run tells its jobs of itself, as GitHub would: contexts of expressions, and variables of programs. The commit, the
//! numbers and the names are made up, and always the same.

use std::collections::BTreeMap;

use serde_json::{Map, Value, json};

use super::{
    expression::text,
    trigger::{ACTION, Event},
};

const OWNER: &str = "learner";
pub const REPOSITORY: &str = "learner/project";
/// The folder of the job, into which `actions/checkout` lays the workspace.
pub const FOLDER: &str = "/__w/project/project";
pub const TEMP: &str = "/__w/_temp";
/// The files by which a step tells its outputs.
pub const COMMANDS: &str = "/__w/_temp/_runner_file_commands";
const SHA: &str = "6f1e9a3b5c7d2e4f8091a2b3c4d5e6f708192a3b";
/// The commit before.
const BEFORE: &str = "2b3c4d5e6f708192a3b4c5d6e7f8091a2b3c4d5e";
const MESSAGE: &str = "A change";

/// The context `github`, but for the job's id.
pub fn github(name: &str, path: &str, event: Event<'_>, inputs: &Value) -> Value {
    let pull = event.name == "pull_request";
    let (reference, short) = match pull {
        true => ("refs/pull/1/merge".to_owned(), "1/merge".to_owned()),
        false => (format!("refs/heads/{}", event.branch), event.branch.to_owned()),
    };
    json!({
        "workflow": name, "workflow_ref": format!("{REPOSITORY}/{path}@{reference}"), "workflow_sha": SHA,
        "event_name": event.name, "event": payload(path, event, &reference, inputs),
        "event_path": format!("{TEMP}/event.json"),
        "ref": reference, "ref_name": short, "ref_type": "branch", "ref_protected": false, "sha": SHA,
        "head_ref": if pull { "change" } else { "" }, "base_ref": if pull { event.branch } else { "" },
        "repository": REPOSITORY, "repository_id": "1", "repository_owner": OWNER, "repository_owner_id": "1",
        "repositoryUrl": format!("git://github.com/{REPOSITORY}.git"),
        "actor": OWNER, "actor_id": "1", "triggering_actor": OWNER,
        "run_id": "1", "run_number": "1", "run_attempt": "1", "retention_days": "90", "workspace": FOLDER,
        "token": "", "secret_source": "Actions",
        "server_url": "https://github.com", "api_url": "https://api.github.com",
        "graphql_url": "https://api.github.com/graphql",
    })
}

/// What an event tells of itself.
fn payload(path: &str, event: Event<'_>, reference: &str, inputs: &Value) -> Value {
    let url = format!("https://github.com/{REPOSITORY}");
    let sender = json!({ "login": OWNER, "type": "User" });
    let repository = json!({
        "full_name": REPOSITORY, "name": "project", "owner": sender, "default_branch": "main", "private": true,
        "fork": false, "html_url": url,
    });
    match event.name {
        "pull_request" => {
            let side = |branch: &str, commit: &str| {
                let label = format!("{OWNER}:{branch}");
                json!({ "ref": branch, "sha": commit, "label": label, "user": sender, "repo": repository })
            };
            let pull = json!({
                "number": 1, "title": MESSAGE, "body": null, "state": "open", "draft": false, "merged": false,
                "labels": [], "assignees": [], "requested_reviewers": [], "milestone": null,
                "user": sender, "author_association": "OWNER", "html_url": format!("{url}/pull/1"),
                "head": side("change", SHA), "base": side(event.branch, BEFORE),
            });
            json!({ "action": ACTION, "number": 1, "pull_request": pull, "repository": repository, "sender": sender })
        }
        "workflow_dispatch" => {
            let each = inputs.as_object().into_iter().flatten().map(|(name, value)| (name.clone(), text(value).into()));
            let inputs = Value::Object(each.collect());
            json!({ "inputs": inputs, "ref": reference, "workflow": path, "repository": repository, "sender": sender })
        }
        _ => {
            let email = format!("{OWNER}@users.noreply.github.com");
            let author = json!({ "name": OWNER, "username": OWNER, "email": email });
            let commit = json!({ "id": SHA, "message": MESSAGE, "author": author, "committer": author });
            json!({
                "ref": reference, "before": BEFORE, "after": SHA, "created": false, "deleted": false,
                "forced": false, "commits": [commit], "head_commit": commit, "pusher": author,
                "repository": repository, "sender": sender,
            })
        }
    }
}

pub fn runner() -> Value {
    json!({
        "name": "groundwork", "os": "Linux", "arch": if cfg!(target_arch = "aarch64") { "ARM64" } else { "X64" },
        "temp": TEMP, "tool_cache": "/__t", "environment": "github-hosted", "debug": "",
    })
}

/// The variables that every program of a job has.
pub fn variables(github: &Value) -> BTreeMap<String, String> {
    const TOLD: [&str; 28] = [
        "job",
        "workflow",
        "workflow_ref",
        "workflow_sha",
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
        "repository_id",
        "repository_owner",
        "repository_owner_id",
        "actor",
        "actor_id",
        "triggering_actor",
        "run_id",
        "run_number",
        "run_attempt",
        "retention_days",
        "workspace",
        "server_url",
        "api_url",
        "graphql_url",
    ];
    let told = TOLD.iter().map(|name| (format!("GITHUB_{}", name.to_uppercase()), text(&github[*name])));
    let runner = runner();
    let of_runner = ["name", "os", "arch", "temp", "tool_cache", "environment"];
    let of_runner = of_runner.map(|name| (format!("RUNNER_{}", name.to_uppercase()), text(&runner[name])));
    let plain = [("CI", "true"), ("GITHUB_ACTIONS", "true")];
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

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn events_tell_what_workflows_read() {
        for (name, at, expected) in [
            ("push", "/head_commit/author/name", json!(OWNER)),
            ("push", "/commits/0/message", json!(MESSAGE)),
            ("push", "/before", json!(BEFORE)),
            ("push", "/repository/owner/login", json!(OWNER)),
            ("pull_request", "/action", json!(ACTION)),
            ("pull_request", "/pull_request/head/repo/full_name", json!(REPOSITORY)),
            ("pull_request", "/pull_request/base/repo/fork", json!(false)),
            ("pull_request", "/pull_request/base/ref", json!("main")),
            ("pull_request", "/pull_request/user/login", json!(OWNER)),
            ("pull_request", "/pull_request/labels", json!([])),
            ("workflow_dispatch", "/inputs/dry-run", json!("true")),
            ("workflow_dispatch", "/inputs/many", json!("2")),
        ] {
            let event = Event { name, branch: "main", changed: None };
            let github = github("CI", "ci.yml", event, &json!({ "dry-run": true, "many": 2 }));
            assert_eq!(github["event"].pointer(at), Some(&expected), "{name} {at}");
        }
    }
}
