//! One container: how a service becomes one, with its limits and walls; what it takes; how long it is waited for.

use std::collections::{BTreeMap, HashMap};
use std::time::{Duration, Instant};

use bollard::models::{
    ContainerCreateBody, ContainerInspectResponse, ContainerStateStatusEnum, ContainerStatsResponse, EndpointSettings,
    HealthConfig, HealthStatusEnum, HostConfig, HostConfigLogConfig, Mount as EngineMount, MountType, NetworkingConfig,
    PortBinding, RestartPolicy, RestartPolicyNameEnum,
};
use bollard::query_parameters::{
    CreateContainerOptions, InspectContainerOptions, LogsOptions, RemoveContainerOptions, StatsOptions,
};
use futures::{StreamExt, TryStreamExt};
use task::Cancellation;

use crate::compose::{Health, Limits, Mount, Port, Restart, Service, Source};
use crate::engine::pause;
use crate::lines::Lines;
use crate::{Engine, Error, label};

/// Lines that an error shows of what a container said last.
const LAST_LINES: &str = "12";
const LOOKS_EVERY: Duration = Duration::from_millis(150);
/// A service without a health check counts as started once it has run so long.
const STEADY: Duration = Duration::from_millis(700);

/// What a container takes now.
#[derive(Debug, Clone, PartialEq)]
pub struct Usage {
    /// Cores, over the last second.
    pub cpus: f64,
    /// Bytes, without files that the system could drop from memory.
    pub memory: u64,
    pub memory_limit: u64,
    pub processes: u64,
    /// Bytes that came and went by its networks, since it started.
    pub received: u64,
    pub sent: u64,
}

/// The gateway's machine, by a name that Docker Desktop has, too.
pub const MACHINE: &str = "host.docker.internal:host-gateway";

/// The walls and limits that every container of ours has.
pub fn walls(limits: &Limits, cpus: u32) -> HostConfig {
    let memory = i64::try_from(limits.memory).unwrap_or(i64::MAX);
    HostConfig {
        memory: Some(memory),
        // Swap and memory together: no swap.
        memory_swap: Some(memory),
        // An engine refuses more cores than it has; a file from a larger machine is to run here, too.
        nano_cpus: Some((limits.cpus.min(f64::from(cpus)) * 1e9) as i64),
        pids_limit: Some(i64::from(limits.processes)),
        security_opt: Some(vec!["no-new-privileges".to_owned()]),
        extra_hosts: Some(vec![MACHINE.to_owned()]),
        log_config: Some(HostConfigLogConfig {
            typ: Some("json-file".to_owned()),
            config: Some([("max-size", "10m"), ("max-file", "2")].map(|(k, v)| (k.to_owned(), v.to_owned())).into()),
        }),
        ..HostConfig::default()
    }
}

/// Ports that are opened on 127.0.0.1, as the engine wants them told: once as exposed, once as bound.
pub fn ports(ports: &[Port]) -> (Vec<String>, HashMap<String, Option<Vec<PortBinding>>>) {
    let mut bound: HashMap<String, Option<Vec<PortBinding>>> = HashMap::new();
    for port in ports {
        let name = format!("{}/{}", port.container, if port.udp { "udp" } else { "tcp" });
        let host_port = port.host.map(|port| port.to_string()).or(Some(String::new()));
        let binding = PortBinding { host_ip: Some("127.0.0.1".to_owned()), host_port };
        bound.entry(name).or_default().get_or_insert_default().push(binding);
    }
    (bound.keys().cloned().collect(), bound)
}

