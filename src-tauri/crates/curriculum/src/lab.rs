//! A lab as `lab.toml` describes it.

mod injection;
mod read;
mod rules;
mod shared;

use std::{collections::BTreeMap, path::PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Place, document::ancestors};

pub use injection::Injection;
pub(crate) use read::{LabFile, read};
pub(crate) use shared::FOLDER as SHARED;
pub use shared::Shared;

/// One lab of a pack. Progress belongs to `id`; renaming the folder or moving the lab loses nothing.
#[derive(Debug, Clone)]
pub struct Lab {
    pub id: Uuid,
    /// The folder's name: lower-case words joined by hyphens.
    pub slug: String,
    /// Counts content changes.
    pub version: u32,
    pub title: String,
    pub summary: String,
    /// Expected time at the keyboard.
    pub minutes: u32,
    /// Slugs of labs worth doing first. They order, they never lock.
    pub needs: Vec<String>,
    pub skills: Vec<String>,
    pub requires: Requires,
    pub files: Vec<File>,
    /// Folders of the pack that stand in the workspace beside the starter.
    pub shared: Vec<Shared>,
    pub services: Vec<Service>,
    pub steps: Vec<Step>,
    /// The check that an untouched starter must fail on first.
    pub starter_fails_on: String,
    /// The lab's folder inside the pack.
    pub folder: PathBuf,
}

/// What the lab needs of the machine.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Requires {
    /// MiB of memory beside the system and the model.
    pub memory_mb: u32,
    /// MiB of disk for the environment and what the learner makes.
    pub disk_mb: u32,
    pub docker: Docker,
}

/// Whether the lab needs Docker.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Docker {
    No,
    Optional,
    Required,
}

/// A path of the workspace and who owns it.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct File {
    /// Relative, `/`-separated, inside the workspace.
    pub path: String,
    pub role: Role,
    /// Shown first when the editor opens.
    #[serde(default)]
    pub open: bool,
}

/// Who owns a file of the workspace.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize, JsonSchema)]
#[serde(rename_all = "lowercase")]
pub enum Role {
    /// The learner writes it.
    Edit,
    /// Restored from the pack before a check.
    Fixed,
    /// Made by the learner's programs; a save of it runs checks.
    Watch,
}

/// A program of the learner's that listens on a port which Groundwork chooses and passes as `PORT`.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Service {
    /// Checks name it so.
    pub name: String,
    /// Program and arguments; `python` means the lab's environment.
    pub command: Vec<String>,
    /// Variables beside those of the lab's environment.
    #[serde(default)]
    pub env: BTreeMap<String, String>,
    pub ready: Ready,
    /// Globs of files whose save restarts the service.
    #[serde(default)]
    pub restart_on: Vec<String>,
}

/// When a service counts as started: `GET path` answers with any status below 500.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Ready {
    /// Begins with a slash.
    pub path: String,
    /// Seconds that it may take.
    #[serde(default = "ten")]
    pub within_s: u32,
}

fn ten() -> u32 {
    10
}

/// A page of the guide and the checks that prove it done.
#[derive(Debug, Clone)]
pub struct Step {
    pub id: String,
    pub title: String,
    /// The page: a file of the lab's folder `guide`.
    pub page: String,
    /// The page's Markdown.
    pub guide: String,
    pub checks: Vec<Check>,
}

/// A check as written; the `checks` crate gives `kind` and `settings` their meaning.
#[derive(Debug, Clone)]
pub struct Check {
    /// Unique within the lab and stable: outcomes belong to it.
    pub id: String,
    pub title: String,
    pub kind: String,
    /// Ids of checks that must pass first; until then this one is blocked.
    pub after: Vec<String>,
    /// Globs of files whose save concerns this check, beside those its kind names itself.
    pub watches: Vec<String>,
    /// What the gateway does to this workspace's calls while the check runs.
    pub faults: Vec<Injection>,
    /// Written advice, the mildest first.
    pub hints: Vec<String>,
    pub hint_when: Vec<HintWhen>,
    /// Everything else in the check's table.
    pub settings: toml::Table,
    pub place: Place,
    /// Where each setting stands, by its path: `assert[1].at`.
    pub setting_places: BTreeMap<String, Place>,
}

impl Check {
    /// The keys that a check of any kind may have.
    pub const COMMON_KEYS: &[&str] = &["id", "title", "kind", "after", "watches", "faults", "hints", "hint_when"];

    /// Where the setting at `path` stands, or what is nearest around it.
    pub fn place_of(&self, path: &str) -> &Place {
        ancestors(path).find_map(|path| self.setting_places.get(path)).unwrap_or(&self.place)
    }
}

/// Advice for a wrong state that was seen: `actual` of the outcome matches the pattern.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct HintWhen {
    /// A regular expression.
    pub actual: String,
    /// What is said in place of the check's own next step.
    pub hint: String,
}
