//! What must hold of one metric in one scrape or between two.

use std::collections::{BTreeMap, BTreeSet};

use serde::Deserialize;

use super::{
    exposition::{Exposition, Sample, Type},
    histogram,
};
use crate::{
    excerpt::{count, inline},
    finding::{Failure, Wrong},
    registry::Setting,
};

pub const FIELDS: &[Setting] = &[
    Setting::required("name", "text", "The metric as the TYPE line names it; a histogram's without _bucket."),
    Setting::new("type", "counter, gauge, histogram, summary or untyped", "What its TYPE line says."),
    Setting::new("labels", "table of texts", "Only the series with these labels and values are looked at."),
    Setting::new("has_labels", "list of texts", "Each of its series must have these labels."),
    Setting::new(
        "rises_by",
        "number",
        "How much it rises, exactly, between the scrapes: all series together; of a histogram or summary, its count.",
    ),
    Setting::new("rises_at_least", "number", "How much it rises at least."),
    Setting::new("min", "number", "Each value is at least this; of a histogram or summary, the count."),
    Setting::new("max", "number", "Each value is at most this."),
    Setting::new("buckets", "list of numbers", "Upper bounds that a histogram must have buckets for."),
];

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Rule {
    pub name: String,
    r#type: Option<Type>,
    #[serde(default)]
    labels: BTreeMap<String, String>,
    #[serde(default)]
    has_labels: Vec<String>,
    rises_by: Option<f64>,
    rises_at_least: Option<f64>,
    min: Option<f64>,
    max: Option<f64>,
    #[serde(default)]
    buckets: Vec<f64>,
}

impl Rule {
    /// Whether it compares two scrapes.
    pub fn rises(&self) -> bool {
        self.rises_by.is_some() || self.rises_at_least.is_some()
    }

    pub fn lint(&self, index: usize) -> Option<Wrong> {
        let at = |key: &str| format!("metrics[{index}].{key}");
        if self.min.zip(self.max).is_some_and(|(min, max)| min > max) {
            return Some(Wrong::new(at("min"), "`min` is larger than `max`", "Swap them."));
        }
        if self.rises_by.is_some() && self.rises_at_least.is_some() {
            return Some(Wrong::new(at("rises_at_least"), "`rises_by` already says how much", "Take one of them out."));
        }
        if let Some(ending) = ["_bucket", "_sum", "_count"].into_iter().find(|ending| self.name.ends_with(ending)) {
            let histogram = self.r#type == Some(Type::Histogram) || !self.buckets.is_empty();
            let name = self.name.trim_end_matches(ending);
            let next = format!("Write `{name}`.");
            return histogram.then(|| Wrong::new(at("name"), format!("a histogram is named without {ending}"), next));
        }
        let other = self.r#type.is_some_and(|kind| kind != Type::Histogram);
        (other && !self.buckets.is_empty())
            .then(|| Wrong::new(at("buckets"), "only a histogram has buckets", "Write type = \"histogram\"."))
    }

