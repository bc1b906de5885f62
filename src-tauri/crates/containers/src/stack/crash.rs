//! The death of a service, as its machine's or its own fault brings it, and its return.

use std::time::{Duration, Instant};

use bollard::models::{ContainerCreateBody, ContainerInspectResponse, HostConfig};
use bollard::query_parameters::{CreateContainerOptions, WaitContainerOptions};
use futures::StreamExt;
use task::Cancellation;

use crate::engine::pause;
use crate::{BASE, Engine, Error, label};

const LOOKS_EVERY: Duration = Duration::from_millis(150);
/// How long an engine may take before it starts a container again whose restart policy says so.
const STARTS_AGAIN: Duration = Duration::from_secs(3);

/// A service that was killed.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Crash {
    id: String,
    /// When the one that was killed had been started.
    started: String,
    at: Instant,
}

impl Engine {
    /// Kills the first process of a service's container from outside. The engine's own kill would count as a wish to stop it,
    /// and no restart policy would bring it back.
    pub async fn crash(&self, project: &str, service: &str) -> Result<Crash, Error> {
        let id = self.running(project, service).await?;
        let (found, _) = self.look(&id, service).await?;
        let pid = found.state.as_ref().and_then(|state| state.pid).unwrap_or_default();
        let own = found.config.as_ref().and_then(|config| config.image.clone()).unwrap_or_default();
        let (image, command) = match self.image_id(BASE).await? {
            Some(_) => (BASE.to_owned(), vec!["python3".into(), "-c".into(), format!("import os; os.kill({pid}, 9)")]),
            None => (own, vec!["sh".into(), "-c".into(), format!("kill -9 {pid}")]),
        };
        let body = ContainerCreateBody {
            image: Some(image),
            entrypoint: Some(vec![]),
            cmd: Some(command),
            user: Some("0:0".to_owned()),
            labels: Some(label::made()),
            host_config: Some(HostConfig {
                pid_mode: Some("host".to_owned()),
                network_mode: Some("none".to_owned()),
                ..HostConfig::default()
            }),
            ..ContainerCreateBody::default()
        };
        let created = self.docker.create_container(None::<CreateContainerOptions>, body).await?;
        let started = self.start(&created.id, "what kills a service").await;
        let at = Instant::now();
        if started.is_ok() {
            let mut ends = std::pin::pin!(self.docker.wait_container(&created.id, None::<WaitContainerOptions>));
            // Its code says nothing: a process that ended by itself a moment before is as dead.
            let _ = ends.next().await;
        }
        self.remove_container(&created.id).await?;
        started?;
        Ok(Crash { id, started: started_at(&found), at })
    }

    /// Waits until a killed service runs again and is healthy, and gives the time since the kill.
    pub async fn recovered(
        &self,
        crash: &Crash,
        service: &str,
        within: Duration,
        cancellation: &Cancellation,
    ) -> Result<Duration, Error> {
        loop {
            let (found, running) = self.look(&crash.id, service).await?;
            if running && started_at(&found) != crash.started {
                break;
            }
            let restarting = found.state.as_ref().and_then(|state| state.restarting).unwrap_or_default();
            let since = crash.at.elapsed();
            if !running && !restarting && since > STARTS_AGAIN {
                return Err(self.ended(&crash.id, service, &found).await);
            }
            if since > within {
                return Err(Error::Late { what: service.to_owned(), seconds: within.as_secs() });
            }
            pause(LOOKS_EVERY, cancellation).await?;
        }
        let left = within.saturating_sub(crash.at.elapsed());
        self.settled(&crash.id, service, left, cancellation).await?;
        Ok(crash.at.elapsed())
    }
}

fn started_at(found: &ContainerInspectResponse) -> String {
    found.state.as_ref().and_then(|state| state.started_at.as_ref()).map(ToString::to_string).unwrap_or_default()
}
