//! The death of a service, as its machine's or its own fault brings it, and its return.

use std::time::{Duration, Instant};

use bollard::models::{ContainerCreateBody, ContainerInspectResponse, HostConfig};
use bollard::query_parameters::WaitContainerOptions;
use futures::StreamExt;
use task::Cancellation;

use crate::compose::Limits;
use crate::engine::pause;
use crate::{BASE, Engine, Error, container, label};

const LOOKS_EVERY: Duration = Duration::from_millis(150);
/// How long an engine may take before it starts a container again whose restart policy says so.
const STARTS_AGAIN: Duration = Duration::from_secs(3);
/// Of what kills: a Python that makes one call.
const KILLER: Limits = Limits { memory: 64 << 20, cpus: 1.0, processes: 16 };

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
    /// and no restart policy would bring it back; and from within, the kernel lets nothing kill it. What kills sees all of the
    /// engine's processes, so it is [`BASE`] and no other image.
    pub async fn crash(&self, project: &str, service: &str) -> Result<Crash, Error> {
        if self.image_id(BASE).await?.is_none() {
            return Err(Error::NoImage { name: BASE.to_owned() });
        }
        let id = self.running(project, service).await?;
        let (found, _) = self.look(&id, service).await?;
        let pid = found.state.as_ref().and_then(|state| state.pid).unwrap_or_default();
        let name = format!("crash-{id}");
        self.remove_run(&name).await?;
        let body = killer(&name, pid, self.about().cpus);
        let killer = self.create_container(&format!("groundwork-{name}"), body).await?;
        let ran = self.start(&killer, "what kills a service").await;
        let at = Instant::now();
        if ran.is_ok() {
            let mut ends = std::pin::pin!(self.docker.wait_container(&killer, None::<WaitContainerOptions>));
            // Its code says nothing: a process that ended by itself a moment before is as dead.
            let _ = ends.next().await;
        }
        self.remove_container(&killer).await?;
        ran?;
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

/// What kills a process of the engine's, by its number there: it may do that and nothing else.
fn killer(name: &str, pid: i64, cpus: u32) -> ContainerCreateBody {
    let host = HostConfig {
        pid_mode: Some("host".to_owned()),
        network_mode: Some("none".to_owned()),
        extra_hosts: None,
        readonly_rootfs: Some(true),
        cap_drop: Some(vec!["ALL".to_owned()]),
        // A service's program may be anybody's.
        cap_add: Some(vec!["KILL".to_owned()]),
        ..container::walls(&KILLER, cpus)
    };
    ContainerCreateBody {
        image: Some(BASE.to_owned()),
        entrypoint: Some(vec![]),
        cmd: Some(vec!["python3".to_owned(), "-c".to_owned(), format!("import os; os.kill({pid}, 9)")]),
        user: Some("0:0".to_owned()),
        labels: Some(label::of_run(name)),
        host_config: Some(host),
        ..ContainerCreateBody::default()
    }
}

fn started_at(found: &ContainerInspectResponse) -> String {
    found.state.as_ref().and_then(|state| state.started_at.as_ref()).map(ToString::to_string).unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_kills_has_the_walls_and_limits_of_every_container_and_the_one_right_that_it_needs() {
        let host = killer("crash-1", 4711, 8).host_config.unwrap();
        let list = |words: &[&str]| Some(words.iter().map(|&word| word.to_owned()).collect::<Vec<_>>());
        assert_eq!((host.cap_drop, host.cap_add), (list(&["ALL"]), list(&["KILL"])));
        assert_eq!(host.security_opt, list(&["no-new-privileges"]));
        assert_eq!((host.memory, host.memory_swap), (Some(64 << 20), Some(64 << 20)));
        assert_eq!((host.nano_cpus, host.pids_limit), (Some(1_000_000_000), Some(16)));
        assert_eq!((host.network_mode.as_deref(), host.readonly_rootfs), (Some("none"), Some(true)));
        assert_eq!((host.privileged, host.mounts, host.binds), (None, None, None));
    }
}
