//! Fetches an image from its registry, its layers counted together.

use std::collections::HashMap;

use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptions;
use futures::StreamExt;
use task::{Cancellation, Progress, Reporter, Unit};

use crate::engine::unless_cancelled;
use crate::{Engine, Error};

impl Engine {
    /// Fetches an image; the newest where the name has no tag. Layers that came stay when it is cancelled.
    pub async fn pull(&self, name: &str, reporter: &dyn Reporter, cancellation: &Cancellation) -> Result<(), Error> {
        let (from, tag) = parts(name);
        let options = CreateImageOptions {
            from_image: Some(from.into()),
            tag: Some(tag.into()),
            ..CreateImageOptions::default()
        };
        let mut told = self.docker.create_image(Some(options), None, None);
        let mut layers = HashMap::new();
        while let Some(info) = unless_cancelled(cancellation, async { Ok(told.next().await) }).await? {
            let info = info.map_err(|error| match Error::from(error) {
                Error::Engine { detail, .. } => Error::Pull { name: name.into(), detail },
                error => error,
            })?;
            hear(name, info, &mut layers, reporter);
        }
        Ok(())
    }
}

/// A layer is on its way, then unpacked; what was fetched of it stays counted.
fn hear(name: &str, info: CreateImageInfo, layers: &mut HashMap<String, (u64, u64)>, reporter: &dyn Reporter) {
    let Some(status) = info.status else { return };
    let counts = info
        .progress_detail
        .and_then(|detail| Some((u64::try_from(detail.current?).ok()?, u64::try_from(detail.total?).ok()?)));
    let known = info.id.as_ref().and_then(|layer| layers.get(layer)).copied();
    let fetched = match (status.as_str(), counts, known) {
        ("Downloading", Some(counts), _) => Some(counts),
        ("Download complete", _, Some((_, total))) => Some((total, total)),
        _ => None,
    };
    if let (Some(layer), Some(fetched)) = (&info.id, fetched) {
        layers.insert(layer.clone(), fetched);
        let (done, total) = layers.values().fold((0, 0), |sum, layer| (sum.0 + layer.0, sum.1 + layer.1));
        let what = format!("Fetching {name}");
        reporter.progress(Progress { what, done, total: Some(total), unit: Unit::Bytes });
    }
    // Lines with counts would flood the rest.
    if counts.is_none() {
        reporter.output(&match info.id {
            Some(layer) => format!("{layer}: {status}"),
            None => status,
        });
    }
}

/// A name and its tag or digest.
fn parts(name: &str) -> (&str, &str) {
    if let Some((name, digest)) = name.split_once('@') {
        return (name, digest);
    }
    match name.rsplit_once(':') {
        // A colon before a slash is the registry's port.
        Some((name, tag)) if !tag.contains('/') => (name, tag),
        _ => (name, "latest"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_has_the_latest_tag_unless_it_says_another() {
        for (name, expected) in [
            ("qdrant/qdrant", ("qdrant/qdrant", "latest")),
            ("qdrant/qdrant:v1.15", ("qdrant/qdrant", "v1.15")),
            ("localhost:5000/a", ("localhost:5000/a", "latest")),
            ("localhost:5000/a:b", ("localhost:5000/a", "b")),
            ("a@sha256:12", ("a", "sha256:12")),
        ] {
            assert_eq!(parts(name), expected, "{name}");
        }
    }
}
