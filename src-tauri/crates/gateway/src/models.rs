//! What models there are, as both dialects list them: by the names of their deployments.

use serde_json::{Value, json};

use crate::{
    refusal::Refusal,
    served::{Deployment, Model},
    server::App,
};

pub(crate) fn list(app: &App) -> Value {
    let all: Vec<Value> = app.served.served().all().iter().map(|deployment| one(app, deployment)).collect();
    json!({"object": "list", "data": all})
}

pub(crate) fn find(app: &App, name: &str) -> Result<Value, Refusal> {
    let served = app.served.served();
    let found = served.find(name).map(|deployment| one(app, deployment));
    found.ok_or_else(|| Refusal::no_model(name, &served))
}

/// `status`, `capabilities` and `lifecycle_status` are Azure's.
fn one(app: &App, Deployment { name, model, .. }: &Deployment) -> Value {
    let generates = matches!(model, Model::Text(_));
    json!({
        "id": name,
        "object": "model",
        "created": app.started.as_second(),
        "owned_by": "groundwork",
        "status": "succeeded",
        "capabilities": {
            "chat_completion": generates,
            "completion": generates,
            "embeddings": !generates,
            "fine_tune": false,
            "inference": true,
        },
        "lifecycle_status": "generally-available",
    })
}
