//! Where engines listen: what the learner chose, else the usual sockets of Docker, Docker Desktop, rootless Docker and Podman.
//! Looks at files only.

use std::ffi::OsString;
use std::path::{Path, PathBuf};

use serde::Deserialize;
use sha2::{Digest, Sha256};

use crate::Error;

/// What a shell knows of where engines may be.
#[derive(Debug, Clone, Default)]
pub struct Surroundings {
    /// `DOCKER_HOST`
    pub host: Option<String>,
    /// `DOCKER_CONTEXT`
    pub context: Option<String>,
    /// Docker's folder of settings: `DOCKER_CONFIG`, else `~/.docker`.
    pub config: Option<PathBuf>,
    pub home: Option<PathBuf>,
    /// `XDG_RUNTIME_DIR`
    pub runtime: Option<PathBuf>,
    /// `PATH`, where the engines' own programs are looked for.
    pub search_path: OsString,
}

#[derive(Debug, PartialEq)]
pub struct Place {
    /// A path, or a named pipe on Windows.
    pub socket: String,
    pub found_by: String,
}

/// The places to try. Whoever chose one gets that one and no other.
pub fn places(surroundings: &Surroundings) -> Result<Vec<Place>, Error> {
    if let Some(host) = &surroundings.host {
        return Ok(vec![Place { socket: local(host)?, found_by: "DOCKER_HOST".into() }]);
    }
    let config = surroundings.config.clone().or_else(|| Some(surroundings.home.as_ref()?.join(".docker")));
    let chosen = surroundings.context.clone().or_else(|| current_context(config.as_deref()?));
    match chosen.filter(|name| name != "default") {
        Some(name) => {
            let host = context_host(config.as_deref(), &name)?;
            Ok(vec![Place { socket: local(&host)?, found_by: format!("the context {name}") }])
        }
        None => Ok(usual(surroundings)),
    }
}

fn usual(surroundings: &Surroundings) -> Vec<Place> {
    let below = |folder: &Option<PathBuf>, path: &str| Some(folder.as_ref()?.join(path).display().to_string());
    let (home, runtime) = (&surroundings.home, &surroundings.runtime);
    let sockets = if cfg!(windows) {
        ["docker_engine", "dockerDesktopLinuxEngine", "podman-machine-default"]
            .map(|pipe| Some(format!("//./pipe/{pipe}")))
            .to_vec()
    } else {
        vec![
            Some("/var/run/docker.sock".to_owned()),
            below(runtime, "docker.sock"),
            below(home, ".docker/run/docker.sock"),
            below(home, ".docker/desktop/docker.sock"),
            below(runtime, "podman/podman.sock"),
            Some("/run/podman/podman.sock".to_owned()),
        ]
    };
    sockets.into_iter().flatten().map(|socket| Place { socket, found_by: "the usual place".into() }).collect()
}

/// The socket's path. Ports of a stack are opened on the engine's machine, so that has to be this one.
fn local(address: &str) -> Result<String, Error> {
    let scheme = if cfg!(windows) { "npipe://" } else { "unix://" };
    let path = address.strip_prefix(scheme).filter(|path| !path.is_empty());
    path.map(str::to_owned).ok_or_else(|| Error::Remote { address: address.into() })
}

/// The context that `docker context use` chose.
fn current_context(config: &Path) -> Option<String> {
    #[derive(Deserialize)]
    struct Config {
        #[serde(rename = "currentContext")]
        current: Option<String>,
    }
    let text = std::fs::read_to_string(config.join("config.json")).ok()?;
    serde_json::from_str::<Config>(&text).ok()?.current.filter(|name| !name.is_empty())
}

/// Docker keeps each context in a folder named by the SHA-256 of its name.
fn context_host(config: Option<&Path>, name: &str) -> Result<String, Error> {
    #[derive(Deserialize)]
    struct Meta {
        #[serde(rename = "Endpoints")]
        endpoints: Endpoints,
    }
    #[derive(Deserialize)]
    struct Endpoints {
        docker: Endpoint,
    }
    #[derive(Deserialize)]
    struct Endpoint {
        #[serde(rename = "Host")]
        host: String,
    }
    let fail = |detail: String| Error::Context { name: name.into(), detail };
    let config = config.ok_or_else(|| fail("this user has no home folder".into()))?;
    let folder: String = Sha256::digest(name).iter().map(|byte| format!("{byte:02x}")).collect();
    let file = config.join("contexts/meta").join(folder).join("meta.json");
    let text = std::fs::read_to_string(&file).map_err(|error| fail(format!("{}: {error}", file.display())))?;
    let meta: Meta = serde_json::from_str(&text).map_err(|error| fail(format!("{}: {error}", file.display())))?;
    Ok(meta.endpoints.docker.host)
}
