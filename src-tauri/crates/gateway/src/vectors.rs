//! What the dialects of vector databases share: work on collections, off the threads that serve, and what its failures
//! are to a client.

use axum::http::StatusCode;
use retrieval::{Collections, Error};
use task::Fault;
use tokio::task::spawn_blocking;

use crate::{refusal::Refusal, server::App};

/// Runs `work` where it may wait for the disk. It runs to its end also when the client hangs up, so that a write is
/// whole or not there.
pub(crate) async fn on<T: Send + 'static>(
    app: &App,
    work: impl FnOnce(&Collections) -> Result<T, Refusal> + Send + 'static,
) -> Result<T, Refusal> {
    let collections = app.collections.clone();
    match spawn_blocking(move || work(&collections)).await {
        Ok(done) => done,
        Err(error) => Err(Refusal::broken(format!("The collections' thread failed: {error}."))),
    }
}

impl From<Error> for Refusal {
    fn from(error: Error) -> Self {
        let status = match error {
            Error::Name { .. }
            | Error::Dimension { .. }
            | Error::Model { .. }
            | Error::NotFinite { .. }
            | Error::Request { .. } => StatusCode::BAD_REQUEST,
            Error::Exists { .. } => StatusCode::CONFLICT,
            Error::Unknown { .. } | Error::UnknownPoint { .. } => StatusCode::NOT_FOUND,
            Error::Full { .. } => StatusCode::INSUFFICIENT_STORAGE,
            Error::Busy { .. } => StatusCode::SERVICE_UNAVAILABLE,
            _ => StatusCode::INTERNAL_SERVER_ERROR,
        };
        Self::new(status, error.code(), format!("{error} {}", error.next_step()))
    }
}
