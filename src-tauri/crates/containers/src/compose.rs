//! A compose file as Groundwork understands it: a documented part of the Compose Specification, every other key refused by its
//! place. Reads files, starts nothing; what it gives is checked, with every variable replaced and every limit set.

mod bad;
mod env_file;
mod form;
mod interpolate;
mod keys;
mod mounts;
mod order;
mod ports;
mod service;
mod units;

use std::collections::BTreeMap;
use std::path::{Path, PathBuf};

use serde_norway::Value;
use sha2::{Digest, Sha256};

use crate::Error;

use bad::Bad;
pub use service::{Condition, Health, Limits, Mount, Port, Restart, Service, Source};

/// Bytes of a file; a longer one is a mistake.
const LONGEST: u64 = 1_000_000;

/// A stack as its file describes it.
#[derive(Debug, Clone, PartialEq)]
pub struct Compose {
    /// What people call it: the file's `name`, else its folder's name.
    pub name: String,
    /// What its containers, networks and volumes are named by; another folder's stack of the same name has another one.
    pub project: String,
    pub file: PathBuf,
    /// The folder that holds all that a service may see of this machine.
    pub workspace: PathBuf,
    pub(crate) services: BTreeMap<String, Service>,
    /// Names of services, each after those that it depends on.
    pub(crate) order: Vec<String>,
    pub(crate) networks: BTreeMap<String, Network>,
    pub(crate) volumes: Vec<String>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct Network {
    /// Whether its containers reach only one another.
    pub internal: bool,
}

impl Compose {
    /// Reads a compose file. `${VARIABLES}` come from `variables`, then from the `.env` file beside it, and from nowhere else.
    /// Gives [`Error::Compose`] with the place in the file.
    pub fn read(file: &Path, variables: &BTreeMap<String, String>) -> Result<Self, Error> {
        let file = file.canonicalize().map_err(Error::disk(file))?;
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        if folder.parent().is_none() {
            let bad =
                Bad::new("the file", "lies at the top of the disk, all of which would be its workspace", "Move it.");
            return Err(bad.of(&file));
        }
        if file.metadata().map_err(Error::disk(&file))?.len() > LONGEST {
            return Err(Bad::new("the file", format!("is longer than {LONGEST} bytes"), "Make it shorter.").of(&file));
        }
        let text = std::fs::read_to_string(&file).map_err(Error::disk(&file))?;
        let mut known = match std::fs::read_to_string(folder.join(".env")) {
            Ok(text) => env_file::pairs(&text, ".env", variables).map_err(|bad| bad.of(&file))?,
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => BTreeMap::new(),
            Err(error) => return Err(Error::disk(&folder.join(".env"))(error)),
        };
        known.extend(variables.clone());
        parse(&text, &file, &folder, &known).map_err(|bad| bad.of(&file))
    }

    /// What the stack of a file is named by. Of the file only its own name counts: the rest may be broken, or want variables.
    pub fn project_of(file: &Path) -> Result<String, Error> {
        let file = file.canonicalize().map_err(Error::disk(file))?;
        let folder = file.parent().map(Path::to_path_buf).unwrap_or_default();
        let text = std::fs::read_to_string(&file).map_err(Error::disk(&file))?;
        let tree = serde_norway::from_str::<Value>(&text).ok();
        match tree.as_ref().and_then(|tree| tree.get("name")?.as_str()) {
            Some(name) if name.contains('$') => Ok(Self::read(&file, &BTreeMap::new())?.project),
            Some(name) => Ok(project(name, &folder)),
            None => Ok(project(&name_of(&folder), &folder)),
        }
    }

    /// The same stack under a name of its own, each port on a free one, so that it can run beside the other.
    #[must_use]
    pub fn beside(mut self, suffix: &str) -> Self {
        self.project = format!("{}-{suffix}", self.project);
        for port in self.services.values_mut().flat_map(|service| &mut service.ports) {
            port.host = None;
        }
        self
    }

