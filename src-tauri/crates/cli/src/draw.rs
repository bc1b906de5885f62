//! All that the command line prints: text with colour where a terminal wants it, or JSON lines.

use std::io::Write as _;

use console::style;
use indicatif::{ProgressBar, ProgressStyle};
use serde::Serialize;
use workbench::{Event, Problem, TaskId, TaskStep, view};

use crate::{Ended, Run};

#[derive(Debug, Clone, Copy)]
pub struct Draw {
    pub json: bool,
}

/// One JSON line: `type` first, then the fields of the body.
#[derive(Serialize)]
struct Line<'a, T> {
    r#type: &'a str,
    #[serde(flatten)]
    body: &'a T,
}

macro_rules! out {
    ($($text:tt)*) => { line(format_args!($($text)*)) };
}

macro_rules! err {
    ($($text:tt)*) => { aside(format_args!($($text)*)) };
}

/// A line to standard output. Whoever reads it may have heard enough, as `head` does: then nobody waits for the rest.
fn line(text: std::fmt::Arguments<'_>) {
    let mut out = std::io::stdout().lock();
    if let Err(error) = writeln!(out, "{text}") {
        if error.kind() != std::io::ErrorKind::BrokenPipe {
            err!("standard output cannot be written: {error}\n");
        }
        std::process::exit(1);
    }
}

/// Text that a pack, a document or a learner's program wrote: what would steer the terminal, or change how other letters
/// show, stands there as it is written in Rust.
pub fn plain(text: &str) -> String {
    let steers = |c: char| {
        (c.is_control() && !matches!(c, '\n' | '\t')) || matches!(c, '\u{202a}'..='\u{202e}' | '\u{2066}'..='\u{2069}')
    };
    text.chars().map(|c| if steers(c) { c.escape_default().to_string() } else { c.to_string() }).collect()
}

/// A text to standard error, where nobody may be left to read it.
fn aside(text: std::fmt::Arguments<'_>) {
    let _ = std::io::stderr().write_fmt(text);
}

impl Draw {
    pub fn new(json: bool) -> Self {
        Self { json }
    }

    /// Text for people; nothing under `--json`.
    pub fn say(self, text: impl std::fmt::Display) {
        if !self.json {
            out!("{text}");
        }
    }

    /// Text that is the same with and without `--json`.
    pub fn raw(self, text: &str) {
        out!("{text}");
    }

    /// Asks a person for a line.
    pub fn prompt(self) {
        err!("> ");
    }

    pub fn prompt_for(self, what: &str) {
        err!("{what}: ");
    }

    /// A line for programs; nothing without `--json`.
    pub fn json(self, kind: &str, body: &impl Serialize) {
        if self.json {
            self.print_json(&Line { r#type: kind, body });
        }
    }

    /// An event as a JSON line.
    pub fn event(self, event: &Event) {
        if self.json {
            self.print_json(event);
        }
    }

    fn print_json(self, value: &impl Serialize) {
        match serde_json::to_string(value) {
            Ok(line) => out!("{line}"),
            Err(error) => err!("a result could not be written as JSON: {error}\n"),
        }
    }

    pub fn problem(self, problem: &Problem) {
        if self.json {
            self.json("problem", problem);
        } else {
            err!("{} {}\n", style("error:").red().bold().for_stderr(), plain(&problem.message));
            err!("{} {}\n", style(" next:").cyan().bold().for_stderr(), plain(&problem.next_step));
        }
    }

    pub fn outcome(self, title: &str, outcome: &view::Outcome) {
        if self.json {
            return;
        }
        let mark = match outcome.status {
            view::Status::Passed => style("passed ").green(),
            view::Status::Failed => style("failed ").red().bold(),
            view::Status::Blocked => style("blocked").dim(),
            view::Status::Error => style("error  ").yellow().bold(),
        };
        out!("{mark}  {}  {}", plain(title), style(format!("{:.0} ms", outcome.millis)).dim());
        if outcome.status == view::Status::Passed {
            let measured: Vec<String> = outcome.measured.iter().map(measure).collect();
            if !measured.is_empty() {
                out!("         {}", style(plain(&measured.join("  "))).dim());
            }
            return;
        }
        out!("         {}", plain(&outcome.summary));
        let place = outcome.place.as_ref().map(|place| place.label.clone());
        let next = outcome.hint.clone().or_else(|| outcome.next_step.clone());
        let rows = [("expected", &outcome.expected), ("actual", &outcome.actual), ("at", &place), ("next", &next)];
        for (name, text) in rows {
            if let Some(text) = text {
                let text = plain(text.trim_end()).replace('\n', "\n                   ");
                out!("         {} {text}", style(format!("{name:<9}")).cyan());
            }
        }
    }
}

fn measure(measured: &view::Measured) -> String {
    format!("{} {} {}", measured.name, measured.value, measured.unit).trim_end().into()
}

impl Run {
    /// Draws long work to its end; what it says comes a line at a time.
    pub async fn see_through(&mut self, task: TaskId) -> Result<Ended, Problem> {
        let draw = self.draw;
        self.follow(task, |line| draw.say(line)).await?;
        Ok(Ended::Well)
    }

    /// Draws a task until it ends. What the task prints goes to `output`.
    pub async fn follow(&mut self, task: TaskId, mut output: impl FnMut(&str)) -> Result<Vec<Event>, Problem> {
        let bar = if self.draw.json { ProgressBar::hidden() } else { ProgressBar::no_length() };
        let (mut others, mut drawn) = (Vec::new(), false);
        // Asked for once, and first: a signal that came between two waits would be lost.
        let (mut interrupted, mut cancelled) = (std::pin::pin!(tokio::signal::ctrl_c()), false);
        let ended = loop {
            let event = tokio::select! {
                biased;
                _ = &mut interrupted, if !cancelled => {
                    self.workbench.cancel(task);
                    cancelled = true;
                    continue;
                }
                event = self.events.recv() => event,
            };
            let Some(event) = event else { break Err(Problem::broken("The task went away without a word.")) };
            self.draw.event(&event);
            match event {
                Event::Task { task: id, step } if id == task => match step {
                    TaskStep::Started { .. } => {}
                    TaskStep::Progress { what, done, total, unit } => {
                        show(&bar, &what, done, total, &unit);
                        drawn = true;
                    }
                    // A terminal has one line for it, which shows the sum.
                    TaskStep::Part { .. } => {}
                    // The bar makes room, and comes back below the line.
                    TaskStep::Output { text } if drawn => bar.suspend(|| output(&text)),
                    TaskStep::Output { text } => output(&text),
                    TaskStep::Finished => break Ok(others),
                    TaskStep::Failed { problem } => break Err(problem),
                    TaskStep::Cancelled => break Err(Problem::cancelled()),
                },
                other => others.push(other),
            }
        };
        bar.finish_and_clear();
        ended
    }
}

fn show(bar: &ProgressBar, what: &str, done: f64, total: Option<f64>, unit: &str) {
    let counts = if unit == "bytes" { "{bytes}/{total_bytes}" } else { "{pos}/{len}" };
    let template = match total {
        Some(_) => format!("{{spinner}} {{msg}} [{{bar:24}}] {counts}"),
        None => "{spinner} {msg}".into(),
    };
    if let Ok(style) = ProgressStyle::with_template(&template) {
        bar.set_style(style);
    }
    if let Some(total) = total {
        bar.set_length(total as u64);
    }
    bar.set_position(done as u64);
    bar.set_message(plain(what));
    bar.tick();
}
