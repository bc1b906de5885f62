use checks::{Condition, Trouble};
use testkit::{memory_containers::MemoryStack, memory_probe::MemoryProbe};

use crate::world::table;

const REACH: &str = "reach = [{ service = \"web\", port = 8000, path = \"/health\" }]";
const KILL: &str =
    "reach = [{ service = \"web\", port = 8000, path = \"/health\" }]\nsurvives = [\"store\"]\nrecovers_s = 30";
const KEEP: &str = "[steps.checks.keeps]\nwrite = { service = \"web\", port = 8000, path = \"/notes\", method = \"POST\", status = 201 }\n\
    read = { service = \"web\", port = 8000, path = \"/notes\" }";
const HEALTH: &str = "http://127.0.0.1:8000/health";
const NOTES: &str = "http://127.0.0.1:8000/notes";

fn stack() -> MemoryStack {
    let services = [("first", Condition::Ended), ("store", Condition::Runs), ("web", Condition::Healthy)];
    MemoryStack {
        services: services.map(|(name, condition)| (name.to_owned(), condition)).to_vec(),
        ports: vec![("web".to_owned(), 8000)],
        ..MemoryStack::default()
    }
}

fn world(raised: Result<MemoryStack, Trouble>) -> MemoryProbe {
    MemoryProbe::new().file("compose.yaml", "services: {}\n").raises(raised)
}

/// The stack after this change; its health route answers.
fn up(change: impl FnOnce(&mut MemoryStack)) -> MemoryProbe {
    let mut stack = stack();
    change(&mut stack);
    world(Ok(stack)).answer_text("GET", HEALTH, 200, "well")
}

fn trouble(summary: &str, detail: &str) -> Trouble {
    Trouble { summary: summary.into(), detail: detail.into(), next_step: "Mend it.".into() }
}

#[tokio::test]
async fn stacks() {
    let all = format!("services = [\"web\", \"store\"]\n{KILL}\n{KEEP}");
    let keeps = || up(|_| ()).answer_text("POST", NOTES, 201, "").answer_text("GET", NOTES, 200, "kept");
    table(
        "stack",
        vec![
            (
                "all is well",
                all.as_str(),
                keeps(),
                "passed: It came up: web healthy; store running; first done. It came back after each kill. Its data was kept.\nmeasured: store back 2.0 s",
            ),
            (
                "a service without a health check where each must have one",
                "healthy = true",
                up(|_| ()),
                "failed: The service `store` has no health check.\nexpected: `healthcheck:` at `store`, or in its image\nactual: it runs, and nothing says whether it is well\nat: compose.yaml\nnext: Let its `test` ask the service itself, with a program that is in the image.",
            ),
            (
                "one that has done its work needs none",
                "healthy = true",
                up(|stack| stack.services.retain(|(name, _)| name != "store")),
                "passed: It came up: web healthy; first done.",
            ),
            (
                "a service is missing",
                "services = [\"web\", \"cache\"]",
                up(|_| ()),
                "failed: The stack has no service `cache`.\nexpected: a service `cache`\nactual: first, store, web\nat: compose.yaml\nnext: Describe it under `services:` by the name `cache`.",
            ),
            (
                "one that is to be killed is missing",
                "survives = [\"cache\"]",
                up(|_| ()),
                "failed: The stack has no service `cache`.\nexpected: a service `cache`\nactual: first, store, web\nat: compose.yaml\nnext: Describe it under `services:` by the name `cache`.",
            ),
            (
                "not healthy",
                REACH,
                world(Err(trouble("Web is not healthy: no model.", ""))),
                "failed: Web is not healthy: no model.\nat: compose.yaml\nnext: Mend it.",
            ),
            (
                "more memory than it may have",
                REACH,
                world(Err(trouble(
                    "Web ended with 137.",
                    "(ended by the system: it wanted more memory than its limit)",
                ))),
                "failed: Web ended with 137.\nactual: (ended by the system: it wanted more memory than its limit)\nat: compose.yaml\nnext: Mend it.",
            ),
            (
                "a port that is not published",
                REACH,
                up(|stack| stack.ports.clear()),
                "failed: Port 8000 of `web` is not published.\nexpected: `ports: [\"8000\"]` at `web`\nactual: nothing of this machine leads there\nat: compose.yaml\nnext: Publish it on 127.0.0.1. Ports that only other services use need not be published.",
            ),
            (
                "one that stays down",
                KILL,
                up(|stack| {
                    let told = trouble("The service `store` did not come back after it was killed.", "Store ended with 137.");
                    stack.stays_down.insert("store".into(), told);
                }),
                "failed: The service `store` did not come back after it was killed.\nactual: Store ended with 137.\nat: compose.yaml\nnext: Mend it.",
            ),
            (
                "another answer after a kill",
                KILL,
                up(|_| ()).answer_text("GET", HEALTH, 500, "no store"),
                "failed: GET /health answers with another status after `store` was killed.\nexpected: status 200\nactual: status 500\nno store\nat: http://127.0.0.1:8000/health\nnext: Look at the container's log for that request.",
            ),
            (
                "data that is gone",
                KEEP,
                keeps().answer_text("GET", NOTES, 404, "gone"),
                "failed: GET /notes answers with another status once all containers were made anew.\nexpected: status 200\nactual: status 404\ngone\nat: http://127.0.0.1:8000/notes\nnext: Look at the container's log for that request.",
            ),
            (
                "volumes that it does not come up from again",
                KEEP,
                world(Ok(MemoryStack {
                    renewed: Some(trouble("The stack did not come up again from its own volumes.", "")),
                    ..stack()
                }))
                .answer_text("POST", NOTES, 201, "")
                .answer_text("GET", NOTES, 200, "kept"),
                "failed: The stack did not come up again from its own volumes.\nat: compose.yaml\nnext: Mend it.",
            ),
            (
                "no engine",
                REACH,
                MemoryProbe::new().file("compose.yaml", "services: {}\n"),
                "error: There is no container engine here.\nnext: Run `groundwork engine`.",
            ),
        ],
    )
    .await;
}
