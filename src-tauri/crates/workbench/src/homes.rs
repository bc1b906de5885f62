//! What containers are told of the machine that they run on: where the gateway is for them, and how they may ask it. And what
//! checks may do with containers on it.

mod visit;

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
    sync::Arc,
};

use checks::Obstacle;
use containers::{Engine, Error};
use task::Fault;
use uuid::Uuid;

use crate::{Problem, Workbench, door::Door};

pub use visit::Visit;

/// The name by which a container knows its machine. Docker Desktop has it by itself.
pub const MACHINE: &str = "host.docker.internal";

/// Names and their values.
type Pairs = BTreeMap<String, String>;

/// A workspace, as its containers have to know it.
#[derive(Debug, Clone)]
pub struct Home {
    pub engine: containers::Surroundings,
    pub folder: PathBuf,
    /// Of the workspace's programs.
    pub variables: BTreeMap<String, String>,
}

impl Home {
    /// The engine, for the checks of the workspace.
    pub async fn visit(&self, workspace: Uuid, door: Arc<Door>, key: &str) -> Result<Visit, Obstacle> {
        let engine = Engine::find(&self.engine).await.map_err(|error| obstacle(&error))?;
        Ok(Visit::new(engine, self.clone(), check_name(workspace), door, key.to_owned()))
    }
}

/// Lets the engine's containers reach the gateway, and says what builds have to know of its packages: nothing where they do not
/// reach it, and pip asks its own index.
pub async fn open(door: &Door, engine: &Engine, key: &str) -> Result<BTreeMap<String, String>, Obstacle> {
    let Some(port) = door.port().filter(|_| engine.reaches_this_machine().is_ok()) else { return Ok(BTreeMap::new()) };
    if let Some(bridge) = engine.bridge().await.map_err(|error| obstacle(&error))? {
        // An engine in a machine of its own has a bridge that is not this machine's, and hands calls on by itself.
        if let Err(error) = door.open_to_containers(key, bridge).await {
            tracing::info!(%bridge, error = error.message, "containers do not reach the gateway over a bridge");
        }
    }
    let pairs =
        [("PIP_INDEX_URL", format!("http://{MACHINE}:{port}/wheels/")), ("PIP_TRUSTED_HOST", MACHINE.to_owned())];
    let offers = if door.has_wheels() { pairs.to_vec() } else { Vec::new() };
    Ok(offers.into_iter().map(|(name, value)| (name.to_owned(), value)).collect())
}

/// Variables of a workspace's programs, as a container has to know them.
pub fn from_inside(variables: &BTreeMap<String, String>) -> BTreeMap<String, String> {
    let moved = |value: &String| value.replace("127.0.0.1", MACHINE);
    variables.iter().map(|(name, value)| (name.clone(), moved(value))).collect()
}

/// What a workspace's checks name their containers and images by.
fn check_name(workspace: Uuid) -> String {
    format!("check-{}", &workspace.simple().to_string()[..12])
}

impl Workbench {
    /// Removes the image that a workspace's checks built: it is kept for the next check, and a workspace that goes has none.
    pub(crate) async fn forget_image(&self, lab: &curriculum::Lab, workspace: Uuid) {
        let builds = |check: &curriculum::Check| matches!(check.kind.as_str(), "image" | "container");
        if !lab.steps.iter().flat_map(|step| &step.checks).any(builds) {
            return;
        }
        if let Ok(engine) = self.containers().await {
            let name = format!("groundwork-{}:latest", check_name(workspace));
            match engine.remove_image(&name).await {
                Ok(()) | Err(Error::NoImage { .. }) => {}
                Err(error) => tracing::warn!(%error, "an image of a check stays behind"),
            }
        }
    }

    /// The variables of the workspace that `path` lies in, as its containers have to know them, and the arguments that builds
    /// are offered; nothing where it lies in none.
    pub(crate) async fn told_to_containers(&self, path: &Path, engine: &Engine) -> Result<(Pairs, Pairs), Problem> {
        let path = path.canonicalize().unwrap_or_else(|_| path.to_path_buf());
        let known = self.journal.workspaces()?;
        let real = |folder: &Path| folder.canonicalize().unwrap_or_else(|_| folder.to_path_buf());
        let Some(row) = known.into_iter().find(|row| path.starts_with(real(&row.folder))) else {
            return Ok(Default::default());
        };
        self.open_gateway().await;
        let key = crate::key::of(&workspaces::Workspace::known(&row.folder, row.id)?)?;
        let variables = crate::labs::variables(&self.door.root_for_programs(), &key, &row.slug);
        let arguments = open(&self.door, engine, &key).await.unwrap_or_default();
        Ok((from_inside(&variables), arguments))
    }
}

fn obstacle(error: &Error) -> Obstacle {
    Obstacle { message: crate::problem::sentence(&error.to_string()), next_step: error.next_step() }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_told_of_its_machine_and_not_of_itself() {
        let variables = BTreeMap::from([
            ("OPENAI_BASE_URL".to_owned(), "http://127.0.0.1:8790/v1".to_owned()),
            ("OPENAI_API_KEY".to_owned(), "gw-1".to_owned()),
        ]);
        let inside = from_inside(&variables);
        assert_eq!(inside["OPENAI_BASE_URL"], "http://host.docker.internal:8790/v1");
        assert_eq!(inside["OPENAI_API_KEY"], "gw-1");
    }
}
