//! The setting `during`: only what happened while another check ran counts, and that check has to have passed.

use curriculum::{Lab, nearest};
use jiff::{SignedDuration, Timestamp};

use crate::{Context, finding::Wrong};

/// What is wrong with a check's name.
pub fn lint(during: Option<&str>, lab: &Lab) -> Option<Wrong> {
    let ids = || lab.steps.iter().flat_map(|step| &step.checks).map(|check| check.id.as_str());
    let during = during.filter(|during| !ids().any(|id| id == *during))?;
    let near = nearest(during, ids());
    let next = near.map_or("Name a check of this lab.".to_owned(), |near| format!("Did you mean `{near}`?"));
    Some(Wrong::new("during", format!("no check of this lab is called `{during}`"), next))
}

/// From when to when that check ran; all of time where none is named.
pub fn span(during: Option<&str>, context: &Context<'_>) -> (Timestamp, Timestamp) {
    let outcome = during.and_then(|id| context.earlier.get(id));
    outcome.map_or((Timestamp::UNIX_EPOCH, Timestamp::MAX), |outcome| {
        let length = SignedDuration::try_from_secs_f64(outcome.millis / 1000.0).unwrap_or(SignedDuration::ZERO);
        (outcome.started_at, outcome.started_at.checked_add(length).unwrap_or(Timestamp::MAX))
    })
}
