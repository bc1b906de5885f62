//! A failed check in the words of the local model, where that is large enough to have some. It is told what the check told
//! the learner and nothing else, so it has no solution and no hint to give away. What it says is a model's, and may be
//! wrong: no check decides by it.

use checks::{Outcome, Status};

use crate::{Problem, TaskId, Workbench, chat, view};

/// Characters of what was expected or found: both fit into the smallest context beside the answer.
const MOST: usize = 600;
const ANSWER: u32 = 200;
/// Bytes of weights: a billion of them in four or five bits. What SmolLM2 135M says of a failure is made up more often than
/// not, with and without an example and a penalty for repeating; no words are better.
const LEAST: u64 = 600_000_000;

impl Workbench {
    /// Asks the text model what a check's last outcome means. Its words arrive as the task's output.
    pub async fn explain_check(&self, slug: &str, check: &str) -> Result<TaskId, Problem> {
        let session = self.started(slug).await?;
        let Some(asked) = session.find(check) else {
            let next_step = format!("Run `groundwork lab check {slug}` to see the lab's checks.");
            return Err(Problem::new("explain.unknown", format!("The lab {slug} has no check {check:?}."), next_step));
        };
        let failed = |outcome: &Outcome| matches!(outcome.status, Status::Failed | Status::Error);
        let Some(outcome) = session.outcome(check).filter(failed) else {
            let message = format!("The check {check:?} has no failure to explain.");
            return Err(Problem::new("explain.nothing", message, "Choose a check that has run and failed."));
        };
        let model = self.model()?;
        if model.manifest.bytes < LEAST {
            let message =
                format!("{} is too small to explain a failure: its words would mislead.", model.manifest.title);
            let next_step =
                "Choose a model of a billion weights or more on the Models screen, or with `groundwork model use`.";
            return Err(Problem::new("explain.small_model", message, next_step));
        }
        let message = view::Message { role: "user".into(), content: question(&asked.title, &outcome) };
        // Greedily: the same failure gets the same words.
        let options = view::ChatOptions { max_tokens: ANSWER, temperature: 0.0, top_p: 1.0, seed: None };
        chat::start(&self.tasks, &self.events, model, vec![message], &options)
    }
}

fn question(title: &str, outcome: &Outcome) -> String {
    let place = crate::outcome::view(outcome, false, None).place.map(|place| place.label);
    let facts = [
        ("Check", Some(title)),
        ("Found", Some(outcome.summary.as_str())),
        ("Expected", outcome.expected.as_deref()),
        ("Actual", outcome.actual.as_deref()),
        ("Place", place.as_deref()),
        ("Next step", outcome.next_step.as_deref()),
    ];
    let facts = facts.iter().filter_map(|(name, fact)| Some(format!("{name}: {}\n", cut((*fact)?.trim()))));
    format!(
        "A check of an engineer's exercise failed.\n{}Say in three sentences what this failure means and where it usually comes \
         from. Write no code.",
        facts.collect::<String>()
    )
}

fn cut(text: &str) -> String {
    match text.char_indices().nth(MOST) {
        Some((end, _)) => format!("{} [...]", &text[..end]),
        None => text.to_owned(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_model_is_told_what_the_learner_sees_and_no_more_than_fits() {
        let outcome = Outcome {
            check: "health".into(),
            status: Status::Failed,
            summary: "It answered 404.".into(),
            expected: Some("200".into()),
            actual: Some("é".repeat(5_000)),
            place: Some(checks::Place::File { path: "app.py".into(), line: Some(3) }),
            next_step: Some("Add the route.".into()),
            blocked_by: None,
            measured: Vec::new(),
            started_at: jiff::Timestamp::UNIX_EPOCH,
            millis: 1.0,
        };
        let asked = question("GET /health answers 200", &outcome);
        let told = "Check: GET /health answers 200\nFound: It answered 404.\nExpected: 200\nActual: éé";
        assert!(asked.contains(told), "{asked}");
        assert!(asked.contains("é [...]\nPlace: app.py:3\nNext step: Add the route.\nSay in three"), "{asked}");
        assert!(asked.chars().count() < 1_000, "{asked}");
    }
}
