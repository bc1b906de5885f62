//! What is told of stored vectors.

use checks::Stored;
use testkit::memory_probe::MemoryProbe;

use crate::world::{Case, table};

fn stored(points: u64) -> Stored {
    let (metric, namespaces) = ("cosine".to_owned(), vec![String::new(), "drafts".to_owned()]);
    let lacking = vec![("source".to_owned(), 0), ("team.name".to_owned(), 2)];
    Stored { dimension: 384, metric, points, namespaces, lacking, recall: Some(0.9421) }
}

fn docs(stored: Stored) -> MemoryProbe {
    MemoryProbe::new().collection("docs", "", stored)
}

#[tokio::test]
async fn collection_outcomes() {
    let whole = Stored { lacking: vec![("source".to_owned(), 0)], ..stored(120) };
    let cases: Vec<Case> = vec![
        (
            "there",
            "name = \"docs\"\ndimension = 384\nmetric = \"cosine\"\nat_least = 120\nat_most = 120\nfields = [\"source\"]\nnamespaces = [\"drafts\"]",
            docs(whole.clone()),
            "passed: 120 points of 384 numbers in `docs`.
measured: points 120",
        ),
        (
            "there and found",
            "name = \"docs\"\nrecall = 0.9",
            docs(whole.clone()),
            "passed: 120 points of 384 numbers in `docs`.
measured: points 120, recall@10 0.942",
        ),
        (
            "no such collection",
            "name = \"doc\"",
            docs(whole.clone()),
            "failed: There is no collection `doc`.
expected: the collection `doc`
actual: none of that name
next: Create it from your code, with the gateway's address and the workspace's key.",
        ),
        (
            "another dimension",
            "name = \"docs\"\ndimension = 1536",
            docs(whole.clone()),
            "failed: The vectors of `docs` have 384 numbers.
expected: 1536 numbers
actual: 384 numbers
next: Create it with the dimension of the model that embeds.",
        ),
        (
            "another metric",
            "name = \"docs\"\nmetric = \"dot\"",
            docs(whole.clone()),
            "failed: `docs` compares by cosine.
expected: dot
actual: cosine
next: A collection's metric is chosen when it is made: delete it, and make it anew.",
        ),
        (
            "too few, and others elsewhere",
            "name = \"docs\"\nat_least = 200",
            docs(whole.clone()),
            "failed: The namespace without a name of `docs` has too few points.
expected: at least 200
actual: 120 points; there are others in the namespace `drafts`
next: Upsert into the namespace without a name, or look where your code names another namespace.",
        ),
        (
            "none in the namespace that is looked at",
            "name = \"docs\"\nnamespace = \"live\"",
            MemoryProbe::new().collection("docs", "live", Stored { points: 0, namespaces: vec![], ..whole.clone() }),
            "failed: The namespace `live` of `docs` has too few points.
expected: at least 1
actual: 0 points
next: Upsert the rest, and look at what the upserts answer.",
        ),
        (
            "everything twice",
            "name = \"docs\"\nat_most = 60",
            docs(whole.clone()),
            "failed: The namespace without a name of `docs` has too many points.
expected: at most 60
actual: 120 points
next: Give a point the same id each time, so that an upsert takes its place, and delete what is gone.",
        ),
        (
            "a namespace that holds nothing",
            "name = \"docs\"\nnamespaces = [\"drafts\", \"live\"]",
            docs(whole.clone()),
            "failed: The namespace `live` of `docs` holds nothing.
expected: points in the namespace `drafts`, the namespace `live`
actual: points in the namespace without a name, the namespace `drafts`
next: Name the namespace when you upsert.",
        ),
        (
            "metadata that some lack",
            "name = \"docs\"\nfields = [\"source\", \"team.name\"]",
            docs(stored(120)),
            "failed: 2 points of `docs` lack the metadata `team.name`.
expected: `team.name` with each of 120 points
actual: 2 without it
next: Put `team.name` into the metadata of every point, and upsert those anew.",
        ),
        (
            "a search that finds too little",
            "name = \"docs\"\nrecall = 0.95",
            docs(whole),
            "failed: A search of `docs` finds too few of the nearest.
expected: recall@10 of at least 0.95
actual: 0.942
next: Let searches weigh more candidates (ef), or make the collection with more neighbours (M).",
        ),
    ];
    table("collection", cases).await;
}
