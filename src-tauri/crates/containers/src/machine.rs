//! A machine for the steps of a job: a container that waits, takes files, runs programs and gives files back, with services beside
//! it on a network of its own. What a crash left is removed when the same name is asked for again.

mod files;
mod program;

use std::collections::{BTreeMap, HashMap};
use std::time::Duration;

use bollard::models::{ContainerCreateBody, EndpointSettings, NetworkCreateRequest, NetworkingConfig};
use bollard::query_parameters::ListNetworksOptions;
use task::Cancellation;

use crate::compose::{Health, Limits};
use crate::{BASE, Engine, Error, container, label};

pub use files::Found;
pub use program::Executed;

/// What listens in a machine where its services' ports are to be.
const FORWARD: &str = include_str!("machine/forward.py");

/// A machine that is wanted.
#[derive(Debug, Clone, PartialEq)]
pub struct MachineRun {
    /// Lower-case letters, digits and hyphens; what runs under it already makes way.
    pub name: String,
    /// Has to be on this machine; [`BASE`] where `None`.
    pub image: Option<String>,
    pub environment: BTreeMap<String, String>,
    pub limits: Limits,
    pub services: Vec<Beside>,
    /// How long each service may take to be well.
    pub within: Duration,
}

/// A container beside a machine. One of [`BASE`] reaches its ports at `localhost`, another one reaches it by its name.
#[derive(Debug, Clone, PartialEq)]
pub struct Beside {
    pub name: String,
    pub image: String,
    pub environment: BTreeMap<String, String>,
    /// The machine's own port, and the service's behind it.
    pub ports: Vec<(u16, u16)>,
    pub health: Option<Health>,
}

/// A machine that runs. It stays when this is dropped: whoever asked for it removes it.
#[derive(Debug)]
pub struct Machine {
    engine: Engine,
    name: String,
    id: String,
}

impl Engine {
    /// Starts a machine once its services are well. One that cannot be had is removed again.
    pub async fn machine(&self, wanted: &MachineRun, cancellation: &Cancellation) -> Result<Machine, Error> {
        self.remove_machine(&wanted.name).await?;
        let images = wanted.services.iter().map(|service| service.image.as_str());
        for image in images.chain([wanted.image.as_deref().unwrap_or(BASE)]) {
            if self.image_id(image).await?.is_none() {
                return Err(Error::NoImage { name: image.to_owned() });
            }
        }
        match self.raise_machine(wanted, cancellation).await {
            Ok(id) => Ok(Machine { engine: self.clone(), name: wanted.name.clone(), id }),
            Err(error) => {
                self.remove_machine(&wanted.name).await?;
                Err(error)
            }
        }
    }

    async fn raise_machine(&self, wanted: &MachineRun, cancellation: &Cancellation) -> Result<String, Error> {
        let network = format!("groundwork-{}", wanted.name);
        let request = NetworkCreateRequest {
            name: network.clone(),
            driver: Some("bridge".to_owned()),
            labels: Some(label::of_run(&wanted.name)),
            ..NetworkCreateRequest::default()
        };
        self.docker.create_network(request).await?;
        let mut ids = Vec::new();
        for service in &wanted.services {
            let body = ContainerCreateBody {
                image: Some(service.image.clone()),
                env: Some(container::pairs(&service.environment)),
                healthcheck: service.health.as_ref().map(container::health),
                ..self.body(wanted, &network, &Limits::default(), wanted.image.is_some().then_some(&service.name))
            };
            let id = self.create_container(&format!("{network}-{}", service.name), body).await?;
            self.start(&id, &service.name).await?;
            ids.push(id);
        }
        let mut forwards = Vec::new();
        for (service, id) in wanted.services.iter().zip(&ids) {
            self.settled(id, &service.name, wanted.within, cancellation).await?;
            let (found, _) = self.look(id, &service.name).await?;
            let networks = found.network_settings.and_then(|settings| settings.networks).unwrap_or_default();
            let address = networks.get(&network).and_then(|own| own.ip_address.clone()).unwrap_or_default();
            forwards.extend(service.ports.iter().map(|(outer, inner)| format!("{outer}:{address}:{inner}")));
        }
        let mut body = ContainerCreateBody {
            image: Some(wanted.image.clone().unwrap_or_else(|| BASE.to_owned())),
            entrypoint: Some(Vec::new()),
            cmd: Some(["tail", "-f", "/dev/null"].map(str::to_owned).to_vec()),
            env: Some(container::pairs(&wanted.environment)),
            ..self.body(wanted, &network, &wanted.limits, None)
        };
        if let Some(host) = &mut body.host_config {
            host.init = Some(true);
        }
        let id = self.create_container(&network, body).await?;
        self.start(&id, "the job's machine").await?;
        if wanted.image.is_none() && !forwards.is_empty() {
            let argv: Vec<String> = ["python3", "-c", FORWARD].map(str::to_owned).into_iter().chain(forwards).collect();
            let done = self.execute(&id, &argv, &BTreeMap::new(), wanted.within).await?;
            if done.code != Some(0) {
                let last = done.output.lines().map(str::to_owned).collect();
                return Err(Error::Ended {
                    what: "a port of a service".to_owned(),
                    code: done.code.unwrap_or(-1),
                    last,
                });
            }
        }
        Ok(id)
    }

    /// What every container of a machine has.
    fn body(&self, wanted: &MachineRun, network: &str, limits: &Limits, alias: Option<&String>) -> ContainerCreateBody {
        let mut host = container::walls(limits, self.about().cpus);
        host.network_mode = Some(network.to_owned());
        let endpoint =
            EndpointSettings { aliases: alias.map(|alias| vec![alias.clone()]), ..EndpointSettings::default() };
        ContainerCreateBody {
            labels: Some(label::of_run(&wanted.name)),
            host_config: Some(host),
            networking_config: Some(NetworkingConfig {
                endpoints_config: Some(HashMap::from([(network.to_owned(), endpoint)])),
            }),
            ..ContainerCreateBody::default()
        }
    }

    /// Ends and removes what there is of a machine, its services and its network. What is gone already is fine.
    pub async fn remove_machine(&self, name: &str) -> Result<(), Error> {
        self.remove_run(name).await?;
        let filters = Some(label::filter(label::RUN, name));
        for network in self.docker.list_networks(Some(ListNetworksOptions { filters })).await? {
            let removed = self.docker.remove_network(network.id.as_deref().unwrap_or_default()).await;
            match removed.map_err(Error::from) {
                Err(error) if !error.is_missing() => return Err(error),
                _ => {}
            }
        }
        Ok(())
    }
}

impl Machine {
    /// Ends it at once and removes it with its services.
    pub async fn remove(self) -> Result<(), Error> {
        self.engine.remove_machine(&self.name).await
    }
}
