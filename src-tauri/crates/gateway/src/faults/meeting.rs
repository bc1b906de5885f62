//! One call meets one fault, and its record says so.

use std::{io, time::Duration};

use axum::{
    body::Body,
    extract::Request,
    http::{HeaderMap, Method, StatusCode, header},
    middleware::Next,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use task::Cancellation;
use tokio::time::sleep;

use super::Injection;
use crate::{answer::event::is_end, body, call::Slot, key::Caller, refusal::Refusal, server::App};

/// For the tokens before a cut to leave: what is written together with the end is lost with it.
const FLUSH: Duration = Duration::from_millis(20);

/// The connection that a request came on, to be closed without an answer.
#[derive(Clone)]
pub(crate) struct Line(pub Cancellation);

/// Answers `request`, after a fault or with one where the workspace has one left. Only what asks a model meets faults,
/// every POST of a dialect that asks models; and never a program that the learner started by hand.
pub(crate) async fn answer(app: &App, caller: Caller, slot: &Slot, request: Request, next: Next) -> Response {
    let workspace = caller.workspace;
    let meets = caller.started && request.method() == Method::POST;
    let taken = meets.then(|| app.faults.take(workspace)).flatten();
    let Some(taken) = taken else { return next.run(request).await };
    match taken.fault {
        Injection::Latency { ms } => {
            slot.injected();
            tokio::select! {
                () = sleep(Duration::from_millis(ms.into())) => {}
                () = app.stop.cancelled() => return Refusal::stopping().into_response(),
            }
            next.run(request).await
        }
        Injection::CutStream { after_tokens } => {
            slot.will_be_cut();
            let response = next.run(request).await;
            if !is_stream(response.headers()) {
                app.faults.put_back(workspace, taken);
                return response;
            }
            response.map(|body| cut(body, after_tokens))
        }
        Injection::RateLimited { retry_after_s } => {
            let after = Duration::from_secs(retry_after_s.into());
            let refusal = Refusal::later(after, "Too many requests. This fault is on purpose: a check laid it.");
            refuse(app, slot, request, refusal).await
        }
        Injection::ServerError { status } => {
            let status = StatusCode::from_u16(status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
            let message = "The server failed. This fault is on purpose: a check laid it. Try again.";
            refuse(app, slot, request, Refusal::new(status, "server_error", message)).await
        }
        Injection::HangUp => hang_up(app, slot, request).await,
    }
}

/// Reads the request, so that its record names the model and the client can read why it was refused.
async fn refuse(app: &App, slot: &Slot, request: Request, refusal: Refusal) -> Response {
    slot.injected();
    match read(app, slot, request).await {
        Ok(()) => refusal.into_response(),
        Err(unreadable) => unreadable.into_response(),
    }
}

async fn read(app: &App, slot: &Slot, request: Request) -> Result<(), Refusal> {
    let (head, body) = request.into_parts();
    // As large as any interface takes it: whatever it asks for, it gets the fault.
    let fields = body::object_within(body, app.limits.vector_body_bytes, &app.limits).await?;
    let deployment = head.uri.path().strip_prefix("/openai/deployments/").and_then(|rest| rest.split('/').next());
    let stream = fields.get("stream").and_then(|stream| stream.as_bool()).unwrap_or_default();
    slot.note(deployment.or_else(|| fields.get("model")?.as_str()), stream);
    Ok(())
}

async fn hang_up(app: &App, slot: &Slot, request: Request) -> Response {
    let line = request.extensions().get::<Line>().cloned();
    slot.injected();
    let _ = read(app, slot, request).await;
    if let Some(mut entry) = slot.take() {
        entry.close(StatusCode::BAD_GATEWAY.as_u16(), Some("connection_dropped")).await;
    }
    if let Some(Line(hangup)) = line {
        hangup.cancel();
        // The connection goes, and this with it.
        std::future::pending::<()>().await;
    }
    StatusCode::BAD_GATEWAY.into_response()
}

fn is_stream(headers: &HeaderMap) -> bool {
    headers
        .get(header::CONTENT_TYPE)
        .is_some_and(|kind| kind.to_str().is_ok_and(|kind| kind.starts_with("text/event-stream")))
}

/// The first `tokens` pieces of a stream, and then a broken connection: before its regular end at the latest.
fn cut(body: Body, tokens: u32) -> Body {
    let start = (body.into_data_stream(), tokens);
    let pieces = stream::unfold(start, |(mut pieces, left)| async move {
        let piece = pieces.next().await?;
        let piece = match piece {
            Ok(piece) if left > 0 && !is_end(&piece) => Ok(piece),
            Ok(_) => {
                sleep(FLUSH).await;
                Err(io::Error::from(io::ErrorKind::ConnectionReset))
            }
            Err(error) => Err(io::Error::other(error)),
        };
        Some((piece, (pieces, left.saturating_sub(1))))
    });
    Body::from_stream(pieces)
}
