//! The page part by part, in CommonMark with GitHub's tables: what was recorded, and in its places what the learner tells.
//!
//! Every format is made of these parts, so none of them can claim more than another.

mod escape;
#[cfg(test)]
mod tests;

use escape::escape;
use jiff::Timestamp;

use crate::{
    Entry, Lab, Portfolio, Usage,
    narrative::{introduction, reflection},
};

/// A part of the page. It is empty where the learner wrote nothing, else blocks with one empty line between them and a
/// newline at the end.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Part {
    pub by: By,
    pub markdown: String,
}

/// Whose words a part has.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum By {
    /// Groundwork's, from the record.
    Record,
    /// The learner's, about everything, or about the lab at this place of [`Portfolio::labs`].
    Learner(Option<usize>),
}

/// All parts, in the page's order.
pub fn parts(portfolio: &Portfolio) -> Vec<Part> {
    let mut parts = vec![
        recorded(|page| {
            page.block(format!("# {}", escape(&portfolio.title)));
            page.block(in_short(portfolio));
        }),
        Part { by: By::Learner(None), markdown: introduction(&portfolio.introduction) },
        recorded(|page| how_checked(page, portfolio)),
    ];
    for (place, lab) in portfolio.labs.iter().enumerate() {
        parts.push(recorded(|page| lab_head(page, lab)));
        parts.push(Part { by: By::Learner(Some(place)), markdown: reflection(&lab.reflection) });
        parts.push(recorded(|page| lab_record(page, lab)));
    }
    parts.push(recorded(|page| {
        page.block("---");
        page.block(format!(
            "Written by Groundwork {} on {}. Dates are in UTC.",
            escape(&portfolio.product_version),
            date(portfolio.generated_at)
        ));
    }));
    parts
}

fn recorded(write: impl FnOnce(&mut Blocks)) -> Part {
    let mut blocks = Blocks::default();
    write(&mut blocks);
    Part { by: By::Record, markdown: blocks.0 }
}

/// Blocks with one empty line between them.
#[derive(Default)]
struct Blocks(String);

impl Blocks {
    fn block(&mut self, text: impl AsRef<str>) {
        if !self.0.is_empty() {
            self.0.push('\n');
        }
        self.0.push_str(text.as_ref());
        self.0.push('\n');
    }

    fn table<const N: usize>(&mut self, header: [&str; N], rows: impl Iterator<Item = [String; N]>) {
        let line = |cells: &[String]| format!("| {} |", cells.join(" | "));
        let mut lines = vec![line(&header.map(str::to_owned)), line(&[const { "---" }; N].map(str::to_owned))];
        lines.extend(rows.map(|cells| line(&cells)));
        self.block(lines.join("\n"));
    }

    fn list(&mut self, items: impl Iterator<Item = String>) {
        self.block(items.map(|item| format!("- {item}")).collect::<Vec<_>>().join("\n"));
    }
}

fn in_short(portfolio: &Portfolio) -> String {
    let labs = &portfolio.labs;
    if labs.is_empty() {
        return format!("Labs: none of {} started yet.", portfolio.planned);
    }
    let complete = labs.iter().filter(|lab| lab.complete()).count();
    let passed: usize = labs.iter().map(|lab| lab.passed().count()).sum();
    let checks: usize = labs.iter().map(|lab| lab.checks.len()).sum();
    format!(
        "Labs: {complete} of {} complete, {} under way. Checks in these labs: {passed} of {checks} passed. Time on task: {}.",
        portfolio.planned,
        labs.len() - complete,
        duration(labs.iter().map(|lab| lab.minutes_spent).sum())
    )
}

fn how_checked(page: &mut Blocks, portfolio: &Portfolio) {
    if portfolio.labs.iter().all(|lab| lab.passed().next().is_none()) {
        page.block("## Nothing to show yet");
        page.block(
            "No check has passed so far, so this page claims nothing. Open Groundwork, start today's lab and work until \
             its first check turns green. Then write this page again.",
        );
        return;
    }
    page.block("## How these claims were checked");
    page.block(format!(
        "**Self-checked.** Groundwork ran every check below on the learner's own machine and recorded each result as it \
         happened; version {} made this page from that record. No instructor has checked the results again. A check reads \
         a file, runs a program, sends a request or looks up what the work asked of a language model; no model's opinion \
         decides a result.",
        escape(&portfolio.product_version)
    ));
    let machine = portfolio.machine.as_ref().map_or_else(String::new, |machine| {
        format!(
            " When this page was written, that machine ran the model {} on {}.",
            escape(&machine.model),
            escape(&machine.device)
        )
    });
    page.block(format!(
        "Figures were measured on the learner's machine.{machine} Calls to language models went through a gateway on \
         that machine, which recorded them."
    ));
    page.block(
        "What stands under “Introduction” and “In my own words” was written by the learner, and no check has read it. Journal \
         entries are the learner's words too, each with the day on which it was recorded. Groundwork wrote all else from \
         its record.",
    );
}

