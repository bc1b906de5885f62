//! The listener: binds, accepts, bounds each connection, stops.

use std::{
    fmt,
    io::ErrorKind,
    net::{IpAddr, SocketAddr},
    path::PathBuf,
    sync::Arc,
    time::Duration,
};

use axum::{Extension, Router};
use hyper::server::conn::http1;
use hyper_util::{
    rt::{TokioIo, TokioTimer},
    service::TowerToHyperService,
};
use jiff::Timestamp;
use retrieval::Collections;
use task::Cancellation;
use tokio::{
    net::{TcpListener, TcpStream},
    sync::Semaphore,
    time::{sleep, timeout},
};
use tokio_io_timeout::TimeoutStream;
use tokio_util::{sync::DropGuard, task::TaskTracker};

use crate::{
    Error, Keys, Recorder, Serves,
    bridge::Bridges,
    dialect,
    exchanges::Exchanges,
    faults::{Faults, meeting::Line},
    holder,
    metrics::Metrics,
    otlp::Traces,
    quota::Meters,
};

/// The server itself: see [`Gateway::start`].
#[derive(Debug)]
pub struct Gateway;

#[derive(Debug, Clone)]
pub struct Settings {
    /// Of this machine alone; port 0 takes any free one.
    pub address: SocketAddr,
    /// Told at `GET /`, so that another process can tell whose gateway holds the port.
    pub identity: String,
    /// A folder of Python wheels that are handed out, where there is one.
    pub wheels: Option<PathBuf>,
    pub limits: Limits,
}

/// What strangers, and mistakes, may cost.
#[derive(Debug, Clone)]
pub struct Limits {
    /// Bytes of a request's body.
    pub body_bytes: usize,
    /// The same where it may carry vectors, or texts for as many.
    pub vector_body_bytes: usize,
    /// For a request's head to arrive, and for an idle connection.
    pub header_timeout: Duration,
    /// For a request's body to arrive.
    pub body_timeout: Duration,
    /// For a client to take what was sent.
    pub write_timeout: Duration,
    /// For an answer, from its request to its last token.
    pub lifetime: Duration,
    pub connections: usize,
    /// Answers under way or waiting for the model; one more is told to come back.
    pub answers: usize,
}

impl Default for Limits {
    fn default() -> Self {
        Self {
            body_bytes: 1 << 20,
            vector_body_bytes: 32 << 20,
            header_timeout: Duration::from_secs(15),
            body_timeout: Duration::from_secs(30),
            write_timeout: Duration::from_secs(30),
            lifetime: Duration::from_secs(600),
            connections: 128,
            answers: 16,
        }
    }
}

/// How long answers under way may go on after [`Running::stop`]; they are cancelled first, so this covers their last
/// words and records.
const GRACE: Duration = Duration::from_secs(2);

/// A head of more bytes or fields is answered with 431.
const HEAD_BYTES: usize = 64 << 10;
const HEAD_FIELDS: usize = 100;

/// What every handler may use.
pub(crate) struct Shared {
    pub served: Box<dyn Serves>,
    pub collections: Collections,
    pub keys: Arc<dyn Keys>,
    pub recorder: Arc<dyn Recorder>,
    pub identity: String,
    pub limits: Limits,
    pub faults: Faults,
    pub traces: Traces,
    pub exchanges: Exchanges,
    pub meters: Meters,
    pub metrics: Arc<Metrics>,
    pub answers: Arc<Semaphore>,
    pub started: Timestamp,
    pub wheels: Option<PathBuf>,
    pub bridges: Bridges,
    /// That it listens on.
    pub port: u16,
    pub stop: Cancellation,
    pub kill: Cancellation,
    pub tracker: TaskTracker,
}

pub(crate) type App = Arc<Shared>;