/// What the engine is asked to create for a service. `project` is the beginning of its networks' and volumes' names.
pub fn body(
    service: &Service,
    image: &str,
    project: &str,
    name: &str,
    labels: HashMap<String, String>,
    cpus: u32,
) -> ContainerCreateBody {
    let (exposed, bound) = ports(&service.ports);
    let mut host = walls(&service.limits, cpus);
    host.port_bindings = Some(bound);
    host.mounts = Some(service.mounts.iter().map(|mount| engine_mount(mount, project)).collect());
    host.tmpfs = (!service.tmpfs.is_empty()).then(|| service.tmpfs.clone().into_iter().collect());
    host.readonly_rootfs = Some(service.read_only);
    host.init = service.init;
    host.shm_size = service.shared_memory.and_then(|bytes| i64::try_from(bytes).ok());
    host.cap_drop = (!service.cap_drop.is_empty()).then(|| service.cap_drop.clone());
    host.restart_policy = Some(restart(service.restart));
    let first = service.networks.keys().next();
    host.network_mode = first.map(|network| format!("{project}_{network}"));
    let endpoints = first
        .map(|network| HashMap::from([(format!("{project}_{network}"), endpoint(name, &service.networks[network]))]));
    let mut all_labels: HashMap<String, String> = service.labels.clone().into_iter().collect();
    all_labels.extend(labels);
    ContainerCreateBody {
        image: Some(image.to_owned()),
        hostname: service.hostname.clone(),
        user: service.user.clone(),
        env: Some(pairs(&service.environment)),
        cmd: service.command.clone(),
        entrypoint: service.entrypoint.clone(),
        working_dir: service.working_dir.clone(),
        exposed_ports: Some(exposed),
        healthcheck: service.health.as_ref().map(health),
        labels: Some(all_labels),
        stop_signal: service.stop_signal.clone(),
        stop_timeout: i64::try_from(service.grace).ok(),
        host_config: Some(host),
        networking_config: Some(NetworkingConfig { endpoints_config: endpoints }),
        ..ContainerCreateBody::default()
    }
}

/// Variables, as the engine wants them told.
pub fn pairs(environment: &BTreeMap<String, String>) -> Vec<String> {
    environment.iter().map(|(name, value)| format!("{name}={value}")).collect()
}

/// A health check, as the engine wants it told.
pub fn health(health: &Health) -> HealthConfig {
    HealthConfig {
        test: health.test.clone(),
        interval: health.interval,
        timeout: health.timeout,
        retries: health.retries,
        start_period: health.start_period,
        ..HealthConfig::default()
    }
}

/// A service is known in each of its networks by its own name.
pub fn endpoint(service: &str, aliases: &[String]) -> EndpointSettings {
    let names = std::iter::once(service.to_owned()).chain(aliases.iter().cloned()).collect();
    EndpointSettings { aliases: Some(names), ..EndpointSettings::default() }
}

fn engine_mount(mount: &Mount, project: &str) -> EngineMount {
    let (typ, source) = match &mount.source {
        Source::Folder(path) => (MountType::BIND, Some(path.display().to_string())),
        Source::Volume(name) => (MountType::VOLUME, Some(format!("{project}_{name}"))),
        Source::Unnamed => (MountType::VOLUME, None),
        Source::Memory => (MountType::TMPFS, None),
    };
    let (target, read_only) = (Some(mount.target.clone()), Some(mount.read_only));
    EngineMount { target, source, typ: Some(typ), read_only, ..EngineMount::default() }
}

fn restart(restart: Restart) -> RestartPolicy {
    let (name, times) = match restart {
        Restart::Never => (RestartPolicyNameEnum::NO, None),
        Restart::Always => (RestartPolicyNameEnum::ALWAYS, None),
        Restart::UnlessStopped => (RestartPolicyNameEnum::UNLESS_STOPPED, None),
        Restart::OnFailure(times) => (RestartPolicyNameEnum::ON_FAILURE, Some(i64::from(times))),
    };
    RestartPolicy { name: Some(name), maximum_retry_count: times }
}

impl Engine {
    /// Creates a container that is known as ours by this name, and gives its id.
    pub(crate) async fn create_container(&self, name: &str, mut body: ContainerCreateBody) -> Result<String, Error> {
        body.labels.get_or_insert_default().insert(label::MADE.to_owned(), name.to_owned());
        let options = CreateContainerOptions { name: Some(name.to_owned()), ..CreateContainerOptions::default() };
        Ok(self.docker.create_container(Some(options), body).await?.id)
    }

    /// Starts a container. One that cannot be started is removed again: it would hold its name and nothing else.
    pub(crate) async fn start(&self, id: &str, what: &str) -> Result<(), Error> {
        let Err(error) = self.docker.start_container(id, None).await.map_err(Error::from) else { return Ok(()) };
        self.remove_container(id).await?;
        Err(match error {
            Error::Engine { detail, .. } if taken(&detail) => {
                Error::PortTaken { what: what.to_owned(), port: port_of(&detail) }
            }
            Error::Engine { status, detail } => Error::Engine { status, detail: format!("{what}: {detail}") },
            error => error,
        })
    }

