//! One container that stands alone for a while: started, waited for, measured, removed. What a crash left is removed when the
//! same name is run again.

use std::collections::BTreeMap;
use std::net::{Ipv4Addr, SocketAddr};
use std::time::{Duration, Instant};

use bollard::models::ContainerCreateBody;
use bollard::query_parameters::{DownloadFromContainerOptions, StopContainerOptions};
use futures::StreamExt;
use task::Cancellation;
use tokio::io::{AsyncReadExt, AsyncWriteExt};
use tokio::net::TcpStream;

use crate::compose::{Limits, Port};
use crate::engine::{pause, unless_cancelled};
use crate::{Engine, Error, Usage, container, label};

const LOOKS_EVERY: Duration = Duration::from_millis(150);
/// How long a connection has to stay open to count as an answer.
const STAYS_OPEN: Duration = Duration::from_millis(300);

/// A container that is to be run.
#[derive(Debug, Clone, PartialEq)]
pub struct Run {
    /// Lower-case letters, digits and hyphens; what runs under it already makes way.
    pub name: String,
    /// Has to be on this machine.
    pub image: String,
    /// The image's own where empty.
    pub command: Vec<String>,
    pub environment: BTreeMap<String, String>,
    pub limits: Limits,
    /// Whether it may write nowhere but to `/tmp`, which is memory then.
    pub read_only: bool,
    /// The port inside, published on a free one of 127.0.0.1.
    pub port: u16,
    pub ready: Ready,
    /// How long it may take to be ready.
    pub within: Duration,
}

/// What says that a container is ready.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Ready {
    /// Its port accepts a connection and keeps it.
    Port,
    /// A request of this path is answered with a status below 400.
    Http(String),
    /// Its image's own health check.
    Healthy,
}

/// A container that runs and is ready. It stays when this is dropped: whoever runs it removes it.
#[derive(Debug)]
pub struct Running {
    engine: Engine,
    id: String,
    pub address: SocketAddr,
}

impl Engine {
    /// Removes the containers that run, or ran, under a name.
    pub(crate) async fn remove_run(&self, name: &str) -> Result<(), Error> {
        for left in self.own(label::filter(label::RUN, name)).await? {
            self.remove_container(left.id.as_deref().unwrap_or_default()).await?;
        }
        Ok(())
    }

    /// Runs a container and waits until it is ready. One that is not ready in time, or ends, is removed again.
    pub async fn run(&self, run: &Run, cancellation: &Cancellation) -> Result<Running, Error> {
        self.remove_run(&run.name).await?;
        if self.image_id(&run.image).await?.is_none() {
            return Err(Error::NoImage { name: run.image.clone() });
        }
        let body = body(run, self.about().cpus);
        let id = self.create_container(&format!("groundwork-{}", run.name), body).await?;
        self.start(&id, &run.name).await?;
        let ready = self.ready(run, &id, cancellation).await;
        match ready {
            Ok(address) => Ok(Running { engine: self.clone(), id, address }),
            Err(error) => {
                self.remove_container(&id).await?;
                Err(error)
            }
        }
    }

    async fn ready(&self, run: &Run, id: &str, cancellation: &Cancellation) -> Result<SocketAddr, Error> {
        if run.ready == Ready::Healthy {
            self.settled(id, &run.name, run.within, cancellation).await?;
        }
        let started = Instant::now();
        loop {
            // Sees to it that a container that ended is told as such, and not as late.
            let address = self.address(run, id).await?;
            let answers = async {
                Ok(match &run.ready {
                    Ready::Healthy => true,
                    Ready::Port => stays_open(address).await,
                    Ready::Http(path) => answers(address, path).await,
                })
            };
            if unless_cancelled(cancellation, answers).await? {
                return Ok(address);
            }
            if started.elapsed() > run.within {
                return Err(Error::Late { what: run.name.clone(), seconds: run.within.as_secs() });
            }
            pause(LOOKS_EVERY, cancellation).await?;
        }
    }