    /// The metric is there, of the right type, with the right labels and values.
    pub fn judge(&self, read: &Exposition) -> Result<(), Box<Failure>> {
        let series = self.series(read)?;
        let name = &self.name;
        let kind = read.type_of(name);
        if let Some(wanted) = self.r#type.filter(|wanted| kind.unwrap_or(Type::Untyped) != *wanted) {
            let found = kind.map_or_else(|| "no TYPE line".to_owned(), |kind| format!("a {kind}"));
            return Err(Box::new(
                Failure::new(format!("`{name}` is not a {wanted}."))
                    .expected(format!("a {wanted}"))
                    .actual(found)
                    .next(format!("Make it with the client library's {wanted} class.")),
            ));
        }
        if let Some((sample, label)) =
            series.iter().find_map(|one| Some((one, self.has_labels.iter().find(|l| !one.labels.contains_key(*l))?)))
        {
            let near = curriculum::nearest(label, sample.labels.keys().map(String::as_str));
            let but = near.map(|near| format!(", but `{near}`")).unwrap_or_default();
            let next = match near {
                Some(near) => format!("Rename the label `{near}` to `{label}`."),
                None => format!("Give the metric the label `{label}`."),
            };
            return Err(Box::new(
                Failure::new(format!("A series of `{name}` has no label `{label}`{but}."))
                    .expected(format!("the label `{label}`"))
                    .actual(format!("line {}: {sample}", sample.line))
                    .next(next),
            ));
        }
        if (kind == Some(Type::Histogram) || !self.buckets.is_empty())
            && let Some(flaw) = histogram::flaw(read, name, &self.buckets, |sample| self.takes(sample))
        {
            let failure = Failure::new(format!("The histogram `{name}` {}.", flaw.what));
            return Err(Box::new(failure.expected(flaw.expected).actual(flaw.actual).next(flaw.next_step)));
        }
        let bounds = [
            (self.min, "too small", "at least", f64::lt as fn(&f64, &f64) -> bool),
            (self.max, "too large", "at most", f64::gt as fn(&f64, &f64) -> bool),
        ];
        for (bound, how, words, breaks) in bounds {
            let Some(bound) = bound else { continue };
            // What is no number is within no bounds.
            if let Some(sample) = series.iter().find(|one| breaks(&one.value, &bound) || one.value.is_nan()) {
                let how = if sample.value.is_nan() { "no number" } else { how };
                return Err(Box::new(
                    Failure::new(format!("`{name}` is {how}: {}.", sample.value))
                        .expected(format!("{words} {bound}"))
                        .actual(format!("line {}: {sample} {}", sample.line, sample.value))
                        .next("Look at where the code sets it."),
                ));
            }
        }
        Ok(())
    }

    fn takes(&self, sample: &Sample) -> bool {
        self.labels.iter().all(|(name, value)| sample.labels.get(name) == Some(value))
    }

    /// The series that are looked at: of a histogram or summary, the counts.
    fn series<'a>(&self, read: &'a Exposition) -> Result<Vec<&'a Sample>, Box<Failure>> {
        let name = &self.name;
        let counted = format!("{name}_count");
        let all: Vec<&Sample> = match read.type_of(name) {
            Some(Type::Histogram | Type::Summary) => read.samples.iter().filter(|one| one.name == counted).collect(),
            _ => read.samples.iter().filter(|one| one.name == *name).collect(),
        };
        if all.is_empty() {
            return Err(Box::new(self.absent(read)));
        }
        let taken: Vec<&Sample> = all.iter().copied().filter(|one| self.takes(one)).collect();
        if taken.is_empty() { Err(Box::new(self.other_labels(&all))) } else { Ok(taken) }
    }

    /// How much it rose.
    pub fn judge_rise(&self, before: &Exposition, after: &Exposition) -> Result<f64, Box<Failure>> {
        let name = &self.name;
        // A series that was not there yet had counted nothing.
        let sum = |series: &[&Sample]| series.iter().map(|one| one.value).sum::<f64>();
        let was = self.series(before).map_or(0.0, |series| sum(&series));
        let is = sum(&self.series(after)?);
        let rise = is - was;
        let failure = |summary: String| {
            let wanted = self.rises_by.map_or_else(
                || format!("a rise by at least {}", self.rises_at_least.unwrap_or_default()),
                |by| format!("a rise by {by}"),
            );
            Failure::new(summary).expected(wanted).actual(format!("{was} before, {is} after"))
        };
        let least = self.rises_by.or(self.rises_at_least).unwrap_or_default();
        if rise < 0.0 {
            return Err(Box::new(failure(format!("`{name}` fell from {was} to {is}.")).next(
                "A counter only rises: see that nothing sets it, and that one process alone serves the metrics.",
            )));
        }
        if rise == 0.0 && least > 0.0 {
            return Err(Box::new(failure(format!("`{name}` did not rise.")).next("Count where the work is done.")));
        }
        if rise < least {
            return Err(Box::new(
                failure(format!("`{name}` rose by {rise}, not {least}."))
                    .next("See which of the requests it does not count, such as those that fail."),
            ));
        }
        if self.rises_by.is_some_and(|by| rise > by) {
            return Err(Box::new(
                failure(format!("`{name}` rose by {rise}, not {least}."))
                    .next("It counts something twice, or more than it should: look at every place that counts."),
            ));
        }
        Ok(rise)
    }

    /// There is no such metric: which one comes close?
    fn absent(&self, read: &Exposition) -> Failure {
        let name = self.name.as_str();
        let names: BTreeSet<&str> =
            read.types.keys().map(String::as_str).chain(read.samples.iter().map(|one| one.name.as_str())).collect();
        let failure = |summary: String| Failure::new(summary).expected(format!("a metric `{name}`"));
        if names.contains(name) {
            return failure(format!("`{name}` has a TYPE line and no values."))
                .actual("no values")
                .next("A metric with labels shows its first series when it is first used: use it, then ask again.");
        }
        let longer = |other: &str, short: &str| {
            other.strip_prefix(short).is_some_and(|rest| rest.starts_with('_'))
                || other.strip_suffix(short).is_some_and(|rest| rest.ends_with('_'))
        };
        let near = curriculum::nearest(name, names.iter().copied())
            .or_else(|| names.iter().copied().find(|other| longer(other, name) || longer(name, other)));
        if let Some(near) = near {
            let line = read.samples.iter().find(|one| one.name == near);
            let actual = line.map_or_else(|| near.to_owned(), |one| format!("line {}: {one}", one.line));
            return failure(format!("There is no metric `{name}`, but there is `{near}`."))
                .actual(actual)
                .next(format!("Rename it to `{name}`."));
        }
        // What every Python process shows is not what the learner made.
        let part = |name: &str| {
            let family = ["_bucket", "_sum", "_count"].iter().find_map(|ending| name.strip_suffix(ending));
            family.is_some_and(|family| names.contains(family)) || name.ends_with("_created")
        };
        let own = |name: &&str| !["python_", "process_"].iter().any(|start| name.starts_with(start)) && !part(name);
        let own: Vec<&str> = names.iter().copied().filter(own).collect();
        let actual = if own.is_empty() { "no metrics of its own".to_owned() } else { inline(&own.join(", ")) };
        failure(format!("There is no metric `{name}`.")).actual(actual).next(format!("Make the metric `{name}`."))
    }

    /// The metric is there, but not with these labels.
    fn other_labels(&self, all: &[&Sample]) -> Failure {
        let name = &self.name;
        let wanted = Sample { name: name.clone(), labels: self.labels.clone(), value: 0.0, line: 0 }.to_string();
        let shown = all.iter().take(5).map(|one| format!("line {}: {one}", one.line)).collect::<Vec<_>>().join("\n");
        let failure = |summary: String| Failure::new(summary).expected(wanted.clone()).actual(shown.clone());
        let known: BTreeSet<&str> = all.iter().flat_map(|one| one.labels.keys()).map(String::as_str).collect();
        if let Some(label) = self.labels.keys().find(|label| !known.contains(label.as_str())) {
            let near = curriculum::nearest(label, known.iter().copied());
            let but = near.map(|near| format!(", but `{near}`")).unwrap_or_default();
            let next = match near {
                Some(near) => format!("Rename the label `{near}` to `{label}`."),
                None => format!("Give the metric the label `{label}`."),
            };
            return failure(format!("`{name}` has no label `{label}`{but}.")).next(next);
        }
        let value = self.labels.iter().find_map(|(label, value)| {
            let found: BTreeSet<&str> =
                all.iter().filter_map(|one| one.labels.get(label)).map(String::as_str).collect();
            (!found.contains(value.as_str())).then_some((label, value, found))
        });
        let Some((label, value, found)) = value else {
            let series = count(all.len(), "other series").replace("seriess", "series");
            return failure(format!("`{name}` has no series with these labels together, but {series}."))
                .next("See that each label is given its own value.");
        };
        let near = curriculum::nearest(value, found.iter().copied());
        let but = near.map(|near| format!(", but `{near}`")).unwrap_or_default();
        failure(format!("`{name}` has no series whose `{label}` is `{value}`{but}."))
            .next(format!("Give the label `{label}` the value `{value}` when this is counted."))
    }
}
