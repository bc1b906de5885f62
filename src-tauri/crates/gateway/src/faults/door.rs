//! Where another process of ours lays faults for a workspace whose key it has. They last as long as its connection does,
//! so that a process that is killed leaves none behind.

use std::convert::Infallible;

use axum::{
    Extension,
    body::{Body, Bytes},
    extract::State,
    http::StatusCode,
    response::{IntoResponse, Response},
};
use futures::{StreamExt, stream};
use serde_json::Value;
use tokio::time::sleep;

use super::Injection;
use crate::{body, guard::Owner, refusal::Refusal, server::App};

pub(crate) const PATH: &str = "/groundwork/faults";
/// Said once the faults are in force.
pub(super) const LAID: &str = "laid\n";
/// The most faults that are laid at once.
const MOST: usize = 1000;

pub(crate) async fn lay(
    State(app): State<App>,
    Extension(Owner(workspace)): Extension<Owner>,
    body: Body,
) -> Result<Response, Refusal> {
    let wrong = |message: String| Refusal::new(StatusCode::BAD_REQUEST, "invalid_faults", message);
    let mut fields = body::object(body, &app.limits).await?;
    let faults = fields.remove("faults").unwrap_or(Value::Null);
    let faults: Vec<Injection> =
        serde_json::from_value(faults).map_err(|error| wrong(format!("The faults cannot be read: {error}.")))?;
    if faults.len() > MOST {
        return Err(wrong(format!("More than {MOST} faults are too many.")));
    }
    let in_force = app.faults.lay(workspace, faults);
    let (stop, lifetime) = (app.stop.clone(), app.limits.lifetime);
    let until_then = async move {
        let _in_force = in_force;
        tokio::select! {
            () = stop.cancelled() => {}
            () = sleep(lifetime) => {}
        }
        Ok(Bytes::new())
    };
    let first = stream::iter([Ok::<_, Infallible>(Bytes::from_static(LAID.as_bytes()))]);
    Ok(Body::from_stream(first.chain(stream::once(until_then))).into_response())
}
