//! Whether a histogram is one: cumulative buckets up to `+Inf`, a count that is the last of them, a sum.

use std::collections::BTreeMap;

use super::exposition::{Exposition, Sample, number};

/// The first thing that is wrong with a histogram.
#[derive(Debug)]
pub struct Flaw {
    pub what: String,
    pub expected: String,
    pub actual: String,
    pub next_step: String,
}

/// A series with its labels but `le`.
type Series = BTreeMap<String, String>;

/// Every series of the histogram `name` that `chosen` takes, with its buckets by bound.
fn buckets<'a>(
    read: &'a Exposition,
    name: &str,
    chosen: impl Fn(&Sample) -> bool,
) -> BTreeMap<Series, Vec<(f64, &'a Sample)>> {
    let mut found: BTreeMap<Series, Vec<(f64, &Sample)>> = BTreeMap::new();
    let bucket = format!("{name}_bucket");
    for sample in read.samples.iter().filter(|sample| sample.name == bucket && chosen(sample)) {
        let bound = sample.labels.get("le").and_then(|le| number(le)).unwrap_or(f64::NAN);
        found.entry(without_bound(sample)).or_default().push((bound, sample));
    }
    for series in found.values_mut() {
        series.sort_by(|a, b| a.0.total_cmp(&b.0));
    }
    found
}

fn without_bound(sample: &Sample) -> Series {
    sample.labels.iter().filter(|(name, _)| *name != "le").map(|(a, b)| (a.clone(), b.clone())).collect()
}

/// `wanted` are bounds that must be among the buckets.
pub fn flaw(read: &Exposition, name: &str, wanted: &[f64], chosen: impl Fn(&Sample) -> bool + Copy) -> Option<Flaw> {
    let found = buckets(read, name, chosen);
    if found.is_empty() {
        return Some(Flaw {
            what: "has no buckets".to_owned(),
            expected: format!("series called `{name}_bucket` with the label `le`"),
            actual: "none".to_owned(),
            next_step: "Make it with the client library's Histogram and let it observe a value.".to_owned(),
        });
    }
    found.iter().find_map(|(labels, buckets)| flaw_of(read, name, wanted, labels, buckets))
}

fn flaw_of(read: &Exposition, name: &str, wanted: &[f64], labels: &Series, buckets: &[(f64, &Sample)]) -> Option<Flaw> {
    let flaw = |what: String, expected: String, actual: String, next: &str| {
        Some(Flaw { what, expected, actual, next_step: next.to_owned() })
    };
    let library = "Let the client library's Histogram count; it does not let this happen.";
    if let Some((_, sample)) = buckets.iter().find(|(bound, _)| bound.is_nan()) {
        let expected = "a label `le` with a number or +Inf".to_owned();
        return flaw("has a bucket without a bound".to_owned(), expected, sample.to_string(), library);
    }
    for pair in buckets.windows(2) {
        let ((_, smaller), (_, larger)) = (pair[0], pair[1]);
        if larger.value < smaller.value {
            return flaw(
                format!("has buckets that are not cumulative, in line {}", larger.line),
                format!("at least {} in {larger}", smaller.value),
                format!("{}", larger.value),
                "A bucket counts everything up to its bound, so it holds all that the smaller ones hold.",
            );
        }
    }
    let last = buckets.last().filter(|(bound, _)| *bound == f64::INFINITY);
    let bounds = || buckets.iter().map(|(bound, _)| shown(*bound)).collect::<Vec<_>>().join(", ");
    let Some((_, last)) = last else {
        return flaw("has no bucket up to +Inf".to_owned(), "a bucket with le=\"+Inf\"".to_owned(), bounds(), library);
    };
    let of = |ending: &str| {
        let name = format!("{name}{ending}");
        read.samples.iter().find(|sample| sample.name == name && sample.labels == *labels)
    };
    for ending in ["_count", "_sum"] {
        if of(ending).is_none() {
            return flaw(format!("has no `{name}{ending}`"), format!("`{name}{ending}`"), "none".to_owned(), library);
        }
    }
    if let Some(all) = of("_count").filter(|all| all.value != last.value) {
        let (expected, actual) = (format!("{} in {all}", last.value), all.value.to_string());
        return flaw("counts another number than its last bucket".to_owned(), expected, actual, library);
    }
    let missing = wanted.iter().find(|wanted| !buckets.iter().any(|(bound, _)| bound == *wanted))?;
    flaw(
        format!("has no bucket up to {}", shown(*missing)),
        format!("a bucket with le=\"{}\"", shown(*missing)),
        format!("buckets up to {}", bounds()),
        "Name the buckets where the histogram is made: Histogram(…, buckets=(…)).",
    )
}

fn shown(bound: f64) -> String {
    if bound == f64::INFINITY { "+Inf".to_owned() } else { bound.to_string() }
}
