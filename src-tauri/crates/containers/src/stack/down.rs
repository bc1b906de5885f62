//! Stops a stack, or takes it away. Goes by labels alone, so it finds what a crash or a changed file left behind.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bollard::query_parameters::{ListNetworksOptions, ListVolumesOptions, RemoveVolumeOptions};
use futures::future::try_join_all;
use task::{Cancellation, Reporter};

use super::{label_of, name};
use crate::engine::{pause, unless_cancelled};
use crate::{Engine, Error, label};

const LOOKS_EVERY: Duration = Duration::from_millis(100);
/// How long an engine may take until what it is asked to remove is gone.
const PATIENCE: Duration = Duration::from_secs(60);

impl Engine {
    /// Waits until the stack has no containers: where many go at once, an engine answers before the last has left its network.
    async fn gone(&self, project: &str, cancellation: &Cancellation) -> Result<(), Error> {
        let began = Instant::now();
        while !self.containers_of(project).await?.is_empty() {
            if began.elapsed() > PATIENCE {
                return Err(Error::Late { what: "taking the stack down".into(), seconds: PATIENCE.as_secs() });
            }
            pause(LOOKS_EVERY, cancellation).await?;
        }
        Ok(())
    }

    /// Ends a stack's containers, those first that others do not depend on, each with its grace period. They stay, and `up`
    /// starts them again.
    pub async fn stop(&self, project: &str, reporter: &dyn Reporter, cancellation: &Cancellation) -> Result<(), Error> {
        let mut levels: BTreeMap<usize, Vec<_>> = BTreeMap::new();
        for found in self.containers_of(project).await? {
            levels.entry(label_of(&found, label::LEVEL).parse().unwrap_or_default()).or_default().push(found);
        }
        for (_, containers) in levels.into_iter().rev() {
            let stopping = containers.iter().map(|container| async move {
                let id = container.id.as_deref().unwrap_or_default();
                match self.docker.stop_container(id, None).await.map_err(Error::from) {
                    Err(error) if !error.is_missing() => Err(error),
                    _ => {
                        reporter.output(&format!("{}: stopped", name(container)));
                        Ok(())
                    }
                }
            });
            unless_cancelled(cancellation, try_join_all(stopping)).await?;
        }
        Ok(())
    }

    /// Stops a stack and removes its containers and networks; its named volumes, which are data, only where they are asked for.
    pub async fn down(
        &self,
        project: &str,
        volumes: bool,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<(), Error> {
        self.stop(project, reporter, cancellation).await?;
        let containers = self.containers_of(project).await?;
        let removing =
            containers.iter().map(|container| self.remove_container(container.id.as_deref().unwrap_or_default()));
        try_join_all(removing).await?;
        self.gone(project, cancellation).await?;
        let filters = Some(label::filter(label::STACK, project));
        for network in self.docker.list_networks(Some(ListNetworksOptions { filters: filters.clone() })).await? {
            self.docker.remove_network(network.id.as_deref().unwrap_or_default()).await?;
        }
        if volumes {
            let found = self.docker.list_volumes(Some(ListVolumesOptions { filters })).await?;
            for volume in found.volumes.unwrap_or_default() {
                self.docker.remove_volume(&volume.name, None::<RemoveVolumeOptions>).await?;
                reporter.output(&format!("{}: removed", volume.name));
            }
        }
        Ok(())
    }
}