    /// Ends a container at once and removes it with its unnamed volumes. One that is gone already is fine.
    pub(crate) async fn remove_container(&self, id: &str) -> Result<(), Error> {
        let options = RemoveContainerOptions { force: true, v: true, ..RemoveContainerOptions::default() };
        match self.docker.remove_container(id, Some(options)).await.map_err(Error::from) {
            Err(error) if !error.is_missing() && !error.is_conflict() => Err(error),
            _ => Ok(()),
        }
    }

    /// Waits until a container is healthy; one without a health check, until it runs steadily or has ended well.
    pub(crate) async fn settled(
        &self,
        id: &str,
        what: &str,
        within: Duration,
        cancellation: &Cancellation,
    ) -> Result<(), Error> {
        let started = Instant::now();
        loop {
            let (found, running) = self.look(id, what).await?;
            let state = found.state.clone().unwrap_or_default();
            let health = state.health.as_ref().and_then(|health| health.status);
            match health {
                Some(HealthStatusEnum::HEALTHY) if running => return Ok(()),
                Some(HealthStatusEnum::UNHEALTHY) => {
                    let last = state.health.and_then(|health| health.log?.pop()?.output).unwrap_or_default();
                    return Err(Error::Unhealthy { what: what.to_owned(), detail: last.trim().to_owned() });
                }
                None | Some(HealthStatusEnum::NONE | HealthStatusEnum::EMPTY) => match running {
                    false if state.exit_code == Some(0) => return Ok(()),
                    true if started.elapsed() > STEADY => return Ok(()),
                    _ => {}
                },
                _ => {}
            }
            if !running {
                return Err(self.ended(id, what, &found).await);
            }
            if started.elapsed() > within {
                return Err(Error::Late { what: what.to_owned(), seconds: within.as_secs() });
            }
            pause(LOOKS_EVERY, cancellation).await?;
        }
    }

    /// Waits until a container has done its work.
    pub(crate) async fn completed(
        &self,
        id: &str,
        what: &str,
        within: Duration,
        cancellation: &Cancellation,
    ) -> Result<(), Error> {
        let started = Instant::now();
        loop {
            let (found, running) = self.look(id, what).await?;
            if !running {
                return match found.state.as_ref().and_then(|state| state.exit_code) {
                    Some(0) => Ok(()),
                    _ => Err(self.ended(id, what, &found).await),
                };
            }
            if started.elapsed() > within {
                return Err(Error::Late { what: what.to_owned(), seconds: within.as_secs() });
            }
            pause(LOOKS_EVERY, cancellation).await?;
        }
    }

    /// What the engine says of a container, and how large its files are if `size`. Podman calls one that has just ended by a
    /// word that no client of Docker's knows: it is asked until that is over.
    pub(crate) async fn inspect(&self, id: &str, size: bool) -> Result<ContainerInspectResponse, Error> {
        let mut left = 50;
        loop {
            let found = self.docker.inspect_container(id, Some(InspectContainerOptions { size })).await;
            match found.map_err(Error::from) {
                Err(Error::Lost { detail }) if left > 0 && detail.contains("unknown variant `stopped`") => {
                    left -= 1;
                    tokio::time::sleep(LOOKS_EVERY).await;
                }
                found => return found,
            }
        }
    }

    pub(crate) async fn look(&self, id: &str, what: &str) -> Result<(ContainerInspectResponse, bool), Error> {
        let found = self.inspect(id, false).await;
        let found = found.map_err(|error| match error.is_missing() {
            true => Error::Ended { what: what.to_owned(), code: -1, last: vec!["somebody removed it".to_owned()] },
            false => error,
        })?;
        let status = found.state.as_ref().and_then(|state| state.status);
        let running = matches!(status, Some(ContainerStateStatusEnum::RUNNING | ContainerStateStatusEnum::PAUSED));
        Ok((found, running))
    }

    pub(crate) async fn ended(&self, id: &str, what: &str, found: &ContainerInspectResponse) -> Error {
        let state = found.state.clone().unwrap_or_default();
        let mut last = self.last_lines(id).await.unwrap_or_default();
        if state.oom_killed == Some(true) {
            last.push("(ended by the system: it wanted more memory than its limit)".to_owned());
        }
        last.extend(state.error.filter(|error| !error.is_empty()));
        Error::Ended { what: what.to_owned(), code: state.exit_code.unwrap_or(-1), last }
    }

