//! What is served, and by which names.

use serde_json::json;

use super::*;

#[tokio::test]
async fn every_model_is_listed_and_found() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let version = "?api-version=2024-10-21";
    for (base, query) in [("/v1", ""), ("/openai", version), ("/openai/v1", "")] {
        let list = world.send(&Ask::get(&format!("{base}/models{query}"))).await.json();
        let models = list["data"].as_array().unwrap();
        let ids: Vec<_> = models.iter().map(|model| model["id"].as_str().unwrap()).collect();
        assert_eq!(ids, ["scripted", "scripted-embedder"], "{base}");
        let kinds: Vec<_> = models.iter().map(|model| &model["capabilities"]).collect();
        assert_eq!((&kinds[0]["chat_completion"], &kinds[0]["embeddings"]), (&json!(true), &json!(false)));
        assert_eq!((&kinds[1]["chat_completion"], &kinds[1]["embeddings"]), (&json!(false), &json!(true)));
        for (id, model) in ids.iter().zip(models) {
            assert_eq!(world.send(&Ask::get(&format!("{base}/models/{id}{query}"))).await.json(), *model);
        }
    }
    let table = vec![
        (Ask::get("/v1/models/gpt-4o"), "404 model_not_found model"),
        (Ask::get("/v1/models/%ff"), "404 model_not_found model"),
        (Ask::get("/openai/models"), "400 missing_required_parameter api-version"),
    ];
    check(&world, table).await;
}

#[tokio::test]
async fn a_deployment_has_a_name_of_its_own() {
    let (model, ledger) = (Arc::new(ScriptedModel::saying("Hello.")), Arc::new(Ledger::default()));
    let deployment = Deployment::new("my-gpt", Model::Text(model.clone()));
    let served = Served::default().with_deployment(deployment.clone()).with_deployment(deployment);
    let settings = Settings { address: any_port(), identity: "me".into(), wheels: None, limits: Limits::default() };
    let (running, _folder) = start(settings, served, &ledger).await.unwrap();
    let world = World { model, embedder: Arc::default(), ledger, running, _folder };
    for (path, body) in [
        (CHAT, HELLO.replace("scripted", "my-gpt")),
        (&AZURE_CHAT.replace("scripted", "my-gpt"), HELLO.replace("scripted", "anything")),
        ("/openai/v1/chat/completions", HELLO.replace("scripted", "my-gpt")),
    ] {
        // The answer says which model it was.
        assert_eq!(world.send(&Ask::post(path, &body)).await.json()["model"], "scripted", "{path}");
        assert_eq!(world.calls().last().unwrap().model.as_deref(), Some("my-gpt"));
    }
    let refused = world.send(&Ask::post(CHAT, HELLO)).await;
    assert_eq!(refused.verdict(), "404 model_not_found model");
    assert!(refused.body.contains("my-gpt"), "{}", refused.body);
    assert_eq!(world.send(&Ask::get("/v1/models")).await.json()["data"].as_array().unwrap().len(), 1);
}
