//! What is told of an answer, and what is not.

use testkit::memory_probe::MemoryProbe;

use crate::world::table;

#[tokio::test]
async fn quiz_outcomes() {
    table(
        "quiz",
        vec![
            (
                "not answered",
                r#"question = "Which listens?"
answer = ["a"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new(),
                "failed: Not answered yet.
at: quiz it
next: Choose an answer.",
            ),
            (
                "right",
                r#"question = "Which listens?"
answer = ["a"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new().chose("it", &["a"]),
                "passed: Right. It binds 127.0.0.1.",
            ),
            (
                "wrong",
                r#"question = "Which listens?"
answer = ["a"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new().chose("it", &["b"]),
                "failed: The model is a file.
actual: The model
at: quiz it
next: Think it over and choose again.",
            ),
            (
                "both right and wrong",
                r#"question = "Which listens?"
answer = ["a"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new().chose("it", &["a", "c"]),
                "failed: It only writes files.
actual: The editor
at: quiz it
next: Think it over and choose again.",
            ),
            (
                "an option that the pack no longer has",
                r#"question = "Which listens?"
answer = ["a"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new().chose("it", &["z"]),
                "failed: Not answered yet.
at: quiz it
next: Choose an answer.",
            ),
            (
                "one of two",
                r#"question = "Which listens?"
answer = ["a", "c"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new().chose("it", &["c"]),
                "failed: What you chose is right, but not all of it.
actual: The editor
at: quiz it
next: Look for what else is right.",
            ),
            (
                "both of two",
                r#"question = "Which listens?"
answer = ["a", "c"]
options = [
  { id = "a", text = "The gateway", why = "It binds 127.0.0.1." },
  { id = "b", text = "The model", why = "The model is a file." },
  { id = "c", text = "The editor", why = "It only writes files." },
]"#,
                MemoryProbe::new().chose("it", &["c", "a"]),
                "passed: Right. It binds 127.0.0.1. It only writes files.",
            ),
        ],
    )
    .await;
}
