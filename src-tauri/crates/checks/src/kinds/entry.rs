//! `entry`: what the learner wrote into the journal: a community joined, a question asked, a decision made.

use std::collections::BTreeSet;

use async_trait::async_trait;
use curriculum::{Check, Lab};
use serde::Deserialize;

use crate::{
    Context, Entry,
    excerpt::count,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    settings::{Pattern, one},
};

pub const KIND: Kind = Kind {
    name: "entry",
    doc: "The journal holds entries of a certain sort, made for this lab.",
    settings: &[
        Setting::required("sort", "name", "What the entries tell of: `community`, `question`, `answer`, `decision`."),
        Setting::new("at_least", "whole number", "How many different ones there must be. 1 where left out."),
        Setting::new("min_words", "whole number", "The fewest words of each one's text."),
        Setting::new("url", "true or false", "Whether each must have an address. False where left out."),
        Setting::new("host", "pattern", "Each must have an address whose host matches this regular expression."),
    ],
    read: read::<Journal>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Journal {
    sort: String,
    #[serde(default = "one")]
    at_least: usize,
    #[serde(default)]
    min_words: usize,
    #[serde(default)]
    url: bool,
    host: Option<Pattern>,
}

/// What a check of the kind `entry` asks for, for a form.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Asked {
    pub sort: String,
    pub at_least: usize,
    pub min_words: usize,
    /// Whether each needs an address.
    pub url: bool,
}

/// What a check of the kind `entry` asks for.
pub fn entry(check: &Check) -> Option<Asked> {
    let settings = (check.kind == KIND.name).then(|| check.settings.clone())?;
    let Journal { sort, at_least, min_words, url, host } = Journal::deserialize(toml::Value::Table(settings)).ok()?;
    Some(Asked { sort, at_least, min_words, url: url || host.is_some() })
}

#[async_trait]
impl Judge for Journal {
    fn sources(&self) -> Sources {
        Sources { entries: true, ..Sources::default() }
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        if !self.sort.split('-').all(word) {
            let message = format!("`{}` is not a name of lower-case words joined by hyphens", self.sort);
            wrong.push(Wrong::new("sort", message, "Write it like \"community\"."));
        }
        if self.at_least == 0 {
            wrong.push(Wrong::new("at_least", "no entry at all is asked for", "Write 1 or more."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let entries = context.probe.entries().await?;
        let (of_sort, others): (Vec<&Entry>, Vec<&Entry>) = entries.iter().partition(|entry| entry.sort == self.sort);
        if of_sort.is_empty() {
            return Err(self.none(&others).into());
        }
        let mut seen = BTreeSet::new();
        let (mut right, mut wrong, mut twice) = (Vec::new(), Vec::new(), None);
        for entry in of_sort {
            match self.first_wrong(entry) {
                Some(found) => wrong.push(found),
                None if seen.insert(likeness(entry)) => right.push(entry),
                None => twice = Some(entry),
            }
        }
        if right.len() >= self.at_least {
            return Ok(self.passed(&right));
        }
        // The latest of those that came closest tells most.
        let closest = wrong.into_iter().max_by_key(|(holds, _)| *holds).map(|(_, failure)| failure);
        Err(closest.unwrap_or_else(|| self.too_few(right.len(), twice)).into())
    }
}

/// Entries with the same title and address tell of the same thing.
fn likeness(entry: &Entry) -> (String, Option<String>) {
    let plain = |text: &str| text.split_whitespace().collect::<Vec<_>>().join(" ").to_lowercase();
    (plain(&entry.title), entry.url.as_deref().map(|url| plain(url.trim_end_matches('/'))))
}

/// `https://discuss.python.org:443/t/1`: `discuss.python.org`.
fn host(url: &str) -> Option<&str> {
    let rest = url.split_once("://")?.1;
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    Some(if host.starts_with('[') { host } else { host.split(':').next()? })
}

impl Journal {
    /// How many of the rules hold before the first that does not, and that one.
    fn first_wrong(&self, entry: &Entry) -> Option<(usize, Failure)> {
        let title = &entry.title;
        let failure = |what: String| Failure::new(format!("The entry “{title}” {what}."));
        let words = entry.text.split_whitespace().count();
        if words < self.min_words {
            let lacking = count(self.min_words - words, "word");
            let found = failure(format!("has {}, fewer than {}", count(words, "word"), self.min_words))
                .expected(format!("at least {}", count(self.min_words, "word")))
                .actual(count(words, "word"))
                .next(format!("Take it back, and record it again with {lacking} more."));
            return Some((0, found));
        }
        let Some(url) = entry.url.as_deref().filter(|url| !url.is_empty()) else {
            let found = || {
                failure("has no address".to_owned())
                    .expected(self.host.as_ref().map_or_else(|| "an address".to_owned(), on))
                    .actual("none")
                    .next("Take it back, and record it again with the address where others can see it.")
            };
            return (self.url || self.host.is_some()).then(|| (1, found()));
        };
        let pattern = self.host.as_ref()?;
        let found = host(url).unwrap_or_default();
        (!pattern.regex.is_match(found)).then(|| {
            let found = failure(format!("is at `{found}`"))
                .expected(on(pattern))
                .actual(url)
                .next("Record an entry with an address there.");
            (2, found)
        })
    }

    fn none(&self, others: &[&Entry]) -> Failure {
        let sorts: BTreeSet<&str> = others.iter().map(|entry| entry.sort.as_str()).collect();
        let failure = Failure::new(format!("The journal has no entry of the sort `{}` for this lab.", self.sort))
            .expected(format!("at least {}", count(self.at_least, "entry")));
        if let Some(near) = curriculum::nearest(&self.sort, sorts.iter().copied()) {
            let summary = format!("The journal has no entry of the sort `{}`, but one of `{near}`.", self.sort);
            return Failure { summary, ..failure }
                .actual(format!("the sort `{near}`"))
                .next(format!("Record it again with the sort `{}`.", self.sort));
        }
        let actual = match sorts.is_empty() {
            true => "no entries".to_owned(),
            false => format!("entries of other sorts: {}", sorts.into_iter().collect::<Vec<_>>().join(", ")),
        };
        let next =
            "When it has happened, write it down in the form of this check, or with `groundwork entry add LAB --sort";
        failure.actual(actual).next(format!("{next} {}`.", self.sort))
    }

    fn too_few(&self, right: usize, twice: Option<&Entry>) -> Failure {
        let lacking = self.at_least - right;
        let failure = Failure::new(format!("The journal has {} of the sort `{}`.", count(right, "entry"), self.sort))
            .expected(format!("at least {}", count(self.at_least, "entry")));
        match twice {
            Some(entry) => failure
                .actual(format!("{}; “{}” is there twice and counts once", count(right, "entry"), entry.title))
                .next(format!("Record {} about something else.", count(lacking, "more entry"))),
            None => failure.actual(count(right, "entry")).next(format!("Record {}.", count(lacking, "more entry"))),
        }
    }

    fn passed(&self, right: &[&Entry]) -> Passed {
        let titles: Vec<String> = right.iter().map(|entry| format!("“{}”", entry.title)).collect();
        let passed = Passed::new(format!("{}: {}.", count(right.len(), "entry"), titles.join(", ")));
        right.iter().fold(passed, |passed, entry| {
            let shown = entry.url.as_ref().map_or_else(|| entry.title.clone(), |url| format!("{}, {url}", entry.title));
            passed.measured(&self.sort, shown, "")
        })
    }
}

fn on(host: &Pattern) -> String {
    host.means.clone().unwrap_or_else(|| format!("an address whose host matches `{}`", host.regex))
}
