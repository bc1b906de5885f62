//! What Qdrant has and this gateway has not: refused by its route, with what to do instead.

use super::{Asked, missing};
use crate::refusal::Refusal;

pub(crate) async fn aliases(_: Asked) -> Refusal {
    missing(
        "actions",
        "Collections have no aliases here. Name the collection itself, or keep the choice in your program.",
    )
}

pub(crate) async fn deleted_vectors(_: Asked) -> Refusal {
    missing("vector", "A point has one vector here and is nothing without. Delete the point instead.")
}

pub(crate) async fn more_vectors(_: Asked) -> Refusal {
    missing("vectors", "A collection has one vector here, named when it is made. Make a collection for another one.")
}

pub(crate) async fn snapshots(_: Asked) -> Refusal {
    missing("snapshots", "Scroll through the points with their vectors and upsert them where you want the copy.")
}

pub(crate) async fn cluster(_: Asked) -> Refusal {
    missing("cluster", "This is one machine: there are no peers and no shards.")
}

pub(crate) async fn matrix(_: Asked) -> Refusal {
    missing("matrix", "Query by each point's id instead.")
}

pub(crate) async fn older(_: Asked) -> Refusal {
    missing("path", "Newer clients ask /points/query, which has a `recommend` query and groups. Update qdrant-client.")
}