    /// The address that its port was published at.
    async fn address(&self, run: &Run, id: &str) -> Result<SocketAddr, Error> {
        let (found, running) = self.look(id, &run.name).await?;
        if !running {
            return Err(self.ended(id, &run.name, &found).await);
        }
        let ports = found.network_settings.and_then(|settings| settings.ports).unwrap_or_default();
        let bound = ports.get(&format!("{}/tcp", run.port)).cloned().flatten().unwrap_or_default();
        let port = bound.iter().find_map(|binding| binding.host_port.as_ref()?.parse().ok());
        let missing = || Error::Engine { status: None, detail: format!("port {} was not published", run.port) };
        Ok(SocketAddr::from((Ipv4Addr::LOCALHOST, port.ok_or_else(missing)?)))
    }
}

fn body(run: &Run, cpus: u32) -> ContainerCreateBody {
    let (exposed, bound) = container::ports(&[Port { container: run.port, host: None, udp: false }]);
    let mut host = container::walls(&run.limits, cpus);
    host.port_bindings = Some(bound);
    if run.read_only {
        host.readonly_rootfs = Some(true);
        host.tmpfs = Some([("/tmp".to_owned(), String::new())].into());
    }
    ContainerCreateBody {
        image: Some(run.image.clone()),
        cmd: (!run.command.is_empty()).then(|| run.command.clone()),
        env: Some(container::pairs(&run.environment)),
        exposed_ports: Some(exposed),
        labels: Some(label::of_run(&run.name)),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

/// The engine itself accepts connections before the program inside listens, and then closes them at once.
async fn stays_open(address: SocketAddr) -> bool {
    let Ok(mut connection) = TcpStream::connect(address).await else { return false };
    let mut byte = [0];
    match tokio::time::timeout(STAYS_OPEN, connection.read(&mut byte)).await {
        Ok(read) => matches!(read, Ok(1)),
        Err(_) => true,
    }
}

async fn answers(address: SocketAddr, path: &str) -> bool {
    let ask = async {
        let mut connection = TcpStream::connect(address).await.ok()?;
        let request = format!("GET {path} HTTP/1.0\r\nHost: {address}\r\nConnection: close\r\n\r\n");
        connection.write_all(request.as_bytes()).await.ok()?;
        let mut head = [0; 12];
        connection.read_exact(&mut head).await.ok()?;
        std::str::from_utf8(&head).ok()?.strip_prefix("HTTP/1.")?.split_once(' ')?.1.parse::<u16>().ok()
    };
    matches!(tokio::time::timeout(Duration::from_secs(2), ask).await, Ok(Some(200..400)))
}

impl Running {
    /// What it takes now. Takes about two seconds.
    pub async fn usage(&self) -> Result<Usage, Error> {
        self.engine.usage(&self.id).await
    }

    /// Bytes that it wrote: what its files differ from the image's by, and its volumes.
    pub async fn disk(&self) -> Result<u64, Error> {
        let found = self.engine.inspect(&self.id, true).await?;
        let mut bytes = found.size_rw.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        // Engines tell volumes' sizes in two forms; the archive of one is the same in all, and needs no program inside.
        for place in found.mounts.into_iter().flatten().filter_map(|mount| mount.destination) {
            let options = DownloadFromContainerOptions { path: place };
            let mut archive = std::pin::pin!(self.engine.docker.download_from_container(&self.id, Some(options)));
            while let Some(piece) = archive.next().await {
                bytes += piece?.len() as u64;
            }
        }
        Ok(bytes)
    }

    /// Tells it to end, kills it after `within`, and removes it: its code, the time that it took, its last lines.
    pub async fn stop(self, within: Duration) -> Result<(i64, Duration, Vec<String>), Error> {
        let started = Instant::now();
        let options =
            StopContainerOptions { t: i32::try_from(within.as_secs()).ok(), ..StopContainerOptions::default() };
        self.engine.docker.stop_container(&self.id, Some(options)).await?;
        let took = started.elapsed();
        let found = self.engine.inspect(&self.id, false).await?;
        let code = found.state.and_then(|state| state.exit_code).unwrap_or(-1);
        let last = self.engine.last_lines(&self.id).await?;
        self.remove().await?;
        Ok((code, took, last))
    }

    /// Ends it at once and removes it with its volumes.
    pub async fn remove(self) -> Result<(), Error> {
        self.engine.remove_container(&self.id).await
    }
}
