//! Pinecone's API, as its Python clients call it: the controller lies under `/pinecone`, and each index is described with
//! an address of its own below it, which tells whose vectors are meant. Two dialects of one name, because the two
//! planes refuse in different shapes.

use axum::{
    http::HeaderMap,
    routing::{any, get, post},
};

use super::{Dialect, Route};
use crate::pinecone::{control, inference, namespaces, query, reading, records, refused, stats, writing};

pub(super) const DATA: Dialect = Dialect {
    name: "pinecone",
    prefixes: &["/pinecone/index/"],
    asks_models: false,
    key,
    key_header: KEY,
    refusal: refused::data,
    routes: &[
        Route { path: "/pinecone/index/{index}/vectors/upsert", methods: || post(writing::upsert) },
        Route { path: "/pinecone/index/{index}/vectors/update", methods: || post(writing::update) },
        Route { path: "/pinecone/index/{index}/vectors/delete", methods: || post(writing::delete) },
        Route { path: "/pinecone/index/{index}/vectors/fetch", methods: || get(reading::fetch) },
        Route { path: "/pinecone/index/{index}/vectors/fetch_by_metadata", methods: || post(reading::matching) },
        Route { path: "/pinecone/index/{index}/vectors/list", methods: || get(reading::list) },
        Route { path: "/pinecone/index/{index}/query", methods: || post(query::query) },
        Route { path: "/pinecone/index/{index}/describe_index_stats", methods: || post(stats::describe) },
        Route {
            path: "/pinecone/index/{index}/namespaces",
            methods: || get(namespaces::list).post(namespaces::create),
        },
        Route {
            path: "/pinecone/index/{index}/namespaces/{namespace}",
            methods: || get(namespaces::describe).delete(namespaces::delete),
        },
        Route {
            path: "/pinecone/index/{index}/records/namespaces/{namespace}/upsert",
            methods: || post(records::upsert),
        },
        Route {
            path: "/pinecone/index/{index}/records/namespaces/{namespace}/search",
            methods: || post(records::search),
        },
        Route { path: "/pinecone/index/{index}/bulk/imports", methods: || any(refused::absent) },
        Route { path: "/pinecone/index/{index}/bulk/imports/{id}", methods: || any(refused::absent) },
        Route {
            path: "/pinecone/index/{index}/namespaces/{namespace}/documents/{action}",
            methods: || any(refused::absent),
        },
    ],
};

pub(super) const CONTROL: Dialect = Dialect {
    name: "pinecone",
    // The second is where a client asks that was given the gateway's own address as its controller.
    prefixes: &["/pinecone", "/indexes"],
    asks_models: false,
    key,
    key_header: KEY,
    refusal: refused::control,
    routes: &[
        Route { path: "/pinecone/indexes", methods: || get(control::list).post(control::create) },
        Route { path: "/pinecone/indexes/create-for-model", methods: || post(control::create_for_model) },
        Route {
            path: "/pinecone/indexes/{index}",
            methods: || get(control::describe).patch(control::configure).delete(control::delete),
        },
        Route { path: "/pinecone/embed", methods: || post(inference::embed) },
        Route { path: "/pinecone/rerank", methods: || any(refused::absent) },
        Route { path: "/pinecone/models", methods: || any(refused::absent) },
        Route { path: "/pinecone/collections", methods: || any(refused::absent) },
        Route { path: "/pinecone/backups", methods: || any(refused::absent) },
        Route { path: "/pinecone/indexes/{index}/backups", methods: || any(refused::absent) },
        Route { path: "/pinecone/restore-jobs", methods: || any(refused::absent) },
    ],
};

const KEY: &str = "Api-Key: KEY";

fn key(headers: &HeaderMap) -> Option<&str> {
    headers.get("api-key")?.to_str().ok()
}
