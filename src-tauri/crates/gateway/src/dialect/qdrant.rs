//! Qdrant's REST API, as `qdrant-client` calls it at the gateway's root.

use axum::routing::{delete, get, post, put};

use super::{Dialect, Route, azure};
use crate::qdrant::{collections, points, refuse, search, told};

pub(super) const DIALECT: Dialect = Dialect {
    name: "qdrant",
    prefixes: &["/collections", "/aliases", "/healthz", "/readyz", "/livez"],
    asks_models: false,
    key: azure::DIALECT.key,
    key_header: "api-key: KEY",
    refusal: told::refusal,
    routes: &[
        Route { path: "/collections", methods: || get(collections::list) },
        Route {
            path: "/collections/{collection}",
            methods: || {
                get(collections::show).put(collections::create).patch(collections::update).delete(collections::delete)
            },
        },
        Route { path: "/collections/{collection}/exists", methods: || get(collections::exists) },
        Route { path: "/collections/{collection}/index", methods: || put(collections::add_index) },
        Route { path: "/collections/{collection}/index/{field}", methods: || delete(collections::remove_index) },
        Route { path: "/collections/{collection}/points", methods: || put(points::upsert).post(search::retrieve) },
        Route { path: "/collections/{collection}/points/{point}", methods: || get(search::point) },
        Route { path: "/collections/{collection}/points/delete", methods: || post(points::delete) },
        Route { path: "/collections/{collection}/points/batch", methods: || post(points::batch) },
        Route {
            path: "/collections/{collection}/points/payload",
            methods: || post(points::set_payload).put(points::overwrite_payload),
        },
        Route { path: "/collections/{collection}/points/payload/delete", methods: || post(points::delete_payload) },
        Route { path: "/collections/{collection}/points/payload/clear", methods: || post(points::clear_payload) },
        Route { path: "/collections/{collection}/points/vectors", methods: || put(points::update_vectors) },
        Route { path: "/collections/{collection}/points/scroll", methods: || post(search::scroll) },
        Route { path: "/collections/{collection}/points/count", methods: || post(search::count_points) },
        Route { path: "/collections/{collection}/points/query", methods: || post(search::query) },
        Route { path: "/collections/{collection}/points/query/batch", methods: || post(search::query_batch) },
        Route { path: "/collections/{collection}/points/query/groups", methods: || post(search::groups) },
        Route { path: "/collections/{collection}/points/search", methods: || post(search::search) },
        Route { path: "/collections/{collection}/points/search/batch", methods: || post(search::search_batch) },
        Route { path: "/collections/{collection}/facet", methods: || post(search::facet) },
        Route { path: "/collections/{collection}/points/vectors/delete", methods: || post(refuse::deleted_vectors) },
        Route { path: "/collections/{collection}/points/recommend", methods: || post(refuse::older) },
        Route { path: "/collections/{collection}/points/recommend/batch", methods: || post(refuse::older) },
        Route { path: "/collections/{collection}/points/discover", methods: || post(refuse::older) },
        Route { path: "/collections/{collection}/points/search/groups", methods: || post(refuse::older) },
        Route { path: "/collections/{collection}/points/search/matrix/{kind}", methods: || post(refuse::matrix) },
        Route { path: "/collections/{collection}/aliases", methods: || get(collections::aliases) },
        Route { path: "/collections/aliases", methods: || post(refuse::aliases) },
        Route { path: "/aliases", methods: || get(collections::aliases) },
        Route {
            path: "/collections/{collection}/vectors/{name}",
            methods: || put(refuse::more_vectors).delete(refuse::more_vectors),
        },
        Route {
            path: "/collections/{collection}/snapshots",
            methods: || get(refuse::snapshots).post(refuse::snapshots),
        },
        Route { path: "/collections/{collection}/cluster", methods: || get(refuse::cluster).post(refuse::cluster) },
        Route { path: "/collections/{collection}/shards", methods: || get(refuse::cluster).put(refuse::cluster) },
        Route { path: "/healthz", methods: || get(told::healthy) },
        Route { path: "/readyz", methods: || get(told::healthy) },
        Route { path: "/livez", methods: || get(told::healthy) },
    ],
};
