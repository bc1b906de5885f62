//! The engine of this machine: found where people have it, asked what it is, and, where it does not answer, told apart by why.

mod mending;
mod places;

use std::net::Ipv4Addr;
use std::path::Path;
use std::time::Duration;

use bollard::query_parameters::InspectNetworkOptions;
use bollard::{API_DEFAULT_VERSION, Docker};
use task::Cancellation;

use crate::Error;

pub use places::Surroundings;

/// The oldest interface that knows `host-gateway`, Docker 20.10's.
const OLDEST: (u32, u32) = (1, 41);
/// Seconds until an engine that says nothing counts as gone. Stopping a container takes its grace period.
const PATIENCE: u64 = 120;

/// An engine that answered.
#[derive(Debug, Clone)]
pub struct Engine {
    pub(crate) docker: Docker,
    about: About,
}

/// What an engine says of itself.
#[derive(Debug, Clone, PartialEq)]
pub struct About {
    /// `unix:///var/run/docker.sock`
    pub address: String,
    /// Why this address was tried: `DOCKER_HOST`, `the context desktop-linux`, `the usual place`.
    pub found_by: String,
    /// `Docker 20.10.24`, `Podman Engine 4.9.3`
    pub title: String,
    /// `1.41`
    pub api: String,
    pub cpus: u32,
    /// Bytes that containers can share.
    pub memory: u64,
    /// Where images and volumes lie: a folder of the engine's own machine.
    pub root: String,
    /// Limits that this engine cannot hold, as it says itself: a kernel without the group for them.
    pub without_limits: Vec<&'static str>,
    /// Whether it runs as an ordinary user: its containers then have a network of their own, in which nothing of this machine's is.
    pub rootless: bool,
}

impl Engine {
    /// The first engine that answers, in the order in which Docker's own client looks.
    pub async fn find(surroundings: &Surroundings) -> Result<Self, Error> {
        let places = places::places(surroundings)?;
        let (mut told, mut silent) = (None, None);
        for place in &places {
            match Self::connect(&place.socket, &place.found_by, surroundings).await {
                Ok(engine) => return Ok(engine),
                // A socket that nobody answers says more than one that is not there.
                Err(error @ Error::NotStarted { .. }) if Path::new(&place.socket).exists() => silent = Some(error),
                Err(Error::NotStarted { .. }) => {}
                // One that forbids or is too old says most, unless another one answers.
                Err(error) => told = told.or(Some(error)),
            }
        }
        if let Some(error) = told {
            return Err(error);
        }
        // Who chose a place is told of that place: another one's command would not mend it.
        if let [place] = &places[..] {
            let (address, by) = (place.socket.clone(), place.found_by.clone());
            return Err(Error::Chosen { address, by, start: mending::command(surroundings) });
        }
        Err(silent.unwrap_or_else(|| mending::absent_or_not_started(surroundings)))
    }

    async fn connect(socket: &str, found_by: &str, surroundings: &Surroundings) -> Result<Self, Error> {
        mending::knock(socket, surroundings).await?;
        let docker = Docker::connect_with_socket(socket, PATIENCE, API_DEFAULT_VERSION)?;
        let asked = tokio::time::timeout(Duration::from_secs(5), docker.version());
        let version = asked.await.map_err(|_| mending::not_started(surroundings))??;
        let api = version.api_version.unwrap_or_default();
        let first = version.components.into_iter().flatten().next();
        let title = match first.map(|component| (component.name, component.version)) {
            Some((name, version)) if name != "Engine" => format!("{name} {version}"),
            _ => format!("Docker {}", version.version.unwrap_or_default()),
        };
        if number(&api) < OLDEST {
            let upgrade = mending::upgrade(surroundings, title.starts_with("Podman"));
            return Err(Error::TooOld { version: title, api, upgrade });
        }
        let docker = docker.negotiate_version().await?;
        let info = docker.info().await?;
        let limits =
            [("memory", info.memory_limit), ("CPU", info.cpu_cfs_quota), ("number of processes", info.pids_limit)];
        let about = About {
            address: format!("{}{socket}", if cfg!(windows) { "npipe://" } else { "unix://" }),
            found_by: found_by.into(),
            title,
            api,
            cpus: info.ncpu.and_then(|cpus| u32::try_from(cpus).ok()).unwrap_or(1).max(1),
            memory: info.mem_total.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
            root: info.docker_root_dir.unwrap_or_default(),
            rootless: info.security_options.iter().flatten().any(|option| option == "name=rootless"),
            without_limits: limits.into_iter().filter(|(_, held)| *held == Some(false)).map(|(name, _)| name).collect(),
        };
        Ok(Self { docker, about })
    }

    /// This machine's address on the bridge that its containers reach it by; `None` where the engine runs in a machine of its
    /// own and hands their calls on.
    pub async fn bridge(&self) -> Result<Option<Ipv4Addr>, Error> {
        let found = self.docker.inspect_network("bridge", None::<InspectNetworkOptions>).await.map_err(Error::from);
        let network = match found {
            Ok(network) => network,
            Err(error) if error.is_missing() => return Ok(None),
            Err(error) => return Err(error),
        };
        let configs = network.ipam.and_then(|ipam| ipam.config).unwrap_or_default();
        Ok(configs.into_iter().find_map(|config| gateway(config.gateway.as_deref(), config.subnet.as_deref())))
    }

    /// Whether containers reach what listens on this machine: [`Error::Rootless`] where they do not.
    pub fn reaches_this_machine(&self) -> Result<(), Error> {
        match self.about.rootless {
            true => Err(Error::Rootless { engine: self.about.title.clone() }),
            false => Ok(()),
        }
    }

    pub fn about(&self) -> &About {
        &self.about
    }
}

/// Where a network's own machine is in it. Docker tells no gateway of its bridge before its second start: it takes the first
/// address.
fn gateway(told: Option<&str>, subnet: Option<&str>) -> Option<Ipv4Addr> {
    if let Some(told) = told.filter(|told| !told.is_empty()) {
        return told.parse().ok();
    }
    let network: Ipv4Addr = subnet?.split_once('/')?.0.parse().ok()?;
    u32::from(network).checked_add(1).map(Ipv4Addr::from)
}

/// `1.41` as a pair that can be compared.
fn number(api: &str) -> (u32, u32) {
    let (major, minor) = api.split_once('.').unwrap_or((api, "0"));
    (major.parse().unwrap_or_default(), minor.parse().unwrap_or_default())
}

/// Waits for work, or for the wish to stop, which drops the work and with it its connection to the engine.
pub async fn unless_cancelled<T>(
    cancellation: &Cancellation,
    work: impl Future<Output = Result<T, Error>>,
) -> Result<T, Error> {
    tokio::select! {
        // Work that has much to say would otherwise be heard out first.
        biased;
        () = cancellation.cancelled() => Err(Error::Cancelled),
        done = work => done,
    }
}

/// Waits for a while, or for the wish to stop.
pub async fn pause(time: Duration, cancellation: &Cancellation) -> Result<(), Error> {
    tokio::select! {
        () = tokio::time::sleep(time) => Ok(()),
        () = cancellation.cancelled() => Err(Error::Cancelled),
    }
}

#[cfg(test)]
mod tests;
