//! Which layers of an image its author answers for: those of an image that it begins with as well where that was built
//! here, and not those of one that came from elsewhere. Where no sign tells the two apart, it was built here.

use std::cmp::Reverse;

use bollard::models::{ImageInspect, ImageManifestSummaryKindEnum as Kind, ImageSummary};
use bollard::query_parameters::ListImagesOptions;
use futures::future::try_join_all;
use tokio::sync::OnceCell;

use super::Inside;
use crate::{BASE, Engine, Error, label};

/// What an image has of the one that its Dockerfile begins with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Below {
    pub layers: usize,
    pub bytes: u64,
    /// How many of the layers, the lowest, came from elsewhere.
    pub given: usize,
}

impl Engine {
    /// What an image has of `from`, which its Dockerfile begins with. Nothing where that is `scratch`, is gone or has
    /// changed.
    pub async fn base_of(&self, image: &Inside, from: &str) -> Result<Below, Error> {
        let Some(found) = self.looked_up(from).await? else { return Ok(Below::default()) };
        let below = layers(&found);
        if !image.layers.starts_with(below) {
            return Ok(Below::default());
        }
        let signs = Signs { engine: self, base: self.image_id(BASE).await?, manifests: OnceCell::new() };
        let given = match signs.came_from_elsewhere(&found).await? {
            true => below.len(),
            false => signs.given_of(&found).await?,
        };
        let bytes = found.size.and_then(|bytes| u64::try_from(bytes).ok()).unwrap_or_default();
        Ok(Below { layers: below.len(), bytes, given })
    }

    /// Whether images that an image was made from are kept, as the classic builder and Podman keep each step.
    async fn has_steps_here(&self, id: &str) -> Result<bool, Error> {
        // Podman tells of images that came from elsewhere as well, which have names.
        let podman = self.about().title.starts_with("Podman");
        match self.docker.image_history(id).await.map_err(Error::from) {
            Ok(steps) => {
                let mut kept = steps.iter().filter(|step| step.id != "<missing>" && step.id != id);
                Ok(kept.any(|step| !podman || step.tags.is_empty()))
            }
            Err(error) if error.is_missing() => Ok(false),
            Err(error) => Err(error),
        }
    }
}

/// What tells where images came from. The engine is asked each question once.
struct Signs<'a> {
    engine: &'a Engine,
    /// The id of the product's base.
    base: Option<String>,
    /// All images with what is here of each, for an engine that keeps them as registries do.
    manifests: OnceCell<Vec<ImageSummary>>,
}

impl Signs<'_> {
    /// How many of an image's layers, the lowest, are all that an image from elsewhere has. One that was built here
    /// with the same layers says nothing: somebody may have built this one before, by hand.
    async fn given_of(&self, found: &ImageInspect) -> Result<usize, Error> {
        let (below, listed) = (layers(found), self.engine.docker.list_images(None::<ListImagesOptions>).await?);
        let others = listed.iter().filter(|image| {
            let known = found.id.as_ref() == Some(&image.id);
            !known && (self.base.as_ref() == Some(&image.id) || !label::is_ours(Some(&image.labels)))
        });
        let each = try_join_all(others.map(|image| self.engine.looked_up(&image.id))).await?;
        let mut within: Vec<_> = each.iter().flatten().filter(|image| below.starts_with(layers(image))).collect();
        within.sort_by_key(|image| Reverse(layers(image).len()));
        for image in within {
            if self.came_from_elsewhere(image).await? {
                return Ok(layers(image).len());
            }
        }
        Ok(0)
    }

    /// Whether an image is the product's base, was fetched from a registry or read from a file. One that was sent to a
    /// registry from here looks like one that was fetched, unless the classic builder made it.
    async fn came_from_elsewhere(&self, image: &ImageInspect) -> Result<bool, Error> {
        let id = image.id.as_deref().unwrap_or_default();
        if self.base.as_deref() == Some(id) {
            return Ok(true);
        }
        let labels = image.config.as_ref().and_then(|config| config.labels.as_ref());
        if label::is_ours(labels) || self.engine.has_steps_here(id).await? {
            return Ok(false);
        }
        let digests = image.repo_digests.as_deref().unwrap_or_default();
        if digests.is_empty() {
            // Docker notes when a name was given here, by a build or by hand, and not when it came with a file.
            let named = image.repo_tags.as_ref().is_some_and(|names| !names.is_empty());
            let tagged = image.metadata.as_ref().and_then(|metadata| metadata.last_tag_time.as_deref());
            return Ok(named && tagged.is_none_or(|at| at.starts_with("0001-")));
        }
        // Where images are kept as registries keep them, each has a digest, which is its id.
        if digests.iter().any(|digest| digest.ends_with(&format!("@{id}"))) {
            return self.lacks_a_platform(id).await;
        }
        // Podman gives a digest to what it has built, too, under a name that no registry has.
        Ok(digests.iter().any(|digest| !digest.starts_with("localhost/")))
    }

    /// Whether an image is for more platforms than are here, as a build leaves none.
    async fn lacks_a_platform(&self, id: &str) -> Result<bool, Error> {
        let ask = || async {
            let options = ListImagesOptions { manifests: true, ..ListImagesOptions::default() };
            self.engine.docker.list_images(Some(options)).await.map_err(Error::from)
        };
        let listed = self.manifests.get_or_try_init(ask).await?.iter().filter(|image| image.id == id);
        let mut manifests = listed.flat_map(|image| image.manifests.iter().flatten());
        Ok(manifests.any(|manifest| manifest.kind == Some(Kind::IMAGE) && !manifest.available))
    }
}

fn layers(image: &ImageInspect) -> &[String] {
    image.root_fs.as_ref().and_then(|files| files.layers.as_deref()).unwrap_or_default()
}
