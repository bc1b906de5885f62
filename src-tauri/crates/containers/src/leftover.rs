//! What Groundwork made on the engine and nothing uses any more, told before it goes, and taken away by name.

use std::collections::{HashMap, HashSet};

use bollard::query_parameters::{ListNetworksOptions, ListVolumesOptions, RemoveContainerOptions, RemoveVolumeOptions};

use crate::{Engine, Error, label};

/// What a leftover is.
#[derive(Debug, Clone, Copy, PartialEq, Eq, PartialOrd, Ord, Hash)]
pub enum LeftoverKind {
    Container,
    Network,
    Image,
    /// Data.
    Volume,
}

/// Something of ours that nothing uses.
#[derive(Debug, Clone, PartialEq)]
pub struct Leftover {
    pub kind: LeftoverKind,
    pub id: String,
    pub name: String,
    /// On the disk, where the engine says it.
    pub bytes: Option<u64>,
}

impl Engine {
    /// What clean-up would remove: containers of ours that do not run, networks and volumes of ours that no container has,
    /// images of ours that no container was made from. A container that does not run keeps its image, its networks and its
    /// volumes here.
    pub async fn leftovers(&self) -> Result<Vec<Leftover>, Error> {
        let ours = HashMap::from([("label".to_owned(), vec![label::MADE.to_owned()])]);
        let mut found = Vec::new();
        for container in self.own(ours.clone()).await? {
            let state = container.state.map(|state| state.to_string()).unwrap_or_default();
            if !matches!(state.as_str(), "running" | "restarting" | "paused") {
                let name = container.names.iter().flatten().next().map_or("", String::as_str);
                let (id, name) = (container.id.unwrap_or_default(), name.trim_start_matches('/').to_owned());
                found.push(Leftover { kind: LeftoverKind::Container, id, name, bytes: None });
            }
        }
        let everywhere = self.listed(HashMap::new()).await?;
        let networks = everywhere.iter().filter_map(|container| container.network_settings.as_ref()?.networks.as_ref());
        // A network lists the running ones alone.
        let joined: HashSet<&String> = networks.flat_map(HashMap::keys).collect();
        for network in self.docker.list_networks(Some(ListNetworksOptions { filters: Some(ours.clone()) })).await? {
            let (id, name) = (network.id.unwrap_or_default(), network.name.unwrap_or_default());
            if !joined.contains(&name) {
                found.push(Leftover { kind: LeftoverKind::Network, id, name, bytes: None });
            }
        }
        let used: HashSet<&String> = everywhere.iter().filter_map(|container| container.image_id.as_ref()).collect();
        for image in self.images().await?.into_iter().filter(|image| image.ours && !used.contains(&image.id)) {
            let name = image.names.first().cloned().unwrap_or_else(|| "(no name)".to_owned());
            found.push(Leftover { kind: LeftoverKind::Image, id: image.id, name, bytes: Some(image.bytes) });
        }
        let mut unused = ours;
        unused.insert("dangling".to_owned(), vec!["true".to_owned()]);
        let volumes = self.docker.list_volumes(Some(ListVolumesOptions { filters: Some(unused) })).await?;
        for volume in volumes.volumes.unwrap_or_default() {
            let bytes = volume.usage_data.and_then(|usage| u64::try_from(usage.size).ok());
            found.push(Leftover { kind: LeftoverKind::Volume, id: volume.name.clone(), name: volume.name, bytes });
        }
        found.sort_by(|a, b| (a.kind, &a.name).cmp(&(b.kind, &b.name)));
        Ok(found)
    }

    /// Removes one of them. What is gone already is fine; what is used again by now is refused. What a container wrote to volumes
    /// without a name is data that was not listed, and stays.
    pub async fn remove_leftover(&self, kind: LeftoverKind, id: &str) -> Result<(), Error> {
        // A name may have passed to somebody else meanwhile.
        let there = self.leftovers().await?;
        if !there.iter().any(|left| left.kind == kind && left.id == id) {
            return Ok(());
        }
        let removed = match kind {
            LeftoverKind::Container => {
                self.docker.remove_container(id, None::<RemoveContainerOptions>).await.map_err(Error::from)
            }
            LeftoverKind::Network => self.docker.remove_network(id).await.map_err(Error::from),
            LeftoverKind::Image => self.remove_image(id).await,
            LeftoverKind::Volume => {
                self.docker.remove_volume(id, None::<RemoveVolumeOptions>).await.map_err(Error::from)
            }
        };
        match removed {
            Err(error) if error.is_missing() => Ok(()),
            Err(error) if error.is_conflict() => Err(Error::InUse { name: id.to_owned() }),
            other => other,
        }
    }
}
