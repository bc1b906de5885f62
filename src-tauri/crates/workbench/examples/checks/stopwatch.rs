//! The world as a check sees it, with a clock on everything that is not Groundwork's own work.

use std::{
    sync::{Arc, Mutex, PoisonError},
    time::{Duration, Instant},
};

use async_trait::async_trait;
use checks::{
    Answer, Call, Command, Containers, Entry, InForce, Look, Obstacle, Piece, Probe, Ran, Request, ServiceState, Spans,
    Stored, Streamed,
};
use curriculum::Injection;
use jiff::Timestamp;

/// Notes from when to when a program ran or an answer was awaited.
pub struct Stopwatch<'a> {
    world: &'a dyn Probe,
    waits: Mutex<Vec<(Instant, Instant)>>,
}

impl<'a> Stopwatch<'a> {
    pub fn new(world: &'a dyn Probe) -> Self {
        Self { world, waits: Mutex::default() }
    }

    /// All waits together; what overlaps counts once.
    pub fn waited_ms(&self) -> f64 {
        let mut waits = self.waits.lock().unwrap_or_else(PoisonError::into_inner).clone();
        waits.sort();
        let mut waited = Duration::ZERO;
        let mut until = None;
        for (start, end) in waits {
            let start = until.map_or(start, |until: Instant| until.max(start));
            waited += end.saturating_duration_since(start);
            until = Some(until.map_or(end, |until: Instant| until.max(end)));
        }
        waited.as_secs_f64() * 1000.0
    }

    fn note(&self, elapsed: Duration) {
        let now = Instant::now();
        let start = now.checked_sub(elapsed).unwrap_or(now);
        self.waits.lock().unwrap_or_else(PoisonError::into_inner).push((start, now));
    }
}

#[async_trait]
impl Probe for Stopwatch<'_> {
    async fn read(&self, path: &str) -> Result<Option<Vec<u8>>, Obstacle> {
        self.world.read(path).await
    }

    async fn list(&self, folder: &str) -> Result<Vec<String>, Obstacle> {
        self.world.list(folder).await
    }

    async fn run(&self, command: &Command) -> Result<Ran, Obstacle> {
        let ran = self.world.run(command).await?;
        self.note(ran.elapsed);
        Ok(ran)
    }

    async fn service(&self, name: &str) -> Result<ServiceState, Obstacle> {
        self.world.service(name).await
    }

    async fn http(&self, request: &Request) -> Result<Answer, Obstacle> {
        let answer = self.world.http(request).await?;
        if let Answer::Response { elapsed, .. } = answer {
            self.note(elapsed);
        }
        Ok(answer)
    }

    async fn stream(
        &self,
        request: &Request,
        enough: &mut (dyn for<'p> FnMut(&'p Piece) -> bool + Send),
    ) -> Result<Streamed, Obstacle> {
        let streamed = self.world.stream(request, enough).await?;
        if let Streamed::Begun { elapsed, .. } = streamed {
            self.note(elapsed);
        }
        Ok(streamed)
    }

    async fn calls(&self, since: Timestamp, until: Timestamp) -> Result<Vec<Call>, Obstacle> {
        self.world.calls(since, until).await
    }

    async fn spans(&self, since: Timestamp) -> Result<Spans, Obstacle> {
        self.world.spans(since).await
    }

    async fn inject(&self, faults: &[Injection]) -> Result<InForce, Obstacle> {
        self.world.inject(faults).await
    }

    async fn quiz_answer(&self, check: &str) -> Result<Option<Vec<String>>, Obstacle> {
        self.world.quiz_answer(check).await
    }

    async fn entries(&self) -> Result<Vec<Entry>, Obstacle> {
        self.world.entries().await
    }

    async fn containers(&self) -> Result<Arc<dyn Containers>, Obstacle> {
        self.world.containers().await
    }

    async fn collection(&self, look: &Look) -> Result<Option<Stored>, Obstacle> {
        self.world.collection(look).await
    }
}
