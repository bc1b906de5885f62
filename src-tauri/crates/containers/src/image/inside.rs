//! What an image says of itself, and the files of its layers.

use std::collections::BTreeMap;
use std::io::{Read, Seek, SeekFrom};
use std::path::PathBuf;

use futures::StreamExt;
use serde::Deserialize;
use task::Cancellation;
use tokio::io::AsyncWriteExt;

use super::no_image;
use crate::engine::unless_cancelled;
use crate::{Engine, Error};

/// What an image was made to do.
#[derive(Debug, Clone, Default, PartialEq)]
pub struct Inside {
    /// `sha256:…`
    pub id: String,
    /// Of all its layers.
    pub bytes: u64,
    /// Empty for the superuser.
    pub user: String,
    /// The command of its health check; empty where it has none.
    pub health: Vec<String>,
    /// Over TCP.
    pub ports: Vec<u16>,
    pub labels: BTreeMap<String, String>,
    /// `NAME=value`
    pub environment: Vec<String>,
    /// A digest of each layer's files, the lowest first.
    pub layers: Vec<String>,
    /// The command of each step that made it, the first first, and whether it made a layer.
    pub steps: Vec<(String, bool)>,
}

/// A file in a layer.
#[derive(Debug)]
pub struct LayerFile<'a> {
    /// Of all the image's layers, the lowest is 0.
    pub layer: usize,
    /// From the top of the file system, without a slash before it.
    pub path: &'a str,
    /// As much of it as was asked for.
    pub content: &'a [u8],
}

/// The archive's own list of what is in it.
#[derive(Deserialize)]
#[serde(rename_all = "PascalCase")]
struct Listed {
    layers: Vec<String>,
}

impl Engine {
    /// What an image says of itself.
    pub async fn inside(&self, name: &str) -> Result<Inside, Error> {
        let image = self.docker.inspect_image(name).await.map_err(|error| no_image(name, error))?;
        let history = self.docker.image_history(name).await?;
        let config = image.config.unwrap_or_default();
        let ports = config.exposed_ports.into_iter().flatten();
        let ports = ports.filter_map(|port| port.strip_suffix("/tcp").unwrap_or(&port).parse().ok());
        let labels = config.labels.unwrap_or_default().into_iter();
        let steps = history.into_iter().rev().map(|step| (step.created_by, step.size > 0));
        Ok(Inside {
            id: image.id.unwrap_or_default(),
            bytes: image.size.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default(),
            user: config.user.unwrap_or_default(),
            health: config.healthcheck.and_then(|health| health.test).unwrap_or_default(),
            ports: ports.collect(),
            labels: labels.filter(|(name, _)| name != crate::label::MADE).collect(),
            environment: config.env.unwrap_or_default(),
            layers: image.root_fs.and_then(|files| files.layers).unwrap_or_default(),
            steps: steps.collect(),
        })
    }

    /// Shows each file of an image's layers but for the lowest `skip`, with at most `most` bytes of it. Links and what a
    /// layer takes away are no files. Takes the image's size on the disk for a while.
    pub async fn read_layers(
        &self,
        name: &str,
        skip: usize,
        most: usize,
        cancellation: &Cancellation,
        mut see: impl FnMut(&LayerFile<'_>) + Send + 'static,
    ) -> Result<(), Error> {
        let place = PathBuf::from("the folder for temporary files");
        let aside = tempfile::tempfile().map_err(Error::disk(&place))?;
        let mut to = tokio::fs::File::from_std(aside.try_clone().map_err(Error::disk(&place))?);
        let mut chunks = std::pin::pin!(self.docker.export_image(name));
        while let Some(chunk) = unless_cancelled(cancellation, async { Ok(chunks.next().await) }).await? {
            to.write_all(&chunk?).await.map_err(Error::disk(&place))?;
        }
        to.flush().await.map_err(Error::disk(&place))?;
        let read = move || -> std::io::Result<()> {
            let mut archive = aside;
            for (layer, path) in layers(&mut archive)?.into_iter().enumerate().skip(skip) {
                archive.seek(SeekFrom::Start(0))?;
                let mut whole = tar::Archive::new(&mut archive);
                for entry in whole.entries()? {
                    let entry = entry?;
                    if entry.path()?.to_str() == Some(&path) {
                        each_file(entry, layer, most, &mut see)?;
                        break;
                    }
                }
            }
            Ok(())
        };
        let reading = tokio::task::spawn_blocking(read).await;
        reading.map_err(|error| Error::Lost { detail: error.to_string() })?.map_err(Error::disk(&place))
    }
}

/// Where each layer lies in the archive, the lowest first.
fn layers(archive: &mut std::fs::File) -> std::io::Result<Vec<String>> {
    archive.seek(SeekFrom::Start(0))?;
    let mut whole = tar::Archive::new(archive);
    for entry in whole.entries()? {
        let mut entry = entry?;
        if entry.path()?.to_str() == Some("manifest.json") {
            let mut text = String::new();
            entry.read_to_string(&mut text)?;
            let listed: Vec<Listed> = serde_json::from_str(&text)?;
            return Ok(listed.into_iter().next().map(|one| one.layers).unwrap_or_default());
        }
    }
    Ok(Vec::new())
}

fn each_file(
    layer_file: impl Read,
    layer: usize,
    most: usize,
    see: &mut impl FnMut(&LayerFile<'_>),
) -> std::io::Result<()> {
    let mut inner = tar::Archive::new(layer_file);
    let mut content = Vec::new();
    for entry in inner.entries()? {
        let entry = entry?;
        let path = entry.path()?.to_string_lossy().trim_start_matches("./").to_owned();
        let taken_away = path.rsplit('/').next().is_some_and(|name| name.starts_with(".wh."));
        if !entry.header().entry_type().is_file() || taken_away {
            continue;
        }
        content.clear();
        entry.take(most as u64).read_to_end(&mut content)?;
        see(&LayerFile { layer, path: &path, content: &content });
    }
    Ok(())
}