fn lab_head(page: &mut Blocks, lab: &Lab) {
    page.block(format!("## {}", escape(&lab.title)));
    let claim = if lab.complete() { "Built" } else { "The aim, not yet all shown" };
    page.block(format!("{claim}: {}", escape(&lab.summary)));
}

fn lab_record(page: &mut Blocks, lab: &Lab) {
    if lab.passed().next().is_some() {
        page.block("### Checks passed");
        page.table(
            ["Check", "Step", "First passed", "Last passed"],
            lab.passed().map(|(check, passed)| {
                [escape(&check.title), escape(&check.step), date(passed.first_at), date(passed.latest_at)]
            }),
        );
    }
    let mut measured = lab
        .passed()
        .flat_map(|(check, passed)| passed.measured.iter().map(move |measured| (check, passed, measured)))
        .peekable();
    if measured.peek().is_some() {
        page.block("### Measured");
        page.table(
            ["Measure", "Value", "Unit", "By the check", "On"],
            measured.map(|(check, passed, measured)| {
                [
                    escape(&measured.name),
                    escape(&measured.value),
                    escape(&measured.unit),
                    escape(&check.title),
                    date(passed.latest_at),
                ]
            }),
        );
    }

    if !lab.entries.is_empty() {
        page.block("### Journal entries");
        page.table(["On", "Kind", "Title", "Text", "Address"], lab.entries.iter().map(entry));
    }

    page.block("### Effort");
    let facts = [
        format!("Phase: {}", escape(&lab.phase)),
        format!("Started: {}", date(lab.started_at)),
        format!("Time on task: {}", duration(lab.minutes_spent)),
    ];
    page.list(facts.into_iter().chain(lab.usage.iter().map(usage)));

    page.block("### Not shown yet");
    if lab.complete() {
        page.block("Nothing: every check of this lab has passed.");
    } else {
        let missing = lab.checks.iter().filter(|check| check.passed.is_none());
        page.list(missing.map(|check| {
            let before = check.passed_before.map(|at| format!("; passed on {}, before the lab changed", date(at)));
            format!("{} ({}){}", escape(&check.title), escape(&check.step), before.unwrap_or_default())
        }));
    }
}

fn entry(entry: &Entry) -> [String; 5] {
    let kind = entry.sort.replace('-', " ");
    let url = entry.url.as_deref().unwrap_or_default();
    [date(entry.at), escape(&kind), escape(&entry.title), escape(&entry.text), escape(url)]
}

fn usage(usage: &Usage) -> String {
    let failed =
        if usage.failed == 0 { String::new() } else { format!(" ({} failed)", thousands(usage.failed.into())) };
    let calls = thousands(usage.calls.into());
    match &usage.model {
        Some(model) => format!(
            "Calls to the local gateway for {}: {calls}{failed}, {} tokens in, {} tokens out",
            escape(model),
            thousands(usage.prompt_tokens),
            thousands(usage.completion_tokens)
        ),
        None => format!("Other calls to the local gateway: {calls}{failed}"),
    }
}

/// `YYYY-MM-DD`, in UTC.
fn date(at: Timestamp) -> String {
    at.strftime("%Y-%m-%d").to_string()
}

/// `1 h 25 min`
fn duration(minutes: f64) -> String {
    match minutes.round() as u64 {
        0 if minutes > 0.0 => "less than a minute".into(),
        0 => "none recorded".into(),
        whole @ 1..60 => format!("{whole} min"),
        whole => format!("{} h {} min", thousands(whole / 60), whole % 60),
    }
}

fn thousands(n: u64) -> String {
    let digits = n.to_string();
    let mut text = String::new();
    for (place, digit) in digits.chars().enumerate() {
        if place > 0 && (digits.len() - place).is_multiple_of(3) {
            text.push(',');
        }
        text.push(digit);
    }
    text
}
