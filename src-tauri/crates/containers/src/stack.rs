//! Stacks: the containers, networks and volumes of one compose file, known by their labels alone. There is no record beside
//! the engine's own that could disagree with it.

mod crash;
mod down;
mod logs;
mod up;
mod within;

use std::collections::{BTreeMap, HashMap};

use bollard::models::{ContainerSummary, PortSummary};
use bollard::query_parameters::ListContainersOptions;

use crate::{Engine, Error, label};

pub use crash::Crash;
pub use logs::{Line, Wanted};
pub use within::ServiceUsage;

/// A stack of which something is there.
#[derive(Debug, Clone, PartialEq)]
pub struct Listed {
    /// `groundwork-shop-1a2b3c`
    pub project: String,
    /// The compose file that it came from.
    pub file: String,
    pub services: Vec<ListedService>,
}

#[derive(Debug, Clone, PartialEq)]
pub struct ListedService {
    pub service: String,
    /// The container's name.
    pub container: String,
    /// `running`, `exited`, `restarting` …, as the engine says it.
    pub state: String,
    /// `Up 3 minutes (healthy)`
    pub status: String,
    /// Whether it has a health check that says so.
    pub healthy: bool,
    /// The port on 127.0.0.1, and the container's own.
    pub ports: Vec<(u16, u16)>,
}

impl Engine {
    /// The stacks that Groundwork made on this engine, running or not, by their names.
    pub async fn stacks(&self) -> Result<Vec<Listed>, Error> {
        let filters = HashMap::from([("label".to_owned(), vec![label::MADE.to_owned(), label::STACK.to_owned()])]);
        let mut stacks: BTreeMap<String, Listed> = BTreeMap::new();
        for found in self.own(filters).await? {
            let of =
                |name: &str| found.labels.as_ref().and_then(|labels| labels.get(name)).cloned().unwrap_or_default();
            let project = of(label::STACK);
            let stack = stacks.entry(project.clone()).or_insert_with(|| Listed {
                project,
                file: of(label::FILE),
                services: Vec::new(),
            });
            stack.services.push(listed(&found, of(label::SERVICE)));
        }
        let mut stacks: Vec<Listed> = stacks.into_values().collect();
        stacks.iter_mut().for_each(|stack| stack.services.sort_by(|a, b| a.service.cmp(&b.service)));
        Ok(stacks)
    }

    /// What is there of one stack.
    pub async fn stack(&self, project: &str) -> Result<Option<Listed>, Error> {
        Ok(self.stacks().await?.into_iter().find(|stack| stack.project == project))
    }

    /// A stack's containers, stopped ones, too.
    async fn containers_of(&self, project: &str) -> Result<Vec<ContainerSummary>, Error> {
        self.own(label::filter(label::STACK, project)).await
    }

    /// The containers of ours that these filters leave, stopped ones, too.
    pub(crate) async fn own(&self, filters: HashMap<String, Vec<String>>) -> Result<Vec<ContainerSummary>, Error> {
        let mut found = self.listed(filters).await?;
        found.retain(|container| {
            let mut names = container.names.iter().flatten();
            names.any(|name| name.trim_start_matches('/') == label_of(container, label::MADE))
        });
        Ok(found)
    }

    /// Everybody's containers that these filters leave, stopped ones, too.
    pub(crate) async fn listed(&self, filters: HashMap<String, Vec<String>>) -> Result<Vec<ContainerSummary>, Error> {
        let options = ListContainersOptions { all: true, filters: Some(filters), ..ListContainersOptions::default() };
        Ok(self.docker.list_containers(Some(options)).await?)
    }

    /// The running container of a service.
    async fn running(&self, project: &str, service: &str) -> Result<String, Error> {
        let found = self
            .containers_of(project)
            .await?
            .into_iter()
            .find(|container| label_of(container, label::SERVICE) == service && state(container) == "running");
        let missing = || Error::NoService { stack: project.into(), service: service.into() };
        found.and_then(|container| container.id).ok_or_else(missing)
    }
}

fn label_of<'a>(container: &'a ContainerSummary, name: &str) -> &'a str {
    container.labels.as_ref().and_then(|labels| labels.get(name)).map_or("", String::as_str)
}

fn state(container: &ContainerSummary) -> String {
    container.state.map(|state| state.to_string()).unwrap_or_default()
}

fn name(container: &ContainerSummary) -> String {
    let name = container.names.iter().flatten().next().map_or("", String::as_str);
    name.trim_start_matches('/').to_owned()
}

fn listed(container: &ContainerSummary, service: String) -> ListedService {
    let open = |port: &PortSummary| Some((port.public_port?, port.private_port));
    let mut ports: Vec<(u16, u16)> = container.ports.iter().flatten().filter_map(open).collect();
    ports.sort_unstable();
    ports.dedup();
    let status = container.status.clone().unwrap_or_default();
    // Older engines say it in these words alone.
    let healthy = status.contains("(healthy)");
    ListedService { service, container: name(container), state: state(container), status, healthy, ports }
}
