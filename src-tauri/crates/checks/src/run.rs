//! Runs one prepared check and makes an outcome of what it found.

use std::{collections::BTreeMap, time::Instant};

use curriculum::Check;

use crate::{
    Outcome, Prepared, Probe, Status,
    excerpt::{head, without_keys},
    finding::{Halt, Passed},
    settings::Pattern,
};

/// What a check may look at.
#[derive(Clone, Copy)]
pub struct Context<'a> {
    pub probe: &'a dyn Probe,
    /// The latest outcomes of the lab's other checks, by id.
    pub earlier: &'a BTreeMap<String, Outcome>,
}

impl std::fmt::Debug for Context<'_> {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Context").field("earlier", self.earlier).finish_non_exhaustive()
    }
}

/// Runs the check, or finds it blocked by one that has not passed.
pub async fn run(check: &Prepared, context: &Context<'_>) -> Outcome {
    let clock = Instant::now();
    let mut outcome = Outcome::begun(check.id());
    if let Some(id) = blocker(check, context) {
        let title = check.titles.get(id).map_or(id, String::as_str);
        outcome.status = Status::Blocked;
        outcome.summary = format!("Waits for “{title}”.");
        outcome.next_step = Some(format!("Make “{title}” pass first."));
        outcome.blocked_by = Some(id.to_owned());
        return outcome;
    }
    let verdict = judge(check, context).await;
    outcome.millis = clock.elapsed().as_secs_f64() * 1000.0;
    match verdict {
        Ok(Passed { summary, measured }) => {
            outcome.summary = summary;
            outcome.measured = measured;
        }
        Err(Halt::Failed(failure)) => {
            outcome.status = Status::Failed;
            outcome.summary = without_keys(&failure.summary);
            outcome.expected = failure.expected.as_deref().map(head);
            outcome.actual = failure.actual.as_deref().map(|actual| without_keys(&head(actual)));
            outcome.place = failure.place;
            outcome.next_step = failure.next_step;
        }
        Err(Halt::Obstacle(obstacle)) => {
            outcome.status = Status::Error;
            outcome.summary = obstacle.message;
            outcome.next_step = Some(obstacle.next_step);
        }
    }
    outcome
}

/// Looks, under the check's faults where it has some. They end with the look, however it ends.
async fn judge(check: &Prepared, context: &Context<'_>) -> Result<Passed, Halt> {
    let _in_force = match check.faults.as_slice() {
        [] => None,
        faults => Some(context.probe.inject(faults).await?),
    };
    check.judge.judge(check.id(), context).await
}

/// The check at the root of what this one waits for: a blocked one is asked what blocks it.
fn blocker<'a>(check: &'a Prepared, context: &Context<'a>) -> Option<&'a str> {
    let passed = |id: &&String| context.earlier.get(*id).is_some_and(|outcome| outcome.status == Status::Passed);
    let id = check.after().iter().find(|id| !passed(id))?;
    let root = context.earlier.get(id).and_then(|outcome| outcome.blocked_by.as_deref());
    Some(root.unwrap_or(id))
}

/// The hint that the author wrote for just this wrong state.
pub fn hint<'a>(check: &'a Check, outcome: &Outcome) -> Option<&'a str> {
    let actual = outcome.actual.as_deref().filter(|_| outcome.status == Status::Failed)?;
    let fits = |pattern: &str| Pattern::new(pattern).is_ok_and(|pattern| pattern.regex.is_match(actual));
    check.hint_when.iter().find(|hint| fits(&hint.actual)).map(|hint| hint.hint.as_str())
}
