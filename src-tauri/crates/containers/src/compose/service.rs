//! A service with every value understood, every default set and every limit there. Its serialized form is what tells whether
//! a container is still what its file asks for.

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};
use std::time::Duration;

use serde::{Deserialize, Serialize};

use super::bad::Bad;
use super::form::{BuildForm, BuildMapping, DependsOn, HealthForm, NetworksForm, OneOrMany, Scalar, ServiceForm};
use super::{Network, env_file, mounts, ports, units};

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Service {
    /// Named in the file; a built image without a name gets one of the stack's.
    pub image: Option<String>,
    pub build: Option<BuildFrom>,
    pub command: Option<Vec<String>>,
    pub entrypoint: Option<Vec<String>>,
    pub environment: BTreeMap<String, String>,
    pub ports: Vec<Port>,
    /// Each network with the further names that the service has in it.
    pub networks: BTreeMap<String, Vec<String>>,
    pub mounts: Vec<Mount>,
    /// Each place in memory with its options.
    pub tmpfs: BTreeMap<String, String>,
    pub health: Option<Health>,
    pub depends_on: BTreeMap<String, Condition>,
    pub restart: Restart,
    pub limits: Limits,
    pub shared_memory: Option<u64>,
    pub user: Option<String>,
    pub working_dir: Option<String>,
    pub read_only: bool,
    pub labels: BTreeMap<String, String>,
    /// Seconds between the signal to end and the kill.
    pub grace: u64,
    pub stop_signal: Option<String>,
    pub hostname: Option<String>,
    pub init: Option<bool>,
    pub cap_drop: Vec<String>,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct BuildFrom {
    pub folder: PathBuf,
    pub dockerfile: PathBuf,
    pub arguments: BTreeMap<String, String>,
    pub target: Option<String>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub struct Port {
    pub container: u16,
    /// On 127.0.0.1; a free one where `None`.
    pub host: Option<u16>,
    pub udp: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Mount {
    pub source: Source,
    pub target: String,
    pub read_only: bool,
}

#[derive(Debug, Clone, PartialEq, Serialize)]
pub enum Source {
    Folder(PathBuf),
    Volume(String),
    Unnamed,
    Memory,
}

/// Nanoseconds, as the engine counts.
#[derive(Debug, Clone, PartialEq, Serialize)]
pub struct Health {
    /// `NONE` alone switches an image's own off.
    pub test: Option<Vec<String>>,
    pub interval: Option<i64>,
    pub timeout: Option<i64>,
    pub retries: Option<i64>,
    pub start_period: Option<i64>,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
pub enum Condition {
    #[serde(rename = "service_started")]
    Started,
    #[serde(rename = "service_healthy")]
    Healthy,
    #[serde(rename = "service_completed_successfully")]
    Completed,
}

#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize)]
pub enum Restart {
    Never,
    Always,
    UnlessStopped,
    /// So many times at most; 0 is without end.
    OnFailure(u32),
}

/// What a container may take of the machine. Every one has all three.
#[derive(Debug, Clone, Copy, PartialEq, Serialize)]
pub struct Limits {
    /// Bytes, swap included.
    pub memory: u64,
    /// In cores.
    pub cpus: f64,
    pub processes: u32,
}

impl Default for Limits {
    fn default() -> Self {
        Self { memory: 1 << 30, cpus: 2.0, processes: 512 }
    }
}

/// What a service stands in.
pub struct Within<'a> {
    pub folder: &'a Path,
    /// What a file of its environment may name.
    pub variables: &'a BTreeMap<String, String>,
    pub networks: &'a BTreeMap<String, Network>,
    pub volumes: &'a [String],
}

impl Within<'_> {
    pub fn service(&self, form: ServiceForm, place: &str) -> Result<Service, Bad> {
        let at = |key: &str| format!("{place}.{key}");
        if form.image.is_none() && form.build.is_none() {
            return Err(Bad::new(place, "has neither an image nor a build", "Add `image:` or `build:`."));
        }
        let safe = |option: &&String| matches!(option.as_str(), "no-new-privileges" | "no-new-privileges:true");
        if let Some(option) = form.security_opt.iter().find(|option| !safe(option)) {
            let next = "Every container has no-new-privileges already; take the rest out.";
            return Err(Bad::new(at("security_opt"), format!("{option} is refused"), next));
        }
        let limits = limits(&form, place)?;
        let environment = self.environment(form.env_file, form.environment, place)?;
        let ports = form.ports.into_iter().enumerate();
        let ports = ports.map(|(number, port)| ports::port(port, &format!("{place}.ports[{number}]")));
        let mounts = form.volumes.into_iter().enumerate().map(|(number, mount)| {
            mounts::mount(mount, self.folder, self.volumes, &format!("{place}.volumes[{number}]"))
        });
        let grace = match form.stop_grace_period {
            Some(grace) => duration(&grace, &at("stop_grace_period"))?.as_secs_f64().ceil() as u64,
            None => 10,
        };
        Ok(Service {
            image: form.image,
            build: form.build.map(|build| self.build(build, &at("build"))).transpose()?,
            command: form.command.map(|words| words.cut(&at("command"))).transpose()?,
            entrypoint: form.entrypoint.map(|words| words.cut(&at("entrypoint"))).transpose()?,
            environment,
            ports: ports.collect::<Result<_, _>>()?,
            networks: self.networks(form.networks, &at("networks"))?,
            mounts: mounts.collect::<Result<_, _>>()?,
            tmpfs: form.tmpfs.map(OneOrMany::all).unwrap_or_default().iter().map(|text| memory_place(text)).collect(),
            health: form.healthcheck.map(|health| self::health(health, &at("healthcheck"))).transpose()?,
            depends_on: match form.depends_on {
                None => BTreeMap::new(),
                Some(DependsOn::List(names)) => names.into_iter().map(|name| (name, Condition::Started)).collect(),
                Some(DependsOn::Mapping(names)) => {
                    names.into_iter().map(|(name, depends)| (name, depends.condition)).collect()
                }
            },
            restart: form
                .restart
                .map_or(Ok(Restart::Never), |restart| self::restart(&restart.to_string(), &at("restart")))?,
            limits,
            shared_memory: form.shm_size.map(|size| bytes(&size, &at("shm_size"))).transpose()?,
            user: form.user.map(|user| user.to_string()),
            working_dir: form.working_dir,
            read_only: form.read_only,
            labels: form.labels.map(|labels| labels.all(&at("labels"))).transpose()?.unwrap_or_default(),
            grace,
            stop_signal: form.stop_signal,
            hostname: form.hostname,
            init: form.init,
            cap_drop: form.cap_drop,
        })
    }

    /// Files first, in their order; the service's own words win.
    fn environment(
        &self,
        files: Option<OneOrMany>,
        own: Option<super::form::Pairs>,
        place: &str,
    ) -> Result<BTreeMap<String, String>, Bad> {
        let mut environment: BTreeMap<String, String> = BTreeMap::new();
        for file in files.map(OneOrMany::all).unwrap_or_default() {
            let place = format!("{place}.env_file");
            let path = mounts::inside(&file, self.folder, &place)?;
            let text = std::fs::read_to_string(&path);
            let text = text.map_err(|error| Bad::new(&place, format!("{file}: {error}"), "Make that file."))?;
            let mut known = environment.clone();
            known.extend(self.variables.clone());
            environment.extend(env_file::pairs(&text, &file, &known)?);
        }
        if let Some(own) = own {
            environment.extend(own.all(&format!("{place}.environment"))?);
        }
        Ok(environment)
    }

    fn build(&self, form: BuildForm, place: &str) -> Result<BuildFrom, Bad> {
        let (context, dockerfile, args, target) = match form {
            BuildForm::Folder(folder) => (folder, None, None, None),
            BuildForm::Mapping(BuildMapping { context, dockerfile, args, target }) => {
                (context, dockerfile, args, target)
            }
        };
        let folder = mounts::inside(&context, self.folder, &format!("{place}.context"))?;
        let dockerfile = PathBuf::from(dockerfile.unwrap_or_else(|| "Dockerfile".into()));
        if dockerfile.is_absolute() || dockerfile.components().any(|part| part.as_os_str() == "..") {
            let place = format!("{place}.dockerfile");
            return Err(Bad::new(place, "lies outside the build's folder", "Put it inside."));
        }
        let arguments = args.map(|args| args.all(&format!("{place}.args"))).transpose()?.unwrap_or_default();
        Ok(BuildFrom { folder, dockerfile, arguments, target })
    }

    fn networks(&self, form: Option<NetworksForm>, place: &str) -> Result<BTreeMap<String, Vec<String>>, Bad> {
        let networks: BTreeMap<String, Vec<String>> = match form {
            None => [("default".to_owned(), Vec::new())].into(),
            Some(NetworksForm::List(names)) => names.into_iter().map(|name| (name, Vec::new())).collect(),
            Some(NetworksForm::Mapping(names)) => {
                names.into_iter().map(|(name, of)| (name, of.unwrap_or_default().aliases)).collect()
            }
        };
        match networks.keys().find(|name| !self.networks.contains_key(*name)) {
            Some(name) => Err(Bad::new(place, format!("there is no network {name}"), "Add it below `networks:`.")),
            None => Ok(networks),
        }
    }
}

fn limits(form: &ServiceForm, place: &str) -> Result<Limits, Bad> {
    let of = form.deploy.as_ref().and_then(|deploy| deploy.resources.as_ref()?.limits.as_ref());
    let pick = |short: &Option<Scalar>, key: &str, long: Option<&Option<Scalar>>, long_key: &str| match (short, long) {
        (Some(value), _) => Some((value.clone(), format!("{place}.{key}"))),
        (None, Some(Some(value))) => Some((value.clone(), format!("{place}.deploy.resources.limits.{long_key}"))),
        _ => None,
    };
    let mut limits = Limits::default();
    if let Some((value, place)) = pick(&form.mem_limit, "mem_limit", of.map(|of| &of.memory), "memory") {
        limits.memory = bytes(&value, &place)?;
        if limits.memory < 6 << 20 {
            return Err(Bad::new(place, format!("{value} is less than the 6m that an engine takes"), "Give it more."));
        }
    }
    if let Some((value, place)) = pick(&form.cpus, "cpus", of.map(|of| &of.cpus), "cpus") {
        let cpus = value.to_string().parse().ok().filter(|cpus| (0.01..=1024.0).contains(cpus));
        limits.cpus =
            cpus.ok_or_else(|| Bad::new(place, format!("{value} is no number of cores"), "Write a number like 0.5."))?;
    }
    if let Some((value, place)) = pick(&form.pids_limit, "pids_limit", of.map(|of| &of.pids), "pids") {
        let count = value.to_string().parse().ok().filter(|count| (1..=65_536).contains(count));
        let bad = || Bad::new(place, format!("{value} is no number of processes"), "Write a number from 1 to 65536.");
        limits.processes = count.ok_or_else(bad)?;
    }
    Ok(limits)
}

fn health(form: HealthForm, place: &str) -> Result<Health, Bad> {
    let none = || Some(vec!["NONE".to_owned()]);
    let test = match form.test {
        _ if form.disable => none(),
        None => None,
        Some(OneOrMany::One(line)) => Some(vec!["CMD-SHELL".to_owned(), line]),
        Some(OneOrMany::Many(words)) => match words.first().map(String::as_str) {
            Some("NONE") => none(),
            Some("CMD" | "CMD-SHELL") if words.len() > 1 => Some(words),
            _ => {
                let next = "Write [\"CMD\", \"curl\", …] or [\"CMD-SHELL\", \"curl …\"].";
                return Err(Bad::new(format!("{place}.test"), "begins with neither CMD nor CMD-SHELL", next));
            }
        },
    };
    let nanos = |value: Option<Scalar>, key: &str| -> Result<Option<i64>, Bad> {
        let duration = value.map(|value| duration(&value, &format!("{place}.{key}"))).transpose()?;
        // The engine takes no period below a millisecond.
        Ok(duration.map(|duration| duration.max(Duration::from_millis(1)).as_nanos() as i64))
    };
    let retries = form.retries.map(|retries| {
        let count = retries.to_string().parse().ok().filter(|count| (1..=1000).contains(count));
        count.ok_or_else(|| Bad::new(format!("{place}.retries"), format!("{retries} is no count"), "Write 1 to 1000."))
    });
    Ok(Health {
        test,
        interval: nanos(form.interval, "interval")?,
        timeout: nanos(form.timeout, "timeout")?,
        retries: retries.transpose()?,
        start_period: nanos(form.start_period, "start_period")?,
    })
}

fn restart(text: &str, place: &str) -> Result<Restart, Bad> {
    match text.split_once(':').unwrap_or((text, "")) {
        ("no" | "false", "") => Ok(Restart::Never),
        ("always", "") => Ok(Restart::Always),
        ("unless-stopped", "") => Ok(Restart::UnlessStopped),
        ("on-failure", "") => Ok(Restart::OnFailure(0)),
        ("on-failure", times) if times.parse::<u32>().is_ok() => Ok(Restart::OnFailure(times.parse().unwrap_or(0))),
        _ => {
            let next = "Write no, always, unless-stopped, on-failure or on-failure:3.";
            Err(Bad::new(place, format!("{text:?} is no way to restart"), next))
        }
    }
}

/// `/tmp:size=64m` as a place and its options.
fn memory_place(text: &str) -> (String, String) {
    let (place, options) = text.split_once(':').unwrap_or((text, ""));
    (place.to_owned(), options.to_owned())
}

fn bytes(value: &Scalar, place: &str) -> Result<u64, Bad> {
    let bad = || Bad::new(place, format!("{value} is no size"), "Write a size like 512m or 1g.");
    units::bytes(&value.to_string()).ok_or_else(bad)
}

fn duration(value: &Scalar, place: &str) -> Result<Duration, Bad> {
    let bad = || Bad::new(place, format!("{value} is no duration"), "Write a duration like 10s or 1m30s.");
    units::duration(&value.to_string()).ok_or_else(bad)
}
