//! Reads a request's body as a JSON object, within bounds of size and time.

use axum::{body::Body, http::StatusCode};
use futures::StreamExt;
use serde::de::DeserializeOwned;
use serde_json::{Map, Value};
use tokio::time::timeout;

use crate::{refusal::Refusal, server::Limits};

/// A body that is too large is read on, and dropped, up to this many times the bound: a client that is still sending
/// cannot read why it was refused.
const PATIENCE: usize = 16;

/// The whole body, within the limits.
pub(crate) async fn bytes(body: Body, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    bytes_within(body, limits.body_bytes, limits).await
}

/// A body that may carry vectors, as what it should be. An error names the place: `vectors[3].values[0]`.
pub(crate) async fn vectors<T: DeserializeOwned>(body: Body, limits: &Limits) -> Result<T, Refusal> {
    let bytes = bytes_within(body, limits.vector_body_bytes, limits).await?;
    let mut reader = serde_json::Deserializer::from_slice(&bytes);
    let read = serde_path_to_error::deserialize(&mut reader).map_err(|error| {
        let place = error.path().to_string();
        match error.inner().is_data() && place != "." {
            true => Refusal::of(&place, "invalid_value", format!("'{place}': {}.", error.inner())),
            false => invalid(format!("The body cannot be read: {}.", error.inner())),
        }
    })?;
    reader.end().map_err(|error| invalid(format!("The body is not valid JSON: {error}.")))?;
    Ok(read)
}

async fn bytes_within(body: Body, most: usize, limits: &Limits) -> Result<Vec<u8>, Refusal> {
    let late = || {
        let message = format!("The body did not arrive within {} seconds.", limits.body_timeout.as_secs());
        Refusal::new(StatusCode::REQUEST_TIMEOUT, "request_timeout", message)
    };
    timeout(limits.body_timeout, read(body, most)).await.map_err(|_| late())?
}

pub(crate) async fn object(body: Body, limits: &Limits) -> Result<Map<String, Value>, Refusal> {
    object_within(body, limits.body_bytes, limits).await
}

/// The same of a body that may have `most` bytes.
pub(crate) async fn object_within(body: Body, most: usize, limits: &Limits) -> Result<Map<String, Value>, Refusal> {
    let bytes = bytes_within(body, most, limits).await?;
    match serde_json::from_slice(&bytes) {
        Ok(Value::Object(object)) => Ok(object),
        Ok(_) => Err(invalid("The body is JSON, but not an object.")),
        Err(error) => Err(invalid(format!("The body is not valid JSON: {error}."))),
    }
}

async fn read(body: Body, bound: usize) -> Result<Vec<u8>, Refusal> {
    let (mut kept, mut seen) = (Vec::new(), 0);
    let mut chunks = body.into_data_stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|_| Refusal::hung_up())?;
        seen += chunk.len();
        if seen <= bound {
            kept.extend_from_slice(&chunk);
        } else if seen > bound.saturating_mul(PATIENCE) {
            break;
        }
    }
    if seen <= bound {
        return Ok(kept);
    }
    let message = format!("The body is larger than the {bound} bytes that one request may have. Send less text.");
    Err(Refusal::new(StatusCode::PAYLOAD_TOO_LARGE, "request_too_large", message))
}

fn invalid(message: impl Into<String>) -> Refusal {
    Refusal::new(StatusCode::BAD_REQUEST, "invalid_json", message)
}
