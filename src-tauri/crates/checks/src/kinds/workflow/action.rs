//! The actions that are here without GitHub. A version is any tag, branch or commit: what runs is our own, which does as the
//! newest version does.

mod artifact;
mod glob;
mod python;
mod version;

use std::collections::BTreeMap;

use serde_json::Value;

use super::{expression::text, job::Running};
use crate::finding::Halt;

pub use artifact::Artifacts;
pub use glob::hash;

#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Action {
    Checkout,
    SetupPython,
    Upload,
    Download,
    Cache,
    CacheRestore,
    CacheSave,
}

/// Each by its name, with the oldest version that GitHub still runs.
const KNOWN: [(&str, Action, u32); 7] = [
    ("actions/checkout", Action::Checkout, 1),
    ("actions/setup-python", Action::SetupPython, 1),
    ("actions/upload-artifact", Action::Upload, 4),
    ("actions/download-artifact", Action::Download, 4),
    ("actions/cache", Action::Cache, 3),
    ("actions/cache/restore", Action::CacheRestore, 3),
    ("actions/cache/save", Action::CacheSave, 3),
];

/// Why an action cannot be used here.
#[derive(Debug)]
pub struct Refused {
    pub summary: String,
    pub expected: String,
    pub next_step: String,
}

/// The action that a `uses` names.
pub fn find(uses: &str) -> Result<Action, Refused> {
    let names = || KNOWN.map(|(name, ..)| name).join(", ");
    let refused = |summary: String, next_step: String| Refused { summary, expected: names(), next_step };
    let Some((name, version)) = uses.split_once('@').filter(|(_, version)| !version.is_empty()) else {
        let next = match uses.starts_with("docker://") {
            true => "Write its steps into the job itself.".to_owned(),
            false => format!("Name its version: `{uses}@v4`."),
        };
        return Err(refused(format!("`{uses}` names no action with a version."), next));
    };
    let Some((_, action, oldest)) = KNOWN.iter().find(|(known, ..)| known.eq_ignore_ascii_case(name)) else {
        let next = "Do it by a step with `run`: other actions would have to come from GitHub.".to_owned();
        return Err(refused(format!("The action `{name}` is not here."), next));
    };
    let major: Option<u32> = version.strip_prefix('v').and_then(|rest| rest.split('.').next()?.parse().ok());
    if major.is_some_and(|major| major < *oldest) {
        let next = format!("Write `{name}@v{oldest}` or newer.");
        return Err(refused(format!("GitHub stops a job that uses `{uses}`: it is too old."), next));
    }
    Ok(*action)
}

/// The settings of a step's action, without expressions, their names in lower case.
#[derive(Debug, Default)]
pub struct With(pub BTreeMap<String, Value>);

impl With {
    /// `None` where it is left out or empty.
    fn get(&self, name: &str) -> Option<String> {
        self.0.get(name).map(text).filter(|text| !text.trim().is_empty())
    }

    fn is_true(&self, name: &str) -> bool {
        self.get(name).is_some_and(|text| text.trim().eq_ignore_ascii_case("true"))
    }

    /// Its lines that are not empty.
    fn lines(&self, name: &str) -> Vec<String> {
        let text = self.get(name).unwrap_or_default();
        text.lines().map(str::trim).filter(|line| !line.is_empty()).map(str::to_owned).collect()
    }
}

/// How an action ended: what it says, its outputs; an error is why it failed.
#[derive(Debug, Default)]
pub struct Done {
    pub log: String,
    pub outputs: BTreeMap<String, String>,
}

impl Done {
    fn said(log: impl Into<String>) -> Self {
        Self { log: log.into(), ..Self::default() }
    }
}

impl Action {
    pub async fn act(self, with: &With, running: &mut Running<'_>) -> Result<Result<Done, String>, Halt> {
        match self {
            Self::Checkout => checkout(with, running).await,
            Self::SetupPython => python::set_up(with, running).await,
            Self::Upload => artifact::upload(with, running).await,
            Self::Download => artifact::download(with, running).await,
            Self::Cache | Self::CacheRestore if with.is_true("fail-on-cache-miss") => {
                Ok(Err("the cache holds nothing for this key: every run here begins with an empty one".to_owned()))
            }
            Self::Cache | Self::CacheRestore | Self::CacheSave => Ok(match (with.get("key"), with.get("path")) {
                (Some(key), Some(_)) => Ok(Done {
                    log: format!("Cache not found for input keys: {key}"),
                    outputs: [("cache-hit".to_owned(), String::new())].into(),
                }),
                _ => Err("it wants `key` and `path`".to_owned()),
            }),
        }
    }
}

/// Lays the workspace as it is saved into the job's folder.
async fn checkout(with: &With, running: &mut Running<'_>) -> Result<Result<Done, String>, Halt> {
    if with.get("repository").is_some_and(|other| other != super::contexts::REPOSITORY) {
        return Ok(Err("no other repository can be fetched here".to_owned()));
    }
    let folder = with.get("path").unwrap_or_default();
    let folder = folder.trim_start_matches("./").trim_end_matches('/');
    if let Some(reason) = curriculum::unfit(folder).filter(|_| !folder.is_empty() && folder != ".") {
        return Ok(Err(format!("the path `{folder}` {reason}")));
    }
    let folder = running.place(folder);
    running.machine.copy_workspace(&folder, running.changes).await?;
    Ok(Ok(Done::said(format!("The workspace lies in {folder}."))))
}
