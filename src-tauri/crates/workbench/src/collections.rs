//! Collections of vectors as a shell sees them: made, listed, changed, deleted. What fills them from a folder is `ingest`,
//! what looks into them `asking`, `curve` and `plane`. Vectors come from the local embedding model.

mod asking;
mod compare;
mod curve;
mod export;
mod ingest;
mod plane;
mod reembed;

use std::{sync::Arc, time::Duration};

use retrieval::{Change, Collections, Indexed, Metric, Settings};
use task::Reporter;

use crate::{
    Problem, TaskId, Workbench,
    keeping::on_disk,
    view::{self, Collection, IndexChange, IndexSettings, Namespace, NewCollection, Unreadable},
};

pub(crate) use curve::stored;
pub(crate) use plane::Planes;

pub use asking::Found;

/// The field that holds a chunk's text, which keyword search reads.
const TEXT: &str = "text";

impl Workbench {
    /// Those that cannot be read stand beside the others, with the reason.
    pub async fn list_collections(&self) -> Result<view::Collections, Problem> {
        let collections = self.collections.clone();
        on_disk(move || {
            let (mut readable, mut unreadable) = (Vec::new(), Vec::new());
            for name in collections.list()? {
                match collections.get(&name).map_err(Problem::from).and_then(|collection| shown(&collection)) {
                    Ok(collection) => readable.push(collection),
                    // Deleted since it was listed.
                    Err(problem) if problem.code == "retrieval.unknown" => {}
                    Err(problem) => unreadable.push(Unreadable { name, problem }),
                }
            }
            Ok(view::Collections { collections: readable, unreadable })
        })
        .await
    }

    pub async fn create_collection(&self, new: NewCollection) -> Result<Collection, Problem> {
        let metric = match new.metric.as_str() {
            "cosine" => Metric::Cosine,
            "dot" => Metric::Dot,
            "euclidean" => Metric::Euclidean,
            other => {
                let message = format!("{other:?} is no metric.");
                return Err(Problem::new("collections.metric", message, "Name cosine, dot or euclidean."));
            }
        };
        let settings = match new.dimension {
            Some(dimension) => Settings::new(dimension as usize, metric),
            None => Settings { metric, ..self.settings_for_texts()? },
        };
        let settings = Settings { delay: Duration::from_millis(new.delay_millis.into()), ..settings };
        let collections = self.collections.clone();
        on_disk(move || shown(&collections.create(&new.name, &settings)?)).await
    }

    /// Changes how the index is searched, at once, and how it is built, from its next building on.
    pub async fn change_index(&self, name: &str, change: IndexChange) -> Result<Collection, Problem> {
        let collection = self.collection(name).await?;
        let number = |number: Option<u32>| number.map(|number| number as usize);
        let change = Change {
            expansion: number(change.expansion),
            connectivity: number(change.connectivity),
            expansion_of_build: number(change.expansion_of_build),
            ..Change::default()
        };
        on_disk(move || {
            collection.change(&change)?;
            shown(&collection)
        })
        .await
    }

    pub async fn delete_collection(&self, name: &str) -> Result<(), Problem> {
        let (collections, name) = (self.collections.clone(), name.to_owned());
        on_disk(move || Ok(collections.delete(&name)?)).await
    }

    /// Builds a collection's index anew.
    pub fn rebuild_collection(self: &Arc<Self>, name: String) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Building an index", |handle| async move {
            let collection = workbench.collection(&name).await?;
            let cancellation = handle.cancellation.clone();
            let points = on_disk(move || {
                collection.rebuild(threads(), &|| cancellation.is_cancelled())?;
                Ok(collection.describe()?.points)
            });
            handle.output(&format!("The index of {name} is built from {} points.", points.await?));
            Ok(())
        })
    }

    /// What a collection of the local model's vectors is made with.
    fn settings_for_texts(&self) -> Result<Settings, Problem> {
        let embedder = self.embedder()?;
        let dimension = inference::Embedder::describe(&*embedder.embeddings).dimension as usize;
        let model = Some(embedder.manifest.id.clone());
        Ok(Settings { model, text_fields: vec![TEXT.into()], ..Settings::new(dimension, Metric::Cosine) })
    }

    async fn collection(&self, name: &str) -> Result<retrieval::Collection, Problem> {
        let (collections, name) = (self.collections.clone(), name.to_owned());
        on_disk(move || Ok(collections.get(&name)?)).await
    }
}

/// The collection of that name, made with these settings where there is none, if vectors of the model belong there.
fn for_texts(
    collections: &Collections,
    name: &str,
    settings: &Settings,
    model: &str,
) -> Result<retrieval::Collection, Problem> {
    let collection = match collections.get(name) {
        Err(retrieval::Error::Unknown { .. }) => collections.create(name, settings)?,
        known => known?,
    };
    collection.expect_model(model)?;
    Ok(collection)
}

/// Threads that an index is built on where somebody waits for it.
fn threads() -> usize {
    std::thread::available_parallelism().map_or(1, Into::into)
}

fn shown(collection: &retrieval::Collection) -> Result<Collection, Problem> {
    let (description, namespaces, sizes) = (collection.describe()?, collection.namespaces()?, collection.sizes()?);
    let settings = description.settings;
    let namespaces =
        namespaces.into_iter().map(|namespace| Namespace { name: namespace.name, points: namespace.points as u32 });
    Ok(Collection {
        name: description.name,
        dimension: settings.dimension as u32,
        metric: settings.metric.name().into(),
        model: settings.model,
        points: description.points as u32,
        namespaces: namespaces.collect(),
        behind: match description.indexed {
            Indexed::NotNeeded => None,
            Indexed::Behind { points } => Some(points as u32),
            Indexed::Current => Some(0),
        },
        delay_millis: settings.delay.as_secs_f64() * 1e3,
        bytes: sizes.points as f64,
        index: IndexSettings {
            connectivity: settings.connectivity as u32,
            expansion_of_build: settings.expansion_of_build as u32,
            expansion: settings.expansion as u32,
            bytes: sizes.index as f64,
            compared_up_to: description.compared_up_to as u32,
        },
    })
}