    pub(crate) async fn last_lines(&self, id: &str) -> Result<Vec<String>, Error> {
        let options = LogsOptions { stdout: true, stderr: true, tail: LAST_LINES.to_owned(), ..LogsOptions::default() };
        let (mut lines, mut found) = (Lines::default(), Vec::new());
        let mut told = std::pin::pin!(self.docker.logs(id, Some(options)));
        while let Some(output) = told.next().await {
            found.extend(lines.push(&output?.into_bytes()));
        }
        found.extend(lines.rest());
        Ok(found)
    }

    /// What a running container takes. The engine measures for a second.
    pub(crate) async fn usage(&self, id: &str) -> Result<Usage, Error> {
        let options = StatsOptions { stream: false, one_shot: false };
        let stats = std::pin::pin!(self.docker.stats(id, Some(options))).try_next().await?;
        Ok(usage(&stats.unwrap_or_default()))
    }
}

fn usage(stats: &ContainerStatsResponse) -> Usage {
    let memory = stats.memory_stats.clone().unwrap_or_default();
    let droppable = memory.stats.as_ref().and_then(|stats| {
        // The first is a control group's of version 1, the second one's of version 2.
        stats.get("total_inactive_file").or_else(|| stats.get("inactive_file")).copied()
    });
    let networks = stats.networks.iter().flatten();
    let (received, sent) = networks.fold((0, 0), |sum, (_, one)| {
        (sum.0 + one.rx_bytes.unwrap_or_default(), sum.1 + one.tx_bytes.unwrap_or_default())
    });
    Usage {
        cpus: cpus(stats).unwrap_or_default(),
        memory: memory.usage.unwrap_or_default().saturating_sub(droppable.unwrap_or_default()),
        memory_limit: memory.limit.unwrap_or_default(),
        processes: stats.pids_stats.as_ref().and_then(|pids| pids.current).unwrap_or_default(),
        received,
        sent,
    }
}

/// The container's share of the time that all cores together had between two looks.
fn cpus(stats: &ContainerStatsResponse) -> Option<f64> {
    let (now, before) = (stats.cpu_stats.as_ref()?, stats.precpu_stats.as_ref()?);
    let spent = |of: &bollard::models::ContainerCpuStats| of.cpu_usage.as_ref()?.total_usage;
    let own = spent(now)?.saturating_sub(spent(before)?) as f64;
    let all = now.system_cpu_usage?.saturating_sub(before.system_cpu_usage?) as f64;
    (all > 0.0).then(|| own / all * f64::from(now.online_cpus.unwrap_or(1)))
}

fn taken(detail: &str) -> bool {
    detail.contains("port is already allocated") || detail.contains("address already in use")
}

/// The port in what an engine says of one: `Bind for 127.0.0.1:8080 failed: …`
fn port_of(detail: &str) -> String {
    let after = detail.split_once("127.0.0.1:").map_or("", |(_, after)| after);
    after.chars().take_while(char::is_ascii_digit).collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_taken_port_is_read_from_both_of_the_engines_sentences() {
        for detail in [
            "driver failed programming external connectivity: Bind for 127.0.0.1:8080 failed: port is already allocated",
            "Error starting userland proxy: listen tcp4 127.0.0.1:8080: bind: address already in use",
        ] {
            assert!(taken(detail));
            assert_eq!(port_of(detail), "8080");
        }
    }

    #[test]
    fn cores_are_those_used_between_two_looks_and_droppable_files_are_no_memory() {
        let stats = serde_json::json!({
            "cpu_stats": {"cpu_usage": {"total_usage": 3_000}, "system_cpu_usage": 20_000, "online_cpus": 4},
            "precpu_stats": {"cpu_usage": {"total_usage": 1_000}, "system_cpu_usage": 12_000},
            "memory_stats": {"usage": 900, "limit": 1_000, "stats": {"inactive_file": 300}},
            "pids_stats": {"current": 3},
            "networks": {"eth0": {"rx_bytes": 5, "tx_bytes": 7}, "eth1": {"rx_bytes": 1, "tx_bytes": 1}},
        });
        let found = usage(&serde_json::from_value(stats).unwrap());
        let expected = Usage { cpus: 1.0, memory: 600, memory_limit: 1_000, processes: 3, received: 6, sent: 8 };
        assert_eq!(found, expected);
    }
}
