//! Benches: each builds in release, measures, prints a table for people and, as its last line, one JSON object
//! for programs. Owns how figures are summed up and shown; never judges them.

mod checks;
mod containers;
mod display;
mod embeddings;
mod frames;
mod inference;
mod labs;
mod llama_cpp;
mod machine;
mod map;
mod memory;
mod processes;
mod retrieval;
mod save;
mod server;
mod serving;
mod start;
mod webdriver;
mod window;
mod workspace;

use anyhow::{Result, bail};
use serde_json::{Map, Value, json};

use crate::places::Places;
use crate::turn::Turn;
use crate::{compile, setup, shell, ui};

/// A bench by its name, and the programs that it runs, ours and examples.
type Bench = (&'static str, fn(&Places) -> Result<Figures>, &'static [&'static str]);

const BENCHES: &[Bench] = &[
    ("start", start::measure, &["desktop", "groundwork", "examples/empty"]),
    ("save", save::measure, &["desktop", "groundwork"]),
    ("checks", checks::measure, &["examples/checks"]),
    ("inference", inference::measure, &["examples/speed"]),
    ("serving", serving::measure, &["groundwork", "examples/clients"]),
    ("embeddings", embeddings::measure, &["examples/embeddings"]),
    ("retrieval", retrieval::measure, &["groundwork", "examples/retrieval"]),
    ("million", retrieval::million, &["examples/retrieval"]),
    ("map", map::measure, &["desktop", "examples/retrieval"]),
    ("window", window::measure, &["desktop", "groundwork"]),
    ("containers", containers::measure, &["groundwork"]),
    ("labs", labs::measure, &["groundwork"]),
];

pub fn bench(places: &Places, arguments: &[String]) -> Result<()> {
    let wanted = match arguments {
        [name] => BENCHES.iter().find(|(known, ..)| known == name),
        _ => None,
    };
    let Some((name, measure, programs)) = wanted else {
        let names: Vec<&str> = BENCHES.iter().map(|(name, ..)| *name).collect();
        bail!("name one bench: {}", names.join(", "));
    };
    let _turn = Turn::take(places)?;
    setup::everything(places)?;
    ui::build(places)?;
    shell::announce("build in release");
    compile::for_benches(places, programs)?;
    let figures = measure(places)?;
    let machine = machine::describe(places)?;
    println!("\n{}, {} threads, {:.0} GB", machine["cpu"], machine["threads"], machine["memory_gb"]);
    for row in &figures.rows {
        println!("  {row}");
    }
    println!("{}", json!({ "bench": name, "machine": machine, "figures": figures.keys }));
    Ok(())
}

/// What a bench found: rows for people, keys for programs.
#[derive(Debug, Default)]
struct Figures {
    rows: Vec<String>,
    keys: Map<String, Value>,
}

impl Figures {
    /// Times in milliseconds, as their middle, their 95th percentile and their extremes.
    fn times(&mut self, key: &str, what: &str, times: &[f64]) {
        let [p50, p95] = [50.0, 95.0].map(|percent| percentile(times, percent));
        let (least, most) = (percentile(times, 0.0), percentile(times, 100.0));
        let count = times.len();
        self.rows
            .push(format!("{what:<52} p50 {p50:>7.1} ms   p95 {p95:>7.1} ms   {least:.1} to {most:.1}, {count} runs"));
        self.keys.insert(format!("{key}_p50_ms"), rounded(p50));
        self.keys.insert(format!("{key}_p95_ms"), rounded(p95));
    }

    /// Ours and a peer's, round by round, and what the one is of the other: the middle of each.
    fn ratio(&mut self, key: &str, what: &str, [ours, theirs]: [&[f64]; 2], unit: &str) {
        let ratios: Vec<f64> = ours.iter().zip(theirs).map(|(ours, theirs)| ours / theirs).collect();
        let [ours, theirs, ratio] = [ours, theirs, &ratios].map(|values| percentile(values, 50.0));
        let (least, most) = (percentile(&ratios, 0.0), percentile(&ratios, 100.0));
        self.rows.push(format!(
            "{what:<52} {ours:>9.1} beside {theirs:>9.1} {unit}: {ratio:.2} times ({least:.2} to {most:.2}, {} rounds)",
            ratios.len()
        ));
        self.keys.insert(key.to_owned(), json!((ratio * 1000.0).round() / 1000.0));
    }

    fn share(&mut self, key: &str, what: &str, share: f64) {
        self.rows.push(format!("{what:<52} {share:>9.2}"));
        self.keys.insert(key.to_owned(), json!((share * 1000.0).round() / 1000.0));
    }

    /// Processor time, in cores.
    fn cores(&mut self, key: &str, what: &str, cores: f64) {
        self.rows.push(format!("{what:<52} {:>11.2} % of a core", cores * 100.0));
        self.keys.insert(key.to_owned(), json!((cores * 10_000.0).round() / 10_000.0));
    }

    fn figure(&mut self, key: &str, what: &str, value: f64, unit: &str) {
        self.rows.push(format!("{what:<52} {value:>11.1} {unit}"));
        self.keys.insert(key.to_owned(), rounded(value));
    }
}

fn rounded(value: f64) -> Value {
    json!((value * 10.0).round() / 10.0)
}

/// The smallest value that `percent` of all values do not exceed (nearest rank).
fn percentile(values: &[f64], percent: f64) -> f64 {
    let mut sorted = values.to_vec();
    sorted.sort_by(f64::total_cmp);
    let rank = (percent / 100.0 * sorted.len() as f64).ceil() as usize;
    sorted.get(rank.saturating_sub(1)).copied().unwrap_or(f64::NAN)
}

#[cfg(test)]
mod tests {
    #[test]
    fn percentiles_are_values_that_were_seen() {
        let values: Vec<f64> = (1..=20).rev().map(f64::from).collect();
        for (percent, expected) in [(0.0, 1.0), (50.0, 10.0), (95.0, 19.0), (100.0, 20.0)] {
            assert_eq!(super::percentile(&values, percent), expected);
        }
        assert!(super::percentile(&[], 50.0).is_nan());
    }
}
