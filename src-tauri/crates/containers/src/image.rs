//! Images: listed, looked into, fetched, kept as files, removed. What builds them is `build`.

mod archive;
mod base;
mod build;
mod context;
mod ignored;
mod inside;
mod origin;
mod pull;

use std::collections::HashMap;

use bollard::models::{ImageInspect, ImageSummary};
use bollard::query_parameters::{ListImagesOptions, RemoveImageOptions};
use futures::future::try_join_all;

use crate::{Engine, Error, label};

pub use base::BASE;
pub use build::Build;
pub(crate) use context::append;
pub use inside::{Inside, LayerFile};
pub use origin::Below;

/// An image on this machine.
#[derive(Debug, Clone, PartialEq)]
pub struct Image {
    /// `sha256:…`
    pub id: String,
    /// `name:tag`; none where a newer image took the name.
    pub names: Vec<String>,
    /// Of all its layers, those that it shares included.
    pub bytes: u64,
    /// Seconds since 1970.
    pub created: i64,
    /// Whether Groundwork built it.
    pub ours: bool,
}

/// What one step of a Dockerfile added, the newest first.
#[derive(Debug, Clone, PartialEq)]
pub struct Layer {
    pub made_by: String,
    pub bytes: u64,
    pub created: i64,
}

impl Engine {
    /// Every image with a name, by its name.
    pub async fn images(&self) -> Result<Vec<Image>, Error> {
        let listed = self.docker.list_images(None::<ListImagesOptions>).await?;
        let mut images = try_join_all(listed.into_iter().map(|summary| self.image(summary))).await?;
        images.retain(|image| !image.names.is_empty() || image.ours);
        images.sort_by(|a, b| a.names.cmp(&b.names).then(a.id.cmp(&b.id)));
        Ok(images)
    }

    /// The id of an image, where it is here.
    pub async fn image_id(&self, name: &str) -> Result<Option<String>, Error> {
        Ok(self.looked_up(name).await?.and_then(|image| image.id))
    }

    /// What an image is made of, and which step added how much.
    pub async fn image_layers(&self, name: &str) -> Result<Vec<Layer>, Error> {
        let history = self.docker.image_history(name).await.map_err(|error| no_image(name, error))?;
        let layers = history.into_iter().map(|step| Layer {
            made_by: step.created_by,
            bytes: u64::try_from(step.size).unwrap_or_default(),
            created: step.created,
        });
        Ok(layers.collect())
    }

    /// Removes an image that Groundwork built, and the layers that no other image has.
    pub async fn remove_image(&self, name: &str) -> Result<(), Error> {
        let image = self.docker.inspect_image(name).await.map_err(|error| no_image(name, error))?;
        if !self.is_own_image(name, image.config.and_then(|config| config.labels).as_ref()).await? {
            return Err(Error::NotOurs { what: "image", name: name.into() });
        }
        let removed = self.docker.remove_image(name, None::<RemoveImageOptions>, None).await;
        match removed.map_err(Error::from) {
            Ok(_) => Ok(()),
            Err(error) if error.is_conflict() => Err(Error::InUse { name: name.into() }),
            Err(error) => Err(error),
        }
    }

    /// What the engine tells of an image, where it is here.
    async fn looked_up(&self, name: &str) -> Result<Option<ImageInspect>, Error> {
        match self.docker.inspect_image(name).await.map_err(Error::from) {
            Ok(image) => Ok(Some(image)),
            Err(error) if error.is_missing() => Ok(None),
            Err(error) => Err(error),
        }
    }

    async fn image(&self, summary: ImageSummary) -> Result<Image, Error> {
        let ours = self.is_own_image(&summary.id, Some(&summary.labels)).await?;
        let names =
            summary.repo_tags.iter().filter(|name| *name != "<none>:<none>").map(|name| familiar(name)).collect();
        let bytes = u64::try_from(summary.size).unwrap_or_default();
        Ok(Image { id: summary.id, names, bytes, created: summary.created, ours })
    }

    /// Whether Groundwork built the image that has these labels: one that somebody built from ours has steps above our label.
    async fn is_own_image(&self, name: &str, labels: Option<&HashMap<String, String>>) -> Result<bool, Error> {
        if !label::is_ours(labels) {
            return Ok(false);
        }
        let ours = format!("LABEL {}=", label::MADE);
        match self.docker.image_history(name).await.map_err(Error::from) {
            // The newest comes first. Podman quotes what it sets.
            Ok(steps) => Ok(steps.first().is_some_and(|step| step.created_by.replace('"', "").contains(&ours))),
            Err(error) if error.is_missing() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

fn no_image(name: &str, error: bollard::errors::Error) -> Error {
    match Error::from(error) {
        error if error.is_missing() => Error::NoImage { name: name.into() },
        error => error,
    }
}

/// A name as Docker tells it: Podman says the registry and the folder that Docker takes for granted.
fn familiar(name: &str) -> String {
    let rest = name.strip_prefix("docker.io/").unwrap_or(name);
    rest.strip_prefix("library/").filter(|_| rest != name).unwrap_or(rest).to_owned()
}

#[cfg(test)]
mod tests {
    #[test]
    fn names_are_told_as_docker_tells_them() {
        for (told, expected) in [
            ("docker.io/library/python:3.11", "python:3.11"),
            ("docker.io/groundwork/python:3.11", "groundwork/python:3.11"),
            ("library/python:3.11", "library/python:3.11"),
            ("localhost/mine:1", "localhost/mine:1"),
        ] {
            assert_eq!(super::familiar(told), expected);
        }
    }
}
