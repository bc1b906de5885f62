//! `script`: a program that comes with the lab looks for itself and prints what it found, as JSON.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Command, Context, Exit, Measured, Obstacle, Place, Ran, Status,
    excerpt::{count, inline},
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    program::{self, ENV, MEMORY, TIMEOUT, signal, twenty, two_gibibytes},
    registry::{Kind, Setting, read},
};

pub const KIND: Kind = Kind {
    name: "script",
    doc: "A program of the lab's own looks, and prints each thing that it found as one line of JSON: `check`, `status` \
          (passed or failed), `summary`, and where they help `expected`, `actual`, `place` (`file` and `line`), \
          `next_step`, `measured` (a list of `name`, `value`, `unit`). The first that failed is the outcome.",
    settings: &[
        Setting::required(
            "run",
            "list of texts",
            "Program and arguments; `python` is the lab's environment's. No shell. It ends with 0, whatever it found.",
        ),
        Setting::new("stdin", "text", "What it reads. Nothing where left out."),
        ENV,
        TIMEOUT,
        MEMORY,
    ],
    read: read::<Script>,
};

const OUTPUT_CAP: usize = 1 << 20;
const AUTHORS: &str = "Tell the authors of the pack: the fault is in their script, not in your work.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Script {
    run: Vec<String>,
    stdin: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default = "twenty")]
    timeout_s: u64,
    #[serde(default = "two_gibibytes")]
    memory_mb: u32,
}

/// One line of what the script prints.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Found {
    /// What was looked at, for the summary of all.
    check: String,
    status: Status,
    summary: String,
    expected: Option<String>,
    actual: Option<String>,
    place: Option<At>,
    next_step: Option<String>,
    #[serde(default)]
    measured: Vec<Figure>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct At {
    file: String,
    line: Option<u32>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Figure {
    name: String,
    value: serde_json::Value,
    #[serde(default)]
    unit: String,
}

#[async_trait]
impl Judge for Script {
    fn sources(&self) -> Sources {
        program::sources(&self.run)
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        program::lint(&self.run, self.timeout_s, self.memory_mb)
    }

    fn runs(&self) -> Option<String> {
        Some(program::line(&self.run))
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let command = Command {
            argv: self.run.clone(),
            stdin: self.stdin.clone(),
            env: self.env.clone(),
            timeout: Duration::from_secs(self.timeout_s),
            memory_mb: self.memory_mb,
            output_cap: OUTPUT_CAP,
        };
        let ran = context.probe.run(&command).await?;
        let outcomes = self.outcomes(&ran).map_err(|what| Obstacle {
            message: format!("The script `{}` {what}.", program::line(&self.run)),
            next_step: match ran.exit {
                Exit::NotFound => "Start the lab again, so that its environment is made.".to_owned(),
                _ => AUTHORS.to_owned(),
            },
        })?;
        let all = outcomes.len();
        let mut measured = Vec::new();
        let mut last = String::new();
        for found in outcomes {
            if found.status == Status::Failed {
                return Err(failure(found).into());
            }
            measured.extend(found.measured.into_iter().map(Measured::from));
            last = found.summary;
        }
        Ok(Passed { summary: if all == 1 { last } else { format!("{} hold.", count(all, "check")) }, measured })
    }
}

impl Script {
    /// What the script printed, or what is wrong with it: the end of a sentence that begins with its name.
    fn outcomes(&self, ran: &Ran) -> Result<Vec<Found>, String> {
        let said = inline(ran.stderr.trim().lines().last().unwrap_or_default());
        let said = if said.is_empty() { String::new() } else { format!(": {}", said.trim_end_matches('.')) };
        match ran.exit {
            Exit::Code(0) => {}
            Exit::Code(code) => return Err(format!("ended with exit code {code}{said}")),
            Exit::Signal(number) => return Err(format!("was ended by {}{said}", signal(number))),
            Exit::TimedOut => return Err(format!("did not end within {} s and was stopped", self.timeout_s)),
            Exit::OutOfMemory => return Err(format!("wanted more than {} MiB of memory", self.memory_mb)),
            Exit::NotFound => return Err("could not be found".to_owned()),
        }
        if ran.cut {
            return Err("printed more than can be read".to_owned());
        }
        let lines = (1..).zip(ran.stdout.lines()).filter(|(_, line)| !line.trim().is_empty());
        let outcomes = lines.map(|(number, line)| {
            outcome(line).map_err(|reason| format!("printed no outcome in line {number}, `{}`: {reason}", inline(line)))
        });
        let outcomes = outcomes.collect::<Result<Vec<_>, _>>()?;
        if outcomes.is_empty() { Err("printed nothing".to_owned()) } else { Ok(outcomes) }
    }
}

fn outcome(line: &str) -> Result<Found, String> {
    let found: Found = serde_json::from_str(line).map_err(|error| {
        if !error.is_data() {
            return "it is not JSON".to_owned();
        }
        let text = error.to_string();
        text.split(" at line 1 column").next().unwrap_or(&text).to_owned()
    })?;
    if !matches!(found.status, Status::Passed | Status::Failed) {
        return Err("the status is neither passed nor failed".to_owned());
    }
    if found.check.trim().is_empty() || found.summary.trim().is_empty() {
        return Err("`check` or `summary` is empty".to_owned());
    }
    match found.place.as_ref().and_then(|at| curriculum::unfit(&at.file)) {
        Some(reason) => Err(format!("the place's file {reason}")),
        None => Ok(found),
    }
}

fn failure(found: Found) -> Failure {
    Failure {
        next_step: Some(found.next_step.unwrap_or_else(|| format!("Look at what “{}” asks for.", found.check))),
        summary: found.summary,
        expected: found.expected,
        actual: found.actual,
        place: found.place.map(|at| Place::file(&at.file, at.line)),
    }
}

impl From<Figure> for Measured {
    fn from(figure: Figure) -> Self {
        let value = match figure.value {
            serde_json::Value::String(text) => text,
            other => other.to_string(),
        };
        Self { name: figure.name, value, unit: figure.unit }
    }
}
