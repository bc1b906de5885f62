//! Brings a stack to what its file says, and touches only what differs: a container whose label names the same configuration
//! stays, whoever started it and whatever crashed since.

use std::collections::HashMap;
use std::time::Duration;

use bollard::models::{ContainerSummary, NetworkConnectRequest, NetworkCreateRequest, VolumeCreateRequest};
use bollard::query_parameters::InspectNetworkOptions;
use futures::future::try_join_all;
use sha2::{Digest, Sha256};
use task::{Cancellation, Progress, Reporter, Unit};

use super::{Listed, label_of, state};
use crate::compose::{Compose, Condition, Service};
use crate::{Build, Engine, Error, container, label};

/// How long a service may take until it is healthy, beyond which its own health check has no say.
const WAITS: Duration = Duration::from_secs(300);

impl Engine {
    /// Builds or fetches what is missing, then starts each service after those that it depends on, and waits until all are
    /// healthy or, without a health check, run steadily. What has not changed is left alone.
    pub async fn up(
        &self,
        compose: &Compose,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Listed, Error> {
        let mut images = HashMap::new();
        for name in &compose.order {
            images.insert(name.as_str(), self.image_of(compose, name, reporter, cancellation).await?);
        }
        self.make_networks(compose).await?;
        self.make_volumes(compose).await?;
        let mut there = self.adopt(compose, &images, reporter).await?;
        let total = Some(compose.order.len() as u64);
        for (done, name) in compose.order.iter().enumerate() {
            let what = format!("Starting {name}");
            reporter.progress(Progress { what, done: done as u64, total, unit: Unit::Steps });
            for (needed, condition) in &compose.service(name).depends_on {
                self.meet(*condition, &there[needed], needed, cancellation).await?;
            }
            if cancellation.is_cancelled() {
                return Err(Error::Cancelled);
            }
            let id = match there.get(name) {
                Some(id) => id.clone(),
                None => self.create(compose, name, &images[name.as_str()]).await?,
            };
            self.start(&id, name).await?;
            there.insert(name.clone(), id);
        }
        let settling = compose.order.iter().map(|name| self.settled(&there[name], name, WAITS, cancellation));
        try_join_all(settling).await?;
        self.stack(&compose.project).await?.ok_or_else(|| Error::NoStack { name: compose.project.clone() })
    }

    /// The image of a service: its name and its id, built or fetched where that is needed.
    async fn image_of(
        &self,
        compose: &Compose,
        name: &str,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<(String, String), Error> {
        let service = compose.service(name);
        let image = service.image.clone().unwrap_or_else(|| compose.image_name(name));
        if let Some(from) = &service.build {
            let build = Build {
                name: image.clone(),
                folder: from.folder.clone(),
                dockerfile: from.dockerfile.clone(),
                arguments: from.arguments.clone(),
                target: from.target.clone(),
            };
            let id = self.build(&build, reporter, cancellation).await?;
            return Ok((image, id));
        }
        if self.image_id(&image).await?.is_none() {
            self.pull(&image, reporter, cancellation).await?;
        }
        let missing = || Error::NoImage { name: image.clone() };
        let id = self.image_id(&image).await?.ok_or_else(missing)?;
        Ok((image, id))
    }

    /// Keeps the containers that are what the file asks for, by service, and removes the stack's others: changed ones, those of
    /// services that are gone, and those that a crash left before they were whole.
    async fn adopt(
        &self,
        compose: &Compose,
        images: &HashMap<&str, (String, String)>,
        reporter: &dyn Reporter,
    ) -> Result<HashMap<String, String>, Error> {
        let mut kept = HashMap::new();
        let mut others = Vec::new();
        for found in self.containers_of(&compose.project).await? {
            let (service, id) = (label_of(&found, label::SERVICE).to_owned(), found.id.clone().unwrap_or_default());
            let same = images.get(service.as_str()).is_some_and(|(_, image)| {
                label_of(&found, label::CONFIG) == configuration(compose.service(&service), image)
            });
            if same && is_whole(&found) && !kept.contains_key(&service) {
                kept.insert(service, id);
            } else {
                let why = if images.contains_key(service.as_str()) { "changed" } else { "gone from the file" };
                reporter.output(&format!("{service}: {why}"));
                others.push(id);
            }
        }
        let removing = others.iter().map(|id| async move {
            // Its time to end well, as a stop would give it.
            let _ = self.docker.stop_container(id, None).await;
            self.remove_container(id).await
        });
        try_join_all(removing).await?;
        Ok(kept)
    }

    async fn create(&self, compose: &Compose, name: &str, image: &(String, String)) -> Result<String, Error> {
        let service = compose.service(name);
        let mut labels = self.labels(compose);
        labels.insert(label::SERVICE.to_owned(), name.to_owned());
        labels.insert(label::LEVEL.to_owned(), level(compose, name).to_string());
        labels.insert(label::CONFIG.to_owned(), configuration(service, &image.1));
        labels.extend(label::of_compose(&compose.project, name, &compose.file));
        let body = container::body(service, &image.0, &compose.project, name, labels, self.about().cpus);
        let own_name = format!("{}-{name}-1", compose.project);
        let id = self.create_container(&own_name, body).await.map_err(|error| match error {
            error if error.is_conflict() => Error::NotOurs { what: "container", name: own_name },
            Error::Engine { status, detail } => Error::Engine { status, detail: format!("{name}: {detail}") },
            error => error,
        })?;
        for (network, aliases) in service.networks.iter().skip(1) {
            let endpoint_config = Some(container::endpoint(name, aliases));
            let request = NetworkConnectRequest { container: id.clone(), endpoint_config };
            self.docker.connect_network(&format!("{}_{network}", compose.project), request).await?;
        }
        Ok(id)
    }

    async fn meet(
        &self,
        condition: Condition,
        id: &str,
        needed: &str,
        cancellation: &Cancellation,
    ) -> Result<(), Error> {
        match condition {
            Condition::Started => Ok(()),
            Condition::Healthy => self.settled(id, needed, WAITS, cancellation).await,
            Condition::Completed => self.completed(id, needed, WAITS, cancellation).await,
        }
    }

    async fn make_networks(&self, compose: &Compose) -> Result<(), Error> {
        for (network, of) in &compose.networks {
            if !compose.services.values().any(|service| service.networks.contains_key(network)) {
                continue;
            }
            let name = format!("{}_{network}", compose.project);
            let found = self.docker.inspect_network(&name, None::<InspectNetworkOptions>).await.map_err(Error::from);
            match found {
                Ok(found) if label::is_ours(found.labels.as_ref()) => {}
                Ok(_) => return Err(Error::NotOurs { what: "network", name }),
                Err(error) if error.is_missing() => {
                    let (labels, internal) = (Some(self.labels(compose)), Some(of.internal));
                    let driver = Some("bridge".to_owned());
                    let request =
                        NetworkCreateRequest { name, driver, internal, labels, ..NetworkCreateRequest::default() };
                    self.docker.create_network(request).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    async fn make_volumes(&self, compose: &Compose) -> Result<(), Error> {
        for volume in &compose.volumes {
            let name = format!("{}_{volume}", compose.project);
            match self.docker.inspect_volume(&name).await.map_err(Error::from) {
                Ok(found) if label::is_ours(Some(&found.labels)) => {}
                Ok(_) => return Err(Error::NotOurs { what: "volume", name }),
                Err(error) if error.is_missing() => {
                    let labels = Some(self.labels(compose));
                    let request = VolumeCreateRequest { name: Some(name), labels, ..VolumeCreateRequest::default() };
                    self.docker.create_volume(request).await?;
                }
                Err(error) => return Err(error),
            }
        }
        Ok(())
    }

    fn labels(&self, compose: &Compose) -> HashMap<String, String> {
        let mut labels = label::made();
        labels.insert(label::STACK.to_owned(), compose.project.clone());
        labels.insert(label::FILE.to_owned(), compose.file.display().to_string());
        labels.insert(label::WORKSPACE.to_owned(), compose.workspace.display().to_string());
        labels
    }
}

/// A container that was only created may lack one of its networks.
fn is_whole(container: &ContainerSummary) -> bool {
    !matches!(state(container).as_str(), "created" | "dead" | "removing")
}

/// A digest of all that a container is made from.
fn configuration(service: &Service, image: &str) -> String {
    let written = serde_json::to_vec(service).unwrap_or_default();
    let digest = Sha256::new().chain_update(written).chain_update(image).finalize();
    digest.iter().take(16).map(|byte| format!("{byte:02x}")).collect()
}

/// How many services stand below this one.
fn level(compose: &Compose, name: &str) -> usize {
    let below = compose.service(name).depends_on.keys().map(|needed| level(compose, needed) + 1);
    below.max().unwrap_or_default()
}
