//! A file of the learner's that tells of calls, held against the gateway's record of them: a figure can be typed, a call
//! cannot.

use std::collections::BTreeMap;

use jiff::Timestamp;
use serde::Deserialize;
use serde_json::Value;

use crate::{
    Call, Place, Probe,
    data::{self, Format, compare::describe, path::DataPath},
    excerpt::inline,
    files,
    finding::{Failure, Halt, Wrong},
    lines::line_text,
    registry::Setting,
    settings::FilePath,
};

pub const TOLD: Setting = Setting::new(
    "told",
    "table",
    "A JSON file that tells of the calls. Those of the learner's own programs between its two times count, and no others; its figures must be the recorded ones.",
)
.fields(&[
    Setting::required("path", "path", "The file, from the top of the workspace."),
    Setting::required("began", "data path", "Where the time stands at which the calls began: `2025-01-31T09:30:00Z`."),
    Setting::required("ended", "data path", "Where the time stands at which they had ended."),
    Setting::new("model", "data path", "Where the model or deployment stands that they named. Any where left out."),
    Setting::new("statuses", "table of data paths", "By status, where it stands how many calls got it: `429 = \"refused\"`."),
    Setting::new(
        "each",
        "data path",
        "Where a list stands with an entry for each answered call, one after the other: its `prompt_tokens` and `completion_tokens` must be the recorded ones, its `first_token_ms` no less.",
    ),
]);

/// Figures are told in tenths of a millisecond.
const ROUNDED_MS: f64 = 0.1;
const ANEW: &str = "Let the program write the file anew, and leave its figures as they are.";

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Told {
    pub path: FilePath,
    began: DataPath,
    ended: DataPath,
    model: Option<DataPath>,
    #[serde(default)]
    statuses: BTreeMap<String, DataPath>,
    each: Option<DataPath>,
}

/// What the file tells now.
#[derive(Debug)]
pub struct Account<'a> {
    told: &'a Told,
    text: String,
    value: Value,
    /// From when to when the calls were made.
    pub span: (Timestamp, Timestamp),
}

impl Told {
    pub fn lint(&self) -> impl Iterator<Item = Wrong> {
        self.statuses.keys().filter(|status| status.parse::<u16>().is_err()).map(|status| {
            Wrong::new("told.statuses", format!("`{status}` is not a status"), "Write a number, such as 429.")
        })
    }

    pub async fn read(&self, probe: &dyn Probe) -> Result<Account<'_>, Halt> {
        let path = &self.path.0;
        let text = files::text(probe, path).await?;
        let value = data::parse(&text, Format::Json).map_err(|data::Syntax { line, column, reason }| {
            Failure::new(format!("`{path}` is not JSON: line {line}, column {column}: {reason}."))
                .expected("a file that reads as JSON")
                .actual(line_text(&text, line))
                .at(Place::file(path, Some(line)))
                .next(ANEW)
        })?;
        let mut account = Account { told: self, text, value, span: (Timestamp::MIN, Timestamp::MAX) };
        account.span = (account.time(&self.began)?, account.time(&self.ended)?);
        Ok(account)
    }
}

impl Account<'_> {
    /// Whether the file tells of this call, if it was made in its time.
    pub fn covers(&self, call: &Call) -> bool {
        let model = self.told.model.as_ref().map(|at| self.find(at).and_then(Value::as_str));
        !call.started && !call.injected && model.is_none_or(|model| model == call.model.as_deref())
    }

    /// The first figure that is not that of these calls, oldest first.
    pub fn wrong(&self, calls: &[Call]) -> Option<Failure> {
        let mut counts = self.told.statuses.iter().filter_map(|(status, at)| {
            let recorded = calls.iter().filter(|call| call.status.to_string() == *status).count();
            let told = self.find(at);
            let differ = told.and_then(Value::as_u64) != Some(recorded as u64);
            differ.then(|| self.differs(at, told, &format!("{recorded} with status {status}")))
        });
        counts.next().or_else(|| self.wrong_entry(self.told.each.as_ref()?, calls))
    }

    fn wrong_entry(&self, at: &DataPath, calls: &[Call]) -> Option<Failure> {
        let answered: Vec<&Call> = calls.iter().filter(|call| call.status == 200).collect();
        let told = self.find(at);
        let entries = told.and_then(Value::as_array).map(Vec::as_slice).unwrap_or_default();
        if entries.len() != answered.len() {
            let entries = Value::from(entries.len());
            return Some(self.differs(at, Some(&entries), &format!("{} answered", answered.len())));
        }
        entries.iter().zip(answered).enumerate().find_map(|(index, (entry, call))| {
            let at = |name: &str| at.entry(index).key(name);
            let tokens = [("prompt_tokens", call.prompt_tokens), ("completion_tokens", call.completion_tokens)];
            let mut tokens = tokens.into_iter().filter_map(|(name, recorded)| {
                let told = entry.get(name)?;
                let differ = told.as_u64() != Some(u64::from(recorded));
                differ.then(|| self.differs(&at(name), Some(told), &recorded.to_string()))
            });
            tokens.next().or_else(|| {
                let (told, recorded) = (entry.get("first_token_ms")?, call.first_token_ms?);
                let sooner = told.as_f64().is_none_or(|told| told < recorded - ROUNDED_MS);
                sooner.then(|| self.differs(&at("first_token_ms"), Some(told), &format!("{recorded:.1}")))
            })
        })
    }

    /// A time at which calls can have been made.
    fn time(&self, at: &DataPath) -> Result<Timestamp, Halt> {
        let found = self.find(at);
        let time = found.and_then(Value::as_str).and_then(|text| text.parse::<Timestamp>().ok());
        time.filter(|time| *time <= Timestamp::now()).ok_or_else(|| {
            Failure::new(format!("`{}` does not tell when its calls were made.", self.told.path.0))
                .expected(format!("at `{at}`, a time that is over, such as 2025-01-31T09:30:00Z"))
                .actual(found.map_or("nothing".to_owned(), describe))
                .at(self.place(at))
                .next(ANEW)
                .into()
        })
    }

    fn differs(&self, at: &DataPath, told: Option<&Value>, recorded: &str) -> Failure {
        let (began, ended) = self.span;
        let told = told.map_or("nothing".to_owned(), |told| inline(&told.to_string()));
        Failure::new(format!("`{at}` of `{}` is not what the gateway recorded.", self.told.path.0))
            .expected(format!("what was recorded from {began:.0} to {ended:.0}"))
            .actual(format!("{told} in the file, {recorded} in the record"))
            .at(self.place(at))
            .next(ANEW)
    }

    fn find(&self, at: &DataPath) -> Option<&Value> {
        at.find(&self.value).ok()
    }

    fn place(&self, at: &DataPath) -> Place {
        Place::file(&self.told.path.0, data::locate(&self.text, Format::Json, at))
    }
}