    /// The same stack, whose builds are given these arguments where the file says nothing of them.
    #[must_use]
    pub fn with_arguments(mut self, arguments: &BTreeMap<String, String>) -> Self {
        for build in self.services.values_mut().filter_map(|service| service.build.as_mut()) {
            for (name, value) in arguments {
                build.arguments.entry(name.clone()).or_insert_with(|| value.clone());
            }
        }
        self
    }

    /// Whether a service is told a text, by its variables or its command.
    pub fn tells(&self, text: &str) -> bool {
        let told = |service: &Service| {
            service.environment.values().chain(service.command.iter().flatten()).any(|told| told.contains(text))
        };
        self.services.values().any(told)
    }

    /// The images that are built for it and named by it alone.
    pub fn built(&self) -> Vec<String> {
        let own = self.services.iter().filter(|(_, service)| service.build.is_some() && service.image.is_none());
        own.map(|(name, _)| self.image_name(name)).collect()
    }

    /// What the image is called that is built for a service which names none.
    pub(crate) fn image_name(&self, service: &str) -> String {
        format!("{}-{service}:latest", self.project)
    }

    pub(crate) fn service(&self, name: &str) -> &Service {
        &self.services[name]
    }
}

fn parse(text: &str, file: &Path, folder: &Path, variables: &BTreeMap<String, String>) -> Result<Compose, Bad> {
    let mut tree: Value = serde_norway::from_str(text)
        .map_err(|error| Bad::new("the file", format!("is no YAML: {error}"), "Mend that line."))?;
    let merged = tree.apply_merge();
    merged.map_err(|error| Bad::new("the file", error.to_string(), "`<<` takes one mapping or a list of them."))?;
    interpolate::tree(&mut tree, variables)?;
    keys::check(&mut tree)?;
    let document: form::Document = serde_path_to_error::deserialize(tree).map_err(|error| {
        let place = error.path().to_string();
        Bad::new(if place == "." { "the file".into() } else { place }, error.inner().to_string(), "Mend its value.")
    })?;
    let name = match &document.name {
        Some(name) => name.clone(),
        None => name_of(folder),
    };
    if name.is_empty() || name != plain(&name) {
        let detail = format!("{name:?} is no name: lower-case letters, digits, hyphens and underscores make one");
        return Err(Bad::new("name", detail, "Write another name at the top of the file: `name: my-stack`."));
    }
    if document.services.is_empty() {
        return Err(Bad::new("services", "there are none", "Describe at least one service."));
    }
    let networks = document.networks.iter().map(|(name, network)| {
        let internal = network.as_ref().is_some_and(|network| network.internal);
        (name.clone(), Network { internal })
    });
    let mut networks: BTreeMap<String, Network> = networks.collect();
    networks.entry("default".into()).or_insert(Network { internal: false });
    let volumes: Vec<String> = document.volumes.keys().cloned().collect();
    let within = service::Within { folder, variables, networks: &networks, volumes: &volumes };
    let mut services = BTreeMap::new();
    for (name, form) in document.services {
        let place = format!("services.{name}");
        if name != plain(&name) || name.len() > 63 {
            return Err(Bad::new(place, "is no name for a service", "Use lower-case letters, digits and hyphens."));
        }
        services.insert(name, within.service(form, &place)?);
    }
    let order = order::order(&services)?;
    let (project, file, workspace) = (project(&name, folder), file.to_path_buf(), folder.to_path_buf());
    Ok(Compose { name, project, file, workspace, services, order, networks, volumes })
}

fn name_of(folder: &Path) -> String {
    plain(&folder.file_name().unwrap_or_default().to_string_lossy())
}

fn project(name: &str, folder: &Path) -> String {
    let folder_print = Sha256::digest(folder.as_os_str().as_encoded_bytes());
    let print: String = folder_print.iter().take(3).map(|byte| format!("{byte:02x}")).collect();
    format!("groundwork-{name}-{print}")
}

/// The part of a text that a name may have.
fn plain(text: &str) -> String {
    let lower = text.to_lowercase();
    let kept = lower.chars().filter(|letter| letter.is_ascii_alphanumeric() || "-_".contains(*letter));
    kept.skip_while(|letter| !letter.is_ascii_alphanumeric()).collect()
}

#[cfg(test)]
mod tests;
