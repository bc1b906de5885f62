//! One run of a service, from its start to its end.

use std::{
    sync::Arc,
    time::{Duration, Instant},
};

use task::Cancellation;
use tokio::{process::Child, sync::watch, task::JoinSet, time::sleep};

use super::{State, log::Log};
use crate::{process::Tree, run::lines};

/// How long one readiness request may take.
const REQUEST: Duration = Duration::from_secs(2);

pub(super) struct Run {
    pub child: Child,
    pub tree: Arc<Tree>,
    pub port: u16,
    pub ready: curriculum::Ready,
    pub client: reqwest::Client,
    pub log: Arc<Log>,
    pub state: Arc<watch::Sender<State>>,
    /// Set when the end is wanted, and so is no failure.
    pub stopping: Cancellation,
}

impl Run {
    /// Lasts as long as the program; afterwards nothing of it is left.
    pub async fn follow(mut self) {
        let mut logs = JoinSet::new();
        let (out, err) = (self.child.stdout.take(), self.child.stderr.take());
        let (log, other) = (Arc::clone(&self.log), Arc::clone(&self.log));
        logs.spawn(async move {
            if let Some(out) = out {
                lines(out, |line| log.push(line)).await;
            }
        });
        logs.spawn(async move {
            if let Some(err) = err {
                lines(err, |line| other.push(line)).await;
            }
        });

        let url = format!("http://127.0.0.1:{}", self.port);
        let page = format!("{url}{}", self.ready.path);
        let never = tokio::select! {
            _ = self.child.wait() => None,
            outcome = until_ready(&self.client, &page, self.ready.within_s) => outcome.err(),
        };
        let ended_early = matches!(self.child.try_wait(), Ok(Some(_)));
        if let Some(never) = &never {
            let elsewhere = self.tree.listens_on();
            self.finish(logs).await;
            self.end(self.never_ready(never, &elsewhere));
            return;
        }
        if !ended_early {
            self.state.send_replace(State::Ready { url });
        }
        let status = self.child.wait().await;
        self.finish(logs).await;
        let how = status.map_or_else(|error| error.to_string(), |status| status.to_string());
        let when = if ended_early { " before it was ready" } else { "" };
        self.end(format!("It ended{when} ({how})."));
    }

    /// Ends what is left and reads its last words.
    async fn finish(&mut self, mut logs: JoinSet<()>) {
        self.tree.kill();
        let _ = self.child.wait().await;
        let _ = tokio::time::timeout(Duration::from_secs(1), async { while logs.join_next().await.is_some() {} }).await;
    }

    fn end(&self, failure: String) {
        let wanted = self.stopping.is_cancelled();
        self.state.send_replace(if wanted { State::Stopped } else { State::Failed { summary: failure } });
    }

    fn never_ready(&self, last: &Unready, listens_on: &[u16]) -> String {
        let Self { ready, port, .. } = self;
        let within = format!("within {} s", ready.within_s);
        match last {
            Unready::Status(status) => format!("GET {} answered {status} and did not get better {within}.", ready.path),
            Unready::Slow => format!("GET {} on port {port} got no answer {within}.", ready.path),
            Unready::Silent if listens_on.contains(port) => {
                format!("It listens on port {port} but did not answer GET {} {within}.", ready.path)
            }
            Unready::Silent if listens_on.is_empty() => {
                format!("It runs, but listened on no port {within}. PORT was {port}.")
            }
            Unready::Silent => {
                let ports: Vec<_> = listens_on.iter().map(u16::to_string).collect();
                format!("It listens on port {} instead of {port}, which the variable PORT names.", ports.join(", "))
            }
        }
    }
}

/// What the last readiness request met.
enum Unready {
    Silent,
    Slow,
    Status(u16),
}

async fn until_ready(client: &reqwest::Client, url: &str, within_s: u32) -> Result<(), Unready> {
    let until = Instant::now() + Duration::from_secs(within_s.into());
    loop {
        let unready = match client.get(url).timeout(REQUEST).send().await {
            Ok(answer) if answer.status().as_u16() < 500 => return Ok(()),
            Ok(answer) => Unready::Status(answer.status().as_u16()),
            Err(error) if error.is_timeout() => Unready::Slow,
            Err(_) => Unready::Silent,
        };
        if Instant::now() >= until {
            return Err(unready);
        }
        sleep(Duration::from_millis(50)).await;
    }
}
