//! Which of the API's versions a client speaks: the shape of an index differs from one to the next, and no shape suits all.

use axum::http::HeaderMap;

/// A date: `2025-10`.
pub(super) struct Version(String);

impl Version {
    /// Indexes have a read capacity.
    pub const READ_CAPACITY: &'static str = "2025-10";
    /// Indexes have a schema and a deployment in place of dimension, metric and spec.
    pub const SCHEMA: &'static str = "2026-07";

    /// A request without a version is of the first that is spoken here.
    pub fn of(headers: &HeaderMap) -> Self {
        let version = headers.get("x-pinecone-api-version").and_then(|version| version.to_str().ok());
        Self(version.unwrap_or("2025-04").to_owned())
    }

    /// Dates are in the order of their letters.
    pub fn since(&self, date: &str) -> bool {
        self.0.as_str() >= date
    }
}
