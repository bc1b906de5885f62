//! Telemetry in: OTLP over HTTP, as the stock exporters send it. Spans are kept in memory, a bounded number for each
//! workspace; metrics and logs are taken and not kept.
//!
//! Never records an export as a call of the model.

mod json;
mod kept;
pub(crate) mod wire;

use std::io::Read;

use axum::{
    Extension, Json,
    body::Body,
    extract::{Query, State},
    http::{HeaderMap, StatusCode, header},
    response::{IntoResponse, Response},
};
use flate2::read::{GzDecoder, ZlibDecoder};
use jiff::Timestamp;
use prost::Message as _;
use serde::Deserialize;
use serde_json::json;

use crate::{body, guard::Owner, refusal::Refusal, server::App};
pub(crate) use kept::Traces;
pub use kept::{Span, SpanStatus, Spans, spans};

pub(crate) const TRACES: &str = "/v1/traces";
pub(crate) const METRICS: &str = "/v1/metrics";
pub(crate) const LOGS: &str = "/v1/logs";
/// Where another process of ours reads the spans of the workspace whose key it has.
pub(crate) const KEPT: &str = "/groundwork/spans";

/// The most bytes of a body once it is unpacked.
const UNPACKED: u64 = 8 << 20;

/// How a body is written, and so its answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Encoding {
    Protobuf,
    Json,
}

/// Why an export was not taken, in OTLP's own form: a `google.rpc.Status`.
pub(crate) struct Rejection {
    encoding: Encoding,
    status: StatusCode,
    message: String,
}

impl IntoResponse for Rejection {
    fn into_response(self) -> Response {
        // The codes of gRPC: INVALID_ARGUMENT, RESOURCE_EXHAUSTED.
        let code = if self.status == StatusCode::PAYLOAD_TOO_LARGE { 8 } else { 3 };
        match self.encoding {
            Encoding::Json => (self.status, Json(json!({"code": code, "message": self.message}))).into_response(),
            Encoding::Protobuf => {
                let body = wire::Status { code, message: self.message }.encode_to_vec();
                (self.status, [(header::CONTENT_TYPE, "application/x-protobuf")], body).into_response()
            }
        }
    }
}

pub(crate) async fn traces(
    State(app): State<App>,
    Extension(Owner(workspace)): Extension<Owner>,
    headers: HeaderMap,
    body: Body,
) -> Result<Response, Rejection> {
    let (encoding, bytes) = read(&app, &headers, body).await?;
    let reject = |message| Rejection { encoding, status: StatusCode::BAD_REQUEST, message };
    let export = match encoding {
        Encoding::Protobuf => wire::Export::decode(bytes.as_slice())
            .map_err(|error| reject(format!("The body is not an ExportTraceServiceRequest: {error}.")))?,
        Encoding::Json => json::export(&bytes).map_err(reject)?,
    };
    app.traces.keep(workspace, export);
    let recorder = app.recorder.clone();
    app.tracker.spawn_blocking(move || recorder.exported(workspace));
    Ok(taken(encoding))
}

/// Metrics and logs: taken, so that an exporter does not complain, and not kept.
pub(crate) async fn other(State(app): State<App>, headers: HeaderMap, body: Body) -> Result<Response, Rejection> {
    let (encoding, _) = read(&app, &headers, body).await?;
    Ok(taken(encoding))
}

#[derive(Deserialize)]
pub(crate) struct Since {
    since: Timestamp,
}

/// The spans of a workspace that began since then.
pub(crate) async fn kept(
    State(app): State<App>,
    Extension(Owner(workspace)): Extension<Owner>,
    Query(Since { since }): Query<Since>,
) -> Json<Spans> {
    Json(app.traces.since(workspace, since))
}

/// An empty answer is a success without a complaint.
fn taken(encoding: Encoding) -> Response {
    match encoding {
        Encoding::Json => Json(json!({})).into_response(),
        Encoding::Protobuf => ([(header::CONTENT_TYPE, "application/x-protobuf")], Vec::new()).into_response(),
    }
}

async fn read(app: &App, headers: &HeaderMap, body: Body) -> Result<(Encoding, Vec<u8>), Rejection> {
    let text = |name| headers.get(name).and_then(|value| value.to_str().ok()).unwrap_or_default().trim();
    let kind = text(header::CONTENT_TYPE).split(';').next().unwrap_or_default().trim().to_ascii_lowercase();
    let encoding = if kind == "application/json" { Encoding::Json } else { Encoding::Protobuf };
    let reject = |status, message: String| Rejection { encoding, status, message };
    if !["application/json", "application/x-protobuf"].contains(&kind.as_str()) {
        let message =
            format!("The content type {kind:?} is not taken; send application/x-protobuf or application/json.");
        return Err(reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
    }
    let bytes =
        body::bytes(body, &app.limits).await.map_err(|refusal: Refusal| reject(refusal.status, refusal.message))?;
    let packing = text(header::CONTENT_ENCODING).to_ascii_lowercase();
    let bytes = match packing.as_str() {
        "" | "identity" => Ok(bytes),
        "gzip" => unpacked(GzDecoder::new(bytes.as_slice())),
        "deflate" => unpacked(ZlibDecoder::new(bytes.as_slice())),
        other => {
            let message = format!("The content encoding {other:?} is not taken; send gzip, deflate or none.");
            return Err(reject(StatusCode::UNSUPPORTED_MEDIA_TYPE, message));
        }
    };
    match bytes {
        Ok(bytes) if bytes.len() as u64 > UNPACKED => {
            let message = format!("The body unpacks to more than {UNPACKED} bytes. Send fewer spans at once.");
            Err(reject(StatusCode::PAYLOAD_TOO_LARGE, message))
        }
        Ok(bytes) => Ok((encoding, bytes)),
        Err(error) => {
            Err(reject(StatusCode::BAD_REQUEST, format!("The body cannot be unpacked as {packing}: {error}.")))
        }
    }
}

/// At most one byte more than is allowed, which tells that there was more.
fn unpacked(packed: impl Read) -> std::io::Result<Vec<u8>> {
    let mut bytes = Vec::new();
    packed.take(UNPACKED + 1).read_to_end(&mut bytes)?;
    Ok(bytes)
}
