//! `collection`: the vectors that the learner's code stored, and whether its search finds what is near.

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Context, Look, Stored,
    excerpt::count,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::http::capital,
    registry::{Kind, Setting, read},
    settings::one,
};

pub const KIND: Kind = Kind {
    name: "collection",
    doc: "A collection holds the vectors it should, with their metadata, and finds what is near.",
    settings: &[
        Setting::required("name", "text", "The collection's name: Pinecone's index, Qdrant's collection."),
        Setting::new("namespace", "text", "The namespace that is looked at. The one without a name where left out."),
        Setting::new("at_least", "whole number", "How many points there must be. 1 where left out."),
        Setting::new("at_most", "whole number", "How many points there may be, so that nothing is there twice."),
        Setting::new("dimension", "whole number", "Numbers of a vector."),
        Setting::new("metric", "cosine, dot or euclidean", "How vectors are compared. Any where left out."),
        Setting::new("fields", "list of texts", "Metadata that every point must have; nested ones with dots."),
        Setting::new("namespaces", "list of texts", "Namespaces that must hold points, beside the one looked at."),
        Setting::new(
            "recall",
            "number",
            "The least share of the ten nearest vectors that a search must find, measured on the points themselves.",
        ),
    ],
    read: read::<Collection>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Collection {
    name: String,
    #[serde(default)]
    namespace: String,
    #[serde(default = "one")]
    at_least: usize,
    at_most: Option<u64>,
    dimension: Option<usize>,
    metric: Option<Metric>,
    #[serde(default)]
    fields: Vec<String>,
    #[serde(default)]
    namespaces: Vec<String>,
    recall: Option<f64>,
}

#[derive(Debug, Clone, Copy, Deserialize)]
#[serde(rename_all = "lowercase")]
enum Metric {
    Cosine,
    Dot,
    Euclidean,
}

impl Metric {
    fn name(self) -> &'static str {
        match self {
            Self::Cosine => "cosine",
            Self::Dot => "dot",
            Self::Euclidean => "euclidean",
        }
    }
}

#[async_trait]
impl Judge for Collection {
    fn sources(&self) -> Sources {
        // What changes a collection are calls of the gateway.
        Sources { calls: true, ..Sources::default() }
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if self.at_most.is_some_and(|most| most < self.at_least as u64) {
            wrong.push(Wrong::new("at_most", "fewer points are allowed than asked for", "Write at least `at_least`."));
        }
        if self.recall.is_some_and(|recall| !(0.0..=1.0).contains(&recall)) {
            wrong.push(Wrong::new("recall", "it is no share", "Write a number from 0 to 1, like 0.95."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let look = Look {
            name: self.name.clone(),
            namespace: self.namespace.clone(),
            fields: self.fields.clone(),
            recall: self.recall.is_some(),
        };
        let Some(stored) = context.probe.collection(&look).await? else {
            let failure = Failure::new(format!("There is no collection `{}`.", self.name))
                .expected(format!("the collection `{}`", self.name))
                .actual("none of that name")
                .next("Create it from your code, with the gateway's address and the workspace's key.");
            return Err(failure.into());
        };
        match self.first_wrong(&stored) {
            Some(failure) => Err(failure.into()),
            None => Ok(self.passed(&stored)),
        }
    }
}

impl Collection {
    /// What it is comes first, then what it holds, then what it finds.
    fn first_wrong(&self, stored: &Stored) -> Option<Failure> {
        let name = &self.name;
        let namespace = named(&self.namespace);
        if let Some(dimension) = self.dimension.filter(|dimension| *dimension != stored.dimension) {
            let failure = Failure::new(format!("The vectors of `{name}` have {} numbers.", stored.dimension))
                .expected(format!("{dimension} numbers"))
                .actual(format!("{} numbers", stored.dimension))
                .next("Create it with the dimension of the model that embeds.");
            return Some(failure);
        }
        if let Some(metric) = self.metric.filter(|metric| metric.name() != stored.metric) {
            let failure = Failure::new(format!("`{name}` compares by {}.", stored.metric))
                .expected(metric.name())
                .actual(&stored.metric)
                .next("A collection's metric is chosen when it is made: delete it, and make it anew.");
            return Some(failure);
        }
        let points = count(stored.points as usize, "point");
        if stored.points < self.at_least as u64 {
            let elsewhere: Vec<String> =
                stored.namespaces.iter().filter(|other| **other != self.namespace).map(|other| named(other)).collect();
            let (actual, next) = match elsewhere.is_empty() {
                true => (points, "Upsert the rest, and look at what the upserts answer.".to_owned()),
                false => (
                    format!("{points}; there are others in {}", elsewhere.join(", ")),
                    format!("Upsert into {namespace}, or look where your code names another namespace."),
                ),
            };
            let failure = Failure::new(format!("{} of `{name}` has too few points.", capital(&namespace)));
            return Some(failure.expected(format!("at least {}", self.at_least)).actual(actual).next(next));
        }
        if let Some(most) = self.at_most.filter(|most| stored.points > *most) {
            let failure = Failure::new(format!("{} of `{name}` has too many points.", capital(&namespace)))
                .expected(format!("at most {most}"))
                .actual(points)
                .next(
                    "Give a point the same id each time, so that an upsert takes its place, and delete what is gone.",
                );
            return Some(failure);
        }
        if let Some(missing) = self.namespaces.iter().find(|wanted| !stored.namespaces.contains(wanted)) {
            let failure = Failure::new(format!("{} of `{name}` holds nothing.", capital(&named(missing))))
                .expected(format!(
                    "points in {}",
                    self.namespaces.iter().map(|wanted| named(wanted)).collect::<Vec<_>>().join(", ")
                ))
                .actual(format!(
                    "points in {}",
                    stored.namespaces.iter().map(|held| named(held)).collect::<Vec<_>>().join(", ")
                ))
                .next("Name the namespace when you upsert.");
            return Some(failure);
        }
        if let Some((field, lack)) = stored.lacking.iter().find(|(_, lack)| *lack > 0) {
            let failure =
                Failure::new(format!("{} of `{name}` lack the metadata `{field}`.", count(*lack as usize, "point")))
                    .expected(format!("`{field}` with each of {points}"))
                    .actual(format!("{lack} without it"))
                    .next(format!("Put `{field}` into the metadata of every point, and upsert those anew."));
            return Some(failure);
        }
        let (least, found) = (self.recall?, stored.recall?);
        (found < least).then(|| {
            Failure::new(format!("A search of `{name}` finds too few of the nearest."))
                .expected(format!("recall@10 of at least {least}"))
                .actual(format!("{found:.3}"))
                .next("Let searches weigh more candidates (ef), or make the collection with more neighbours (M).")
        })
    }

    fn passed(&self, stored: &Stored) -> Passed {
        let points = count(stored.points as usize, "point");
        let passed = Passed::new(format!("{points} of {} numbers in `{}`.", stored.dimension, self.name)).measured(
            "points",
            stored.points.to_string(),
            "",
        );
        match stored.recall {
            Some(recall) => passed.measured("recall@10", format!("{recall:.3}"), ""),
            None => passed,
        }
    }
}

fn named(namespace: &str) -> String {
    match namespace {
        "" => "the namespace without a name".to_owned(),
        name => format!("the namespace `{name}`"),
    }
}
