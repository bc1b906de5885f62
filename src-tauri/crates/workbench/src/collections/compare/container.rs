//! Servers that are nowhere yet: each is started for a comparison in a container of its own, measured with all that it takes,
//! and removed with everything that it was given. Never touches another container.

use std::{
    collections::BTreeMap,
    fs::{File, TryLockError},
    net::SocketAddr,
    ops::Range,
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use async_trait::async_trait;
use containers::{Engine, Limits, Ready, Run, Running, Surroundings};
use selection::{About, Address, Contender, Error, Key, Operations, Sample, Size, pgvector_at, qdrant_at};
use task::{Cancellation, Fault, Progress, Reporter, Unit};
use tokio::{
    task::JoinHandle,
    time::{Instant, sleep},
};
use uuid::Uuid;

use crate::{Options, problem::sentence, tasks::Handle, view::Compare};

const QDRANT: &str = "qdrant/qdrant:v1.19.1";
const PGVECTOR: &str = "pgvector/pgvector:0.8.6-pg17";
/// Bytes that a server may take. It has all cores, as the engines here have.
const MEMORY: u64 = 4 << 30;
/// How long a server may take to listen: PostgreSQL makes its files first.
const LISTENS_WITHIN: Duration = Duration::from_secs(120);
/// How long one that listens may go on to turn everybody away, and the pause between two attempts.
const OPENS_WITHIN: Duration = Duration::from_secs(30);
const PAUSE: Duration = Duration::from_millis(250);

/// The image that is to be run, where a container is asked for: `docker` for the usual one, or `docker:IMAGE`.
pub fn image(told: &str, usual: &str) -> Option<String> {
    let image = told.strip_prefix("docker")?;
    let image = if image.is_empty() { image } else { image.strip_prefix(':')? };
    Some(if image.is_empty() { usual } else { image }.to_owned())
}

/// The servers that are to be in containers.
pub fn contained(compare: &Compare, options: &Options, reporter: &Handle) -> Vec<Box<dyn Contender>> {
    let mut all: Vec<Box<dyn Contender>> = Vec::new();
    if let Some(image) = compare.qdrant.as_ref().and_then(|told| image(told, QDRANT)) {
        let what = format!("Qdrant in a container of {image}, its own settings");
        let about = About { name: "qdrant", what, operations: Operations::Server };
        let server = Server {
            image,
            environment: BTreeMap::new(),
            port: 6333,
            ready: Ready::Http("/readyz".into()),
            at: Box::new(|at: SocketAddr| qdrant_at(Address { url: format!("http://{at}"), key: None })),
        };
        all.push(Box::new(Contained::new(about, server, options, reporter)));
    }
    if let Some(image) = compare.pgvector.as_ref().and_then(|told| image(told, PGVECTOR)) {
        let what = format!("PostgreSQL with pgvector in a container of {image}, HNSW as pgvector sets it");
        let about = About { name: "pgvector", what, operations: Operations::Database };
        let password = Uuid::new_v4().simple().to_string();
        let server = Server {
            image,
            environment: BTreeMap::from([("POSTGRES_PASSWORD".to_owned(), password.clone())]),
            port: 5432,
            ready: Ready::Port,
            at: Box::new(move |at: SocketAddr| {
                let url = format!("postgres://postgres@{at}/postgres?sslmode=disable");
                pgvector_at(Address { url, key: Some(Key::new(password.clone())) })
            }),
        };
        all.push(Box::new(Contained::new(about, server, options, reporter)));
    }
    all
}

/// What measures a server that has come to an address.
type At = Box<dyn Fn(SocketAddr) -> Box<dyn Contender> + Send>;

struct Server {
    image: String,
    environment: BTreeMap<String, String>,
    port: u16,
    ready: Ready,
    at: At,
}

struct Contained {
    about: About,
    run: Run,
    at: At,
    surroundings: Surroundings,
    reporter: Handle,
    /// Held while the container's name is ours.
    lock: (PathBuf, Option<File>),
    /// Ends what begins.
    cancellation: Cancellation,
    beginning: Option<JoinHandle<Result<Running, containers::Error>>>,
    running: Option<Running>,
    inside: Option<Box<dyn Contender>>,
}

impl Contained {
    fn new(about: About, server: Server, options: &Options, reporter: &Handle) -> Self {
        let Server { image, environment, port, ready, at } = server;
        let run = Run {
            // One for each data folder, so that what was left by a kill makes way for the next.
            name: format!("compare-{}-{}", about.name, options.identity()),
            image,
            command: Vec::new(),
            environment,
            limits: Limits { memory: MEMORY, ..Limits::default() },
            read_only: false,
            port,
            ready,
            within: LISTENS_WITHIN,
        };
        Self {
            run,
            at,
            surroundings: options.surroundings.clone(),
            reporter: reporter.clone(),
            lock: (options.data.join(format!("compare-{}.lock", about.name)), None),
            cancellation: Cancellation::new(),
            beginning: None,
            running: None,
            inside: None,
            about: About { what: format!("{}; memory and disk are the whole container's", about.what), ..about },
        }
    }

    /// Two comparisons would take each other's container for one that was left behind.
    fn claim(&mut self) -> Result<(), Error> {
        let refused = |error: std::io::Error| Error::Scratch { reason: error.to_string() };
        let lock = File::create(&self.lock.0).map_err(refused)?;
        lock.try_lock().map_err(|error| match error {
            TryLockError::Error(error) => refused(error),
            TryLockError::WouldBlock => Error::Server {
                code: "collections.busy",
                message: format!("Another comparison has {} in a container.", self.about.name),
                next_step: "Compare again when it has ended.".into(),
            },
        })?;
        self.lock.1 = Some(lock);
        Ok(())
    }

    async fn start(&mut self) -> Result<SocketAddr, Error> {
        self.claim()?;
        let (surroundings, mut run, name) = (self.surroundings.clone(), self.run.clone(), self.about.name);
        let (reporter, cancellation) = (self.reporter.clone(), self.cancellation.clone());
        // On its own: a start that is dropped half way would leave a container that nobody knows.
        let beginning = self.beginning.insert(tokio::spawn(async move {
            let engine = Engine::find(&surroundings).await?;
            run.limits.cpus = f64::from(engine.about().cpus);
            if engine.image_id(&run.image).await?.is_none() {
                engine.pull(&run.image, &reporter, &cancellation).await?;
            }
            let what = format!("{name}: starting {}", run.image);
            reporter.progress(Progress { what, done: 0, total: None, unit: Unit::Steps });
            engine.run(&run, &cancellation).await
        }));
        let began = beginning.await;
        self.beginning = None;
        let running = began.map_err(|_| Error::Thread)?.map_err(told)?;
        Ok(self.running.insert(running).address)
    }

    fn inside(&mut self) -> Result<&mut (dyn Contender + 'static), Error> {
        self.inside.as_deref_mut().ok_or(Error::Thread)
    }
}

#[async_trait]
impl Contender for Contained {
    fn about(&self) -> About {
        self.about.clone()
    }

    async fn make(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        let address = self.start().await?;
        let inside = self.inside.insert((self.at)(address));
        let begun = Instant::now();
        loop {
            match inside.make(sample).await {
                // It listens before it lets anybody in.
                Err(Error::Unreachable { .. }) if begun.elapsed() < OPENS_WITHIN => sleep(PAUSE).await,
                made => return made,
            }
        }
    }

    async fn load(&mut self, sample: &Arc<Sample>, points: Range<usize>) -> Result<(), Error> {
        self.inside()?.load(sample, points).await
    }

    async fn settle(&mut self, sample: &Arc<Sample>) -> Result<(), Error> {
        self.inside()?.settle(sample).await
    }

    async fn ask(&mut self, sample: &Arc<Sample>, point: usize, limit: usize) -> Result<Vec<u32>, Error> {
        self.inside()?.ask(sample, point, limit).await
    }

    async fn size(&mut self) -> Result<Size, Error> {
        let running = self.running.as_ref().ok_or(Error::Thread)?;
        let usage = running.usage().await.map_err(told)?;
        let disk = running.disk().await.map_err(told)?;
        Ok(Size { memory: Some(usage.memory), disk: Some(disk) })
    }

    /// The container goes, and with it all that was made in it.
    async fn remove(&mut self) -> Result<(), Error> {
        self.inside = None;
        self.cancellation.cancel();
        if let Some(beginning) = self.beginning.take()
            && let Ok(Ok(running)) = beginning.await
        {
            self.running = Some(running);
        }
        if let Some(running) = self.running.take() {
            running.remove().await.map_err(|error| Error::LeftBehind {
                what: format!("The container groundwork-{}", self.run.name),
                reason: error.to_string(),
            })?;
        }
        self.lock.1 = None;
        Ok(())
    }
}

/// What the engine says, as the bench tells it.
fn told(error: containers::Error) -> Error {
    let next_step = match &error {
        containers::Error::Pull { name, .. } => format!(
            "Where there is a network, run `docker pull {name}` and `docker save {name} --output image.tar`; here, run \
             `groundwork image load image.tar`."
        ),
        containers::Error::Ended { .. } | containers::Error::Late { .. } => {
            "Look at what it said, or name another image as docker:IMAGE.".into()
        }
        error => error.next_step(),
    };
    Error::Server { code: error.code(), message: sentence(&error.to_string()), next_step }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_container_is_told_from_an_address() {
        for (told, expected) in [
            ("docker", Some("usual:1")),
            ("docker:", Some("usual:1")),
            ("docker:mine:2", Some("mine:2")),
            ("docker:localhost:5000/mine", Some("localhost:5000/mine")),
            ("dockerhost:6333", None),
            ("http://docker:6333", None),
        ] {
            assert_eq!(image(told, "usual:1").as_deref(), expected, "{told}");
        }
    }
}
