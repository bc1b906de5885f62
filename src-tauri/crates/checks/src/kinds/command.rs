//! `command`: a program of the learner's runs, ends as it should, and prints what it should.

mod diagnosis;

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Command, Context, Exit, Place, Ran,
    excerpt::tail,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    lines::{TEXT_RULES, TextRules},
    program::{self, ENV, MEMORY, TIMEOUT, twenty, two_gibibytes},
    registry::{Kind, Setting, read},
};

pub const KIND: Kind = Kind {
    name: "command",
    doc: "A program runs in the workspace, ends as it should, prints what it should, in time.",
    settings: &[
        Setting::required(
            "run",
            "list of texts",
            "Program and arguments; `python` is the lab's environment's. No shell.",
        ),
        Setting::new("stdin", "text", "What it reads. Nothing where left out."),
        ENV,
        Setting::new("exit", "whole number", "The exit code that is right. 0 where left out."),
        Setting::new("stdout", "table", "What must hold of its standard output.").fields(TEXT_RULES),
        Setting::new("stderr", "table", "What must hold of its standard error.").fields(TEXT_RULES),
        TIMEOUT,
        MEMORY,
        Setting::new("under_ms", "whole number", "The most milliseconds from start to end."),
    ],
    read: read::<Program>,
};

/// Bytes kept of each stream.
const OUTPUT_CAP: usize = 1 << 20;

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Program {
    run: Vec<String>,
    stdin: Option<String>,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    exit: i32,
    #[serde(default)]
    stdout: TextRules,
    #[serde(default)]
    stderr: TextRules,
    #[serde(default = "twenty")]
    timeout_s: u64,
    #[serde(default = "two_gibibytes")]
    memory_mb: u32,
    under_ms: Option<u64>,
}

#[async_trait]
impl Judge for Program {
    fn sources(&self) -> Sources {
        program::sources(&self.run)
    }

    fn runs(&self) -> Option<String> {
        Some(program::line(&self.run))
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        program::lint(&self.run, self.timeout_s, self.memory_mb)
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
        let line = program::line(&self.run);
        if ran.exit != Exit::Code(self.exit) {
            let files = context.probe.list("").await?;
            return Err(diagnosis::wrong_end(self, &line, &ran, &files).into());
        }
        if let Some(wrong) = self.wrong_output(&line, &ran) {
            return Err(wrong.into());
        }
        let millis = ran.elapsed.as_secs_f64() * 1000.0;
        if let Some(most) = self.under_ms.filter(|most| millis > *most as f64) {
            return Err(Failure::new(format!("`{line}` took too long."))
                .expected(format!("at most {most} ms"))
                .actual(format!("{millis:.0} ms"))
                .at(Place::Command { command: line })
                .next("Measure which part of it takes the time.")
                .into());
        }
        Ok(Passed::new(format!("`{line}` ran as it should, in {millis:.0} ms.")).measured(
            "time",
            format!("{millis:.0}"),
            "ms",
        ))
    }
}

impl Program {
    fn wrong_output(&self, line: &str, ran: &Ran) -> Option<Failure> {
        let streams = [
            (&self.stdout, &ran.stdout, "standard output", &ran.stderr, "standard error"),
            (&self.stderr, &ran.stderr, "standard error", &ran.stdout, "standard output"),
        ];
        for (rules, text, name, other, other_name) in streams {
            let text = text.replace("\r\n", "\n");
            let Err(miss) = rules.judge(&text, "Print") else { continue };
            let failure = Failure::new(format!("The {name} of `{line}` {}.", miss.what))
                .expected(miss.expected)
                .at(Place::Command { command: line.to_owned() });
            let swapped = !other.trim().is_empty() && rules.judge(&other.replace("\r\n", "\n"), "Print").is_ok();
            let cut = if ran.cut { "\n(the output was longer than what is kept)" } else { "" };
            let actual = miss.actual.unwrap_or_default();
            return Some(if swapped {
                failure.actual(format!("it was printed to {other_name}")).next(format!("Print it to {name} instead."))
            } else {
                failure.actual(format!("{}{cut}", tail(&actual))).next(miss.next_step)
            });
        }
        None
    }
}
