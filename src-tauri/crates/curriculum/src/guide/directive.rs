//! What may stand after the language of a code block, and in the brackets of a box.

use std::time::Duration;

use crate::{Place, Problem, nearest};

/// The longest that a block of a guide may run.
const LONGEST_S: u64 = 600;
const BOXES: &[&str] = &["note", "warning", "docker", "no-docker", "linux", "macos", "windows"];
const ATTRIBUTES: &[&str] = &["run", "exits", "within", "file"];

/// What the line that opens a code block says.
#[derive(Debug, Default)]
pub struct Fence {
    pub language: String,
    /// Where the learner can run it.
    pub run: Option<Run>,
    /// The file of the workspace that it is part of: `ask.py#L12`.
    pub file: Option<String>,
}

/// A block of a guide that the learner can run, as a script of the shell, in the workspace.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Run {
    pub script: String,
    /// The exit code that is right.
    pub exits: i32,
    pub within: Duration,
    /// All of these have to hold where it is shown.
    pub when: Vec<When>,
    pub place: Place,
}

/// Where a box applies.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum When {
    Docker,
    NoDocker,
    Linux,
    Macos,
    Windows,
}

impl When {
    pub(super) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "docker" => Self::Docker,
            "no-docker" => Self::NoDocker,
            "linux" => Self::Linux,
            "macos" => Self::Macos,
            "windows" => Self::Windows,
            _ => return None,
        })
    }

    /// Whether it holds on this system, with Docker or without.
    #[must_use]
    pub fn holds(self, docker: bool) -> bool {
        match self {
            Self::Docker => docker,
            Self::NoDocker => !docker,
            Self::Linux => cfg!(target_os = "linux"),
            Self::Macos => cfg!(target_os = "macos"),
            Self::Windows => cfg!(windows),
        }
    }
}

/// Reads the line that opens a code block.
pub fn block(info: &str, script: &str, place: &Place, when: impl FnOnce() -> Vec<When>) -> Result<Fence, Vec<Problem>> {
    let mut words = info.split_whitespace();
    let language = words.next().unwrap_or_default();
    let within = Duration::from_secs(120);
    let mut run = Run { script: script.to_owned(), exits: 0, within, when: vec![], place: place.clone() };
    let mut problems = Vec::new();
    let mut file = None;
    let (mut runs, mut attributes) = (false, false);
    for word in words {
        let (name, value) = word.split_once('=').map_or((word, None), |(name, value)| (name, Some(value)));
        attributes |= value.is_some() && name != "file";
        let wrong = match (name, value) {
            ("run", None) => {
                runs = true;
                None
            }
            ("exits", Some(code)) => match code.parse() {
                Ok(code @ 0..=255) => {
                    run.exits = code;
                    None
                }
                _ => Some((format!("`{code}` is not an exit code"), "Write a number from 0 to 255.".to_owned())),
            },
            ("within", Some(seconds)) => match seconds.parse() {
                Ok(seconds @ 1..=LONGEST_S) => {
                    run.within = Duration::from_secs(seconds);
                    None
                }
                _ => Some((
                    format!("`{seconds}` is no number of seconds that a block may run"),
                    format!("Write a number from 1 to {LONGEST_S}."),
                )),
            },
            ("file", Some(target)) if !target.is_empty() => {
                file = Some(target.to_owned());
                None
            }
            _ => Some((
                format!("`{word}` is not known after the language of a code block"),
                match nearest(name, ATTRIBUTES.iter().copied()) {
                    Some("run") => "Write `run`.".to_owned(),
                    Some("file") => "Write it like `file=ask.py#L12`.".to_owned(),
                    Some(near) => format!("Write `{near}=NUMBER`."),
                    None => "Use `run`, `exits=CODE`, `within=SECONDS`, `file=PATH`, or nothing.".to_owned(),
                },
            )),
        };
        problems.extend(wrong.map(|(message, next_step)| problem(&run.place, message, next_step)));
    }
    if runs && language != "sh" {
        let message = format!("a block of `{language}` cannot be run");
        problems.push(problem(
            &run.place,
            message,
            "Write the commands of a shell, in a block that begins with `sh run`.",
        ));
    }
    if attributes && !runs && problems.is_empty() {
        let message = "the block says how it ends, and not that it can be run";
        problems.push(problem(&run.place, message, "Add `run` after the language."));
    }
    if !problems.is_empty() {
        return Err(problems);
    }
    run.when = when();
    Ok(Fence { language: language.to_owned(), run: runs.then_some(run), file })
}

/// HTML is never shown; a comment is not meant to be.
pub fn html(literal: &str, place: &Place) -> Option<Problem> {
    let shown = !literal.trim_start().starts_with("<!--");
    shown.then(|| problem(place, "HTML is not shown in a guide", "Write it as Markdown, or in backticks."))
}

pub fn is_box(name: &str) -> bool {
    BOXES.contains(&name)
}

pub fn known_box(name: &str, place: Place) -> Result<(), Box<Problem>> {
    if is_box(name) {
        return Ok(());
    }
    let next_step = match nearest(name, BOXES.iter().copied()) {
        Some(near) => format!("Did you mean `[!{near}]`?"),
        None => format!("Use one of {}.", BOXES.join(", ")),
    };
    Err(Box::new(problem(&place, format!("there is no box called `{name}`"), next_step)))
}

fn problem(place: &Place, message: impl Into<String>, next_step: impl Into<String>) -> Problem {
    Problem { code: "curriculum.directive", message: message.into(), place: place.clone(), next_step: next_step.into() }
}
