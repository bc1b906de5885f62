//! An outcome's three forms: as a check made it, as the journal keeps it, as a shell shows it.

use checks::{Outcome, Place, Status};

use crate::{Problem, view};

pub fn view(outcome: &Outcome, stale: bool, hint: Option<String>) -> view::Outcome {
    view::Outcome {
        check: outcome.check.clone(),
        status: match outcome.status {
            Status::Passed => view::Status::Passed,
            Status::Failed => view::Status::Failed,
            Status::Blocked => view::Status::Blocked,
            Status::Error => view::Status::Error,
        },
        stale,
        summary: outcome.summary.clone(),
        expected: outcome.expected.clone(),
        actual: outcome.actual.clone(),
        place: outcome.place.as_ref().map(place),
        next_step: outcome.next_step.clone(),
        blocked_by: outcome.blocked_by.clone(),
        hint,
        measured: outcome
            .measured
            .iter()
            .map(|m| view::Measured { name: m.name.clone(), value: m.value.clone(), unit: m.unit.clone() })
            .collect(),
        at: outcome.started_at.to_string(),
        millis: outcome.millis,
    }
}

fn place(place: &Place) -> view::Place {
    let plain = |label: &str| view::Place { label: label.into(), path: None, line: None };
    match place {
        Place::File { path, line } => view::Place {
            label: line.map_or_else(|| path.clone(), |line| format!("{path}:{line}")),
            path: Some(path.clone()),
            line: *line,
        },
        Place::Url { url } => plain(url),
        Place::Command { command } => plain(command),
        Place::Quiz { .. } => plain("the question"),
    }
}

/// Of a check whose own files could not be put back: what it would say of others proves nothing.
pub fn unchecked(check: &str, problem: &Problem) -> Outcome {
    Outcome {
        status: Status::Error,
        summary: format!("The files that this check needs could not be put back. {problem}"),
        next_step: Some(problem.next_step.clone()),
        ..Outcome::begun(check)
    }
}

/// An outcome that did not reach the disk: an error of ours, whatever was found.
pub fn unrecorded(outcome: Outcome, problem: &Problem) -> Outcome {
    Outcome {
        status: Status::Error,
        summary: format!("The check ran, but its outcome was not recorded. {problem}"),
        expected: None,
        actual: None,
        next_step: Some(problem.next_step.clone()),
        measured: Vec::new(),
        ..outcome
    }
}

/// `definition` is what the check asserts.
pub fn to_row(outcome: &Outcome, definition: Option<&String>) -> journal::Outcome {
    journal::Outcome {
        check: outcome.check.clone(),
        status: match outcome.status {
            Status::Passed => journal::Status::Passed,
            Status::Failed => journal::Status::Failed,
            Status::Blocked => journal::Status::Blocked,
            Status::Error => journal::Status::Error,
        },
        started_at: outcome.started_at,
        millis: outcome.millis,
        summary: outcome.summary.clone(),
        expected: outcome.expected.clone(),
        actual: outcome.actual.clone(),
        place: outcome.place.as_ref().and_then(|place| serde_json::to_value(place).ok()),
        next_step: outcome.next_step.clone(),
        blocked_by: outcome.blocked_by.clone(),
        measured: outcome
            .measured
            .iter()
            .map(|m| journal::Measured { name: m.name.clone(), value: m.value.clone(), unit: m.unit.clone() })
            .collect(),
        definition: definition.cloned(),
    }
}

pub fn from_row(row: journal::Outcome) -> Outcome {
    Outcome {
        check: row.check,
        status: match row.status {
            journal::Status::Passed => Status::Passed,
            journal::Status::Failed => Status::Failed,
            journal::Status::Blocked => Status::Blocked,
            journal::Status::Error => Status::Error,
        },
        summary: row.summary,
        expected: row.expected,
        actual: row.actual,
        place: row.place.and_then(|place| serde_json::from_value(place).ok()),
        next_step: row.next_step,
        blocked_by: row.blocked_by,
        measured: row
            .measured
            .into_iter()
            .map(|m| checks::Measured { name: m.name, value: m.value, unit: m.unit })
            .collect(),
        started_at: row.started_at,
        millis: row.millis,
    }
}
