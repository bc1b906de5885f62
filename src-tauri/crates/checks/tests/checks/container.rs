use std::time::Duration;

use checks::{Image, Stopped, Trouble};
use testkit::memory_probe::MemoryProbe;

use crate::world::table;

const ALL: &str = "port = 8000\npath = \"/health\"\nhealthy = true\nstops_within_s = 5";
const URL: &str = "http://127.0.0.1:8000/health";

/// A container that ends with this code and these words.
fn world(code: i64, last: &str) -> MemoryProbe {
    troubled(Ok(Stopped { code, after: Duration::from_millis(400), log: vec![last.into()] }))
}

fn troubled(started: Result<Stopped, Trouble>) -> MemoryProbe {
    let image = Image { name: "it".into(), ..Image::default() };
    MemoryProbe::new().file("Dockerfile", "FROM python:3.12\n").builds(Ok(image)).starts(started)
}

fn trouble(summary: &str, detail: &str) -> Result<Stopped, Trouble> {
    Err(Trouble { summary: summary.into(), detail: detail.into(), next_step: "Mend it.".into() })
}

#[tokio::test]
async fn containers() {
    table(
        "container",
        vec![
            (
                "all is well",
                ALL,
                world(0, "bye").answer_text("GET", URL, 200, "well"),
                "passed: It answered 200 on /health in 12 ms. It ended in 0.4 s when it was told to.\nmeasured: time 12 ms, time to end 0.4 s",
            ),
            (
                "how it ends is not asked",
                "port = 8000\npath = \"/health\"",
                world(137, "").answer_text("GET", URL, 200, "well"),
                "passed: It answered 200 on /health in 12 ms.\nmeasured: time 12 ms",
            ),
            (
                "not healthy",
                ALL,
                troubled(trouble("Check-1 is not healthy: exit 1.", "")),
                "failed: Check-1 is not healthy: exit 1.\nat: Dockerfile\nnext: Mend it.",
            ),
            (
                "more memory than it may have",
                ALL,
                troubled(trouble("Check-1 ended with 137.", "(ended by the system: it wanted more memory than its limit)")),
                "failed: Check-1 ended with 137.\nactual: (ended by the system: it wanted more memory than its limit)\nat: Dockerfile\nnext: Mend it.",
            ),
            (
                "nothing answers",
                ALL,
                world(0, ""),
                "failed: GET /health is not answered.\nexpected: status 200\nactual: the connection was refused\nat: http://127.0.0.1:8000/health\nnext: Look at the container's log. It has to listen on 0.0.0.0: 127.0.0.1 is the container's own.",
            ),
            (
                "another status",
                ALL,
                world(0, "").answer_text("GET", URL, 503, "no model"),
                "failed: GET /health answers with another status.\nexpected: status 200\nactual: status 503\nno model\nat: http://127.0.0.1:8000/health\nnext: Look at the container's log for that request.",
            ),
            (
                "deaf to what ends it",
                ALL,
                world(137, "works").answer_text("GET", URL, 200, "well"),
                "failed: The container did not end when it was told to.\nexpected: code 0 within 5 s of SIGTERM\nactual: code 137\nworks\nat: Dockerfile\nnext: Let the service be process 1, by `CMD [\"program\", …]` and not by a shell, and end it on SIGTERM.",
            ),
            (
                "an error at its end",
                ALL,
                world(1, "KeyboardInterrupt").answer_text("GET", URL, 200, "well"),
                "failed: The container ended with an error when it was told to end.\nexpected: code 0 within 5 s of SIGTERM\nactual: code 1\nKeyboardInterrupt\nat: Dockerfile\nnext: End with code 0 on SIGTERM, once the work under way is done.",
            ),
            (
                "no engine",
                ALL,
                MemoryProbe::new().file("Dockerfile", "FROM python:3.12\n"),
                "error: There is no container engine here.\nnext: Run `groundwork engine`.",
            ),
        ],
    )
    .await;
}
