//! What models there are, as both dialects list them.

use serde_json::{Value, json};

use crate::{refusal::Refusal, server::App};

pub(crate) fn list(app: &App) -> Value {
    json!({"object": "list", "data": [one(app)]})
}

pub(crate) fn find(app: &App, id: &str) -> Result<Value, Refusal> {
    let served = app.model.describe().id;
    if id == served { Ok(one(app)) } else { Err(Refusal::no_model(id, &served)) }
}

/// `status`, `capabilities` and `lifecycle_status` are Azure's.
fn one(app: &App) -> Value {
    json!({
        "id": app.model.describe().id,
        "object": "model",
        "created": app.started.as_second(),
        "owned_by": "groundwork",
        "status": "succeeded",
        "capabilities": {"chat_completion": true, "completion": false, "embeddings": false, "fine_tune": false, "inference": true},
        "lifecycle_status": "generally-available",
    })
}