impl Gateway {
    /// Listens at once and serves on the current tokio runtime until the [`Running`] is stopped or dropped.
    pub async fn start(
        settings: Settings,
        served: impl Serves + 'static,
        collections: Collections,
        keys: Arc<dyn Keys>,
        recorder: Arc<dyn Recorder>,
    ) -> Result<Running, Error> {
        let Settings { address, identity, wheels, limits } = settings;
        if !address.ip().is_loopback() {
            return Err(Error::NotLocal { address });
        }
        let metrics = Metrics::new().map_err(|error| Error::Measures { message: error.to_string() })?;
        let listener = TcpListener::bind(address).await.map_err(|source| match source.kind() {
            ErrorKind::AddrInUse => Error::PortTaken { port: address.port(), holder: holder::of(address.port()) },
            _ => Error::Listen { address, source },
        })?;
        let address = listener.local_addr().map_err(|source| Error::Listen { address, source })?;

        let (stop, kill, tracker) = (Cancellation::new(), Cancellation::new(), TaskTracker::new());
        let (faults, traces) = (Faults::default(), Traces::default());
        let app = Arc::new(Shared {
            served: Box::new(served),
            collections,
            keys,
            recorder,
            identity,
            answers: Arc::new(Semaphore::new(limits.answers)),
            limits,
            faults: faults.clone(),
            traces: traces.clone(),
            exchanges: Exchanges::default(),
            meters: Meters::default(),
            metrics: Arc::new(metrics),
            started: Timestamp::now(),
            wheels,
            bridges: Bridges::default(),
            port: address.port(),
            stop: stop.clone(),
            kill: kill.clone(),
            tracker: tracker.clone(),
        });
        tracker.spawn(accept(listener, app.clone(), |_| true));
        tracker.close();
        Ok(Running { address, app, faults, traces, tracker, stop: stop.drop_guard(), kill: kill.drop_guard() })
    }
}

/// A gateway that serves. Dropping it cuts every connection; [`Running::stop`] lets them end.
pub struct Running {
    /// With the port that was really taken.
    pub address: SocketAddr,
    pub(crate) app: App,
    pub(crate) faults: Faults,
    pub(crate) traces: Traces,
    tracker: TaskTracker,
    stop: DropGuard,
    kill: DropGuard,
}

impl Running {
    /// Takes no more requests, cancels answers under way, and waits a moment for their records to be written.
    pub async fn stop(self) {
        drop(self.stop);
        if timeout(GRACE, self.tracker.wait()).await.is_err() {
            drop(self.kill);
            // What is left are records being written.
            let _ = timeout(GRACE, self.tracker.wait()).await;
        }
    }
}

impl fmt::Debug for Running {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_struct("Running").field("address", &self.address).finish_non_exhaustive()
    }
}

/// Serves whoever `admits` lets in, until the gateway stops.
pub(crate) async fn accept(listener: TcpListener, app: App, admits: fn(IpAddr) -> bool) {
    let seats = Arc::new(Semaphore::new(app.limits.connections));
    let router = dialect::router(app.clone());
    loop {
        let next = async {
            let seat = seats.clone().acquire_owned().await;
            (seat, listener.accept().await)
        };
        let (seat, accepted) = tokio::select! {
            next = next => next,
            () = app.stop.cancelled() => return,
        };
        match accepted {
            Ok((_, peer)) if !admits(peer.ip()) => tracing::debug!(%peer, "a stranger was turned away"),
            Ok((stream, _)) => {
                let serve = serve(stream, router.clone(), app.clone());
                let kill = app.kill.clone();
                app.tracker.spawn(async move {
                    let _seat = seat;
                    tokio::select! {
                        () = serve => {}
                        () = kill.cancelled() => {}
                    }
                });
            }
            // Out of file descriptors, most likely: wait for connections to close.
            Err(error) => {
                tracing::warn!(%error, "no connection could be accepted");
                sleep(Duration::from_millis(100)).await;
            }
        }
    }
}

async fn serve(stream: TcpStream, router: Router, app: App) {
    let hangup = Cancellation::new();
    let router = router.layer(Extension(Line(hangup.clone())));
    // Each token leaves at once.
    let _ = stream.set_nodelay(true);
    let mut stream = TimeoutStream::new(stream);
    stream.set_write_timeout(Some(app.limits.write_timeout));
    let connection = http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(app.limits.header_timeout)
        .max_headers(HEAD_FIELDS)
        .max_buf_size(HEAD_BYTES)
        .serve_connection(TokioIo::new(Box::pin(stream)), TowerToHyperService::new(router));
    let mut connection = std::pin::pin!(connection);
    let ended = tokio::select! {
        ended = connection.as_mut() => ended,
        () = hangup.cancelled() => return,
        () = app.stop.cancelled() => {
            connection.as_mut().graceful_shutdown();
            connection.await
        }
    };
    if let Err(error) = ended {
        tracing::debug!(%error, "a connection ended early");
    }
}
