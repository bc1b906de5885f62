//! Fetches an image from its registry: each layer is told of, and what came of all of them.

use std::collections::HashMap;

use bollard::models::CreateImageInfo;
use bollard::query_parameters::CreateImageOptions;
use futures::StreamExt;
use task::{Cancellation, Part, Progress, Reporter, Unit};

use crate::engine::unless_cancelled;
use crate::{Engine, Error};

/// Layers that are told of: more than Docker lets an image have, and a bound for whatever a registry sends.
const MOST_LAYERS: usize = 128;

impl Engine {
    /// Fetches an image; the newest where the name has no tag. Where a connection breaks, the engine asks again for what that
    /// layer lacks, up to five times. Docker's own store drops the layers of a pull that is cancelled; containerd's keeps them.
    pub async fn pull(&self, name: &str, reporter: &dyn Reporter, cancellation: &Cancellation) -> Result<(), Error> {
        let (from, tag) = parts(name);
        let options = CreateImageOptions {
            from_image: Some(from.into()),
            tag: Some(tag.into()),
            ..CreateImageOptions::default()
        };
        let mut told = self.docker.create_image(Some(options), None, None);
        let mut layers = Layers { image: name, known: HashMap::new(), reporter };
        layers.tell_sum();
        while let Some(info) = unless_cancelled(cancellation, async { Ok(told.next().await) }).await? {
            let info = info.map_err(|error| match Error::from(error) {
                Error::Engine { detail, .. } => Error::Pull { name: name.into(), detail },
                error => error,
            })?;
            layers.hear(info);
        }
        Ok(())
    }
}

/// The layers of an image on its way, by their ids.
struct Layers<'a> {
    image: &'a str,
    known: HashMap<String, Layer>,
    reporter: &'a dyn Reporter,
}

#[derive(Default)]
struct Layer {
    /// Bytes that came.
    fetched: u64,
    /// Bytes in all; 0 until they are known.
    total: u64,
    /// Of what is done to it now.
    share: f64,
}

impl Layers<'_> {
    fn hear(&mut self, info: CreateImageInfo) {
        let Some(status) = info.status else { return };
        let counts = info
            .progress_detail
            .and_then(|detail| Some((u64::try_from(detail.current?).ok()?, u64::try_from(detail.total?).ok()?)));
        if let Some(id) = &info.id {
            self.hear_layer(id, &status, counts);
        }
        // Lines with counts would flood the rest.
        if counts.is_none() {
            self.reporter.output(&match info.id {
                Some(id) => format!("{id}: {status}"),
                None => status,
            });
        }
    }

    fn hear_layer(&mut self, id: &str, status: &str, counts: Option<(u64, u64)>) {
        // Lines about the whole image have its tag for an id.
        let begins = matches!(status, "Pulling fs layer" | "Already exists" | "Downloading");
        if !(self.known.contains_key(id) || begins && self.known.len() < MOST_LAYERS) {
            return;
        }
        let layer = self.known.entry(id.to_owned()).or_default();
        match (status, counts) {
            // After a break the counts are of what was lacking.
            ("Downloading", Some((done, total))) => {
                layer.total = layer.total.max(total);
                layer.fetched = layer.total - total + done.min(total);
                layer.share = share(layer.fetched, layer.total);
            }
            ("Extracting", Some((done, total))) => layer.share = share(done, total),
            ("Download complete", _) => (layer.fetched, layer.share) = (layer.total, 1.0),
            ("Pull complete" | "Already exists", _) => layer.share = 1.0,
            _ => {}
        }
        let share = layer.share;
        self.tell_sum();
        self.reporter.part(Part { name: id.to_owned(), what: status.to_owned(), share });
    }

    fn tell_sum(&self) {
        let (done, total) = self.known.values().fold((0, 0), |sum, one| (sum.0 + one.fetched, sum.1 + one.total));
        let what = format!("Fetching {}", self.image);
        let total = Some(total).filter(|total| *total > 0);
        self.reporter.progress(Progress { what, done, total, unit: Unit::Bytes });
    }
}

fn share(done: u64, total: u64) -> f64 {
    if total == 0 { 0.0 } else { (done as f64 / total as f64).min(1.0) }
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
    use std::sync::Mutex;

    use serde_json::{Value, json};

    use super::*;

    /// The sum that was told last, and the layers.
    #[derive(Default)]
    struct Told(Mutex<(Option<Progress>, Vec<Part>)>);

    impl Reporter for Told {
        fn progress(&self, progress: Progress) {
            self.0.lock().unwrap().0 = Some(progress);
        }

        fn part(&self, part: Part) {
            self.0.lock().unwrap().1.push(part);
        }

        fn output(&self, _: &str) {}
    }

    fn told(lines: impl IntoIterator<Item = Value>) -> (Option<Progress>, Vec<Part>) {
        let told = Told::default();
        let mut layers = Layers { image: "one", known: HashMap::new(), reporter: &told };
        lines.into_iter().for_each(|line| layers.hear(serde_json::from_value(line).unwrap()));
        told.0.into_inner().unwrap()
    }

    #[test]
    fn each_layer_is_told_of_and_one_that_broke_off_goes_on_where_it_was() {
        // What the engine says, then the layer's share, and what came of all layers.
        let steps = [
            ("aa", "Already exists", json!({}), 1.0, (0, None)),
            ("bb", "Pulling fs layer", json!({}), 0.0, (0, None)),
            ("bb", "Downloading", json!({"current": 30, "total": 100}), 0.3, (30, Some(100))),
            ("bb", "Retrying in 5 seconds", json!({}), 0.3, (30, Some(100))),
            ("bb", "Downloading", json!({"current": 10, "total": 60}), 0.5, (50, Some(100))),
            ("bb", "Download complete", json!({}), 1.0, (100, Some(100))),
            ("bb", "Extracting", json!({"current": 25, "total": 100}), 0.25, (100, Some(100))),
            ("bb", "Pull complete", json!({}), 1.0, (100, Some(100))),
        ];
        let mut lines = vec![json!({"id": "1.2", "status": "Pulling from library/one", "progressDetail": {}})];
        assert_eq!(told(lines.clone()), (None, Vec::new()));
        for (id, status, counts, share, (done, total)) in steps {
            lines.push(json!({"id": id, "status": status, "progressDetail": counts}));
            let (sum, parts) = told(lines.clone());
            assert_eq!(parts.last(), Some(&Part { name: id.into(), what: status.into(), share }));
            let what = "Fetching one".to_owned();
            assert_eq!(sum, Some(Progress { what, done, total, unit: Unit::Bytes }), "{status}");
        }
    }

    #[test]
    fn no_image_makes_more_of_its_layers_than_there_can_be() {
        let layer = |number: usize| json!({"id": format!("{number:x}"), "status": "Pulling fs layer"});
        assert_eq!(told((0..1000).map(layer)).1.len(), MOST_LAYERS);
    }

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
