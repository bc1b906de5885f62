//! Collections beside hnswlib and faiss, on one thread with the same vectors, in turn in one run. The example `retrieval`
//! of the crate is our side; peers.py beside it runs the rounds and compares with the quicker of both, also along the whole
//! curve of recall over speed. Then the same vectors through the gateway, beside qdrant-client's own local mode: gateway.py.

use std::{path::PathBuf, process::Command};

use anyhow::{Context, Result};
use serde_json::{Value, json};

use super::{Figures, percentile, rounded, server::Server, workspace::Home};
use crate::places::Places;
use crate::{setup, shell};

const EXAMPLE: &str = "src-tauri/crates/retrieval/examples/retrieval";

pub fn measure(places: &Places) -> Result<Figures> {
    let bench = Bench::new(places)?;
    let mut figures = bench.beside_libraries(100_000)?;
    shell::announce("the same through the gateway, in turn with qdrant-client's local mode");
    let server = Server::groundwork(places, &bench.home)?;
    let mut clients = bench.script("gateway.py");
    let said = shell::read(clients.arg(server.url.trim_end_matches("/v1")).arg(&server.key))?;
    through_the_gateway(&last_line(&said)?, &mut figures)?;
    Ok(figures)
}

/// Ten times as many, beside the libraries alone: the local mode of a client is not made for so many.
pub fn million(places: &Places) -> Result<Figures> {
    Bench::new(places)?.beside_libraries(1_000_000)
}

struct Bench<'a> {
    places: &'a Places,
    environment: PathBuf,
    home: Home,
    /// Where the gateway looks for its collections.
    data: PathBuf,
}

impl<'a> Bench<'a> {
    fn new(places: &'a Places) -> Result<Self> {
        let environment = setup::environment(places, "bench-retrieval", &format!("{EXAMPLE}/requirements.txt"))?;
        let home = Home::new("retrieval")?;
        let data = home.folder().join("data");
        std::fs::create_dir_all(&data)?;
        Ok(Self { places, environment, home, data })
    }

    fn script(&self, name: &str) -> Command {
        let mut script = shell::command(self.places, setup::interpreter(&self.environment));
        script.arg(self.places.root.join(EXAMPLE).join(name)).arg(&self.data);
        script
    }

    fn beside_libraries(&self, vectors: u32) -> Result<Figures> {
        shell::announce(&format!("{vectors} vectors, in turn with hnswlib and faiss"));
        let mut peers = self.script("peers.py");
        peers.arg(vectors.to_string()).arg(self.places.release_binary("examples/retrieval"));
        figures(&last_line(&shell::read(&mut peers)?)?)
    }
}

fn last_line(said: &str) -> Result<Value> {
    Ok(serde_json::from_str(said.lines().next_back().unwrap_or_default())?)
}

fn through_the_gateway(found: &Value, figures: &mut Figures) -> Result<()> {
    for (key, what, unit) in [
        ("gateway_qps", "queries through the gateway, local mode beside", "queries/s"),
        ("gateway_p95", "95 of 100 queries take at most, local mode beside", "ms"),
    ] {
        let (ours, theirs): (Vec<f64>, Vec<f64>) = pairs(&found[key])?.into_iter().unzip();
        figures.ratio(&format!("{key}_ratio"), what, [&ours, &theirs], unit);
    }
    let recall = found["recall"].as_f64().context("gateway.py said no recall")?;
    figures.share("gateway_recall", "recall@10 of these queries", recall);
    Ok(())
}

fn figures(found: &Value) -> Result<Figures> {
    let mut figures = Figures::default();
    let number = |key: &str| found[key].as_f64().with_context(|| format!("peers.py said no {key}"));
    let peer = found["peer"].as_str().context("peers.py named no peer")?;
    let queries = number("queries")?;
    let rates = pairs(&found["rounds"])?.into_iter().map(|(ours, peer)| (queries / ours, queries / peer));
    let compared = [
        ("qps_ratio", format!("queries at recall {:.3}", number("recall_at_speed")?), "queries/s", rates.collect()),
        ("build_ratio", "index built".to_owned(), "s", pairs(&found["builds"])?),
        ("memory_ratio", "memory to answer from it".to_owned(), "MB", pairs(&found["memory"])?),
    ];
    for (key, what, unit, rounds) in compared {
        let (ours, theirs): (Vec<f64>, Vec<f64>) = rounds.into_iter().unzip();
        figures.ratio(key, &format!("{what}, {peer}'s beside"), [&ours, &theirs], unit);
    }
    figures.share("peer_recall_at_speed", "recall of the peer's queries", number("peer_recall_at_speed")?);
    for (key, said, what) in [
        ("recall", "recall", "recall@10, 64 candidates"),
        ("recall_1pct", "recall_hundredth", "the same where one point in a hundred passes"),
        ("recall_10pct", "recall_tenth", "the same where one in ten passes"),
        ("recall_50pct", "recall_half", "the same where half pass"),
    ] {
        figures.share(key, what, number(said)?);
    }
    for (key, said, what) in [
        ("query_1pct_ms", "milliseconds_hundredth", "a query where one point in a hundred passes"),
        ("query_10pct_ms", "milliseconds_tenth", "a query where one in ten passes"),
        ("query_50pct_ms", "milliseconds_half", "a query where half pass"),
    ] {
        figures.figure(key, what, number(said)?, "ms");
    }
    let list = |key: &str| {
        let list = found[key].as_array().with_context(|| format!("peers.py said no {key}"))?;
        list.iter().map(|value| value.as_f64().context("no number")).collect::<Result<Vec<f64>>>()
    };
    figures.figure("insert_seconds", "points kept on the disk", percentile(&list("insert_seconds")?, 50.0), "s");
    let peak = percentile(&list("build_peak_mb")?, 50.0);
    figures.figure("build_peak_mb", "memory at the most, points kept and index built", peak, "MB");
    figures.figure("open_ms", "open to the first answer", percentile(&list("open")?, 50.0), "ms");
    along_the_curve(found, peer, &mut figures)?;
    Ok(figures)
}

/// A row for each number of candidates: what both sides find with it, and how quickly.
fn along_the_curve(found: &Value, peer: &str, figures: &mut Figures) -> Result<()> {
    let curve = |side: &str| {
        let points = found[side].as_array().with_context(|| format!("peers.py said no {side}"))?;
        let point = |point: &Value| Some((point[0].as_u64()?, point[1].as_f64()?, point[2].as_f64()?));
        let points = points.iter().map(|each| point(each).context("a point without its three numbers"));
        points.collect::<Result<Vec<_>>>()
    };
    for (ours, theirs) in curve("curve")?.into_iter().zip(curve("peer_curve")?) {
        let what = format!("{} candidates, {peer}'s beside", ours.0);
        let ((expansion, recall, rate), (_, peer_recall, peer_rate)) = (ours, theirs);
        figures.rows.push(format!(
            "{what:<52} {rate:>9.1} beside {peer_rate:>9.1} queries/s at recall {recall:.3} beside {peer_recall:.3}"
        ));
        for (side, recall, rate) in [("", recall, rate), ("peer_", peer_recall, peer_rate)] {
            figures.keys.insert(format!("{side}recall_ef{expansion}"), json!((recall * 1000.0).round() / 1000.0));
            figures.keys.insert(format!("{side}qps_ef{expansion}"), rounded(rate));
        }
    }
    Ok(())
}

/// What each round took: ours, and the peer's.
fn pairs(list: &Value) -> Result<Vec<(f64, f64)>> {
    let list = list.as_array().context("peers.py named no rounds")?;
    let pair = |round: &Value| Some((round[0].as_f64()?, round[1].as_f64()?));
    list.iter().map(|round| pair(round).context("a round without its two numbers")).collect()
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    #[test]
    fn ratios_are_the_middle_of_the_rounds() {
        let mut found = json!({
            "peer": "hnswlib", "queries": 100, "recall_at_speed": 0.95, "peer_recall_at_speed": 0.96, "recall": 0.99,
            "rounds": [[1.0, 2.0], [1.0, 1.5], [2.0, 2.5]], "builds": [[1.0, 4.0], [3.0, 4.0], [2.0, 4.0]],
            "memory": [[50.0, 100.0]], "insert_seconds": [5.0], "open": [40.0, 30.0, 20.0],
            "build_peak_mb": [310.0, 300.0, 290.0],
            "curve": [[10, 0.91, 2000.0], [64, 0.99, 500.0]], "peer_curve": [[10, 0.9, 2500.0], [64, 0.985, 600.0]],
        });
        for field in ["half", "tenth", "hundredth"] {
            found[format!("recall_{field}")] = json!(0.97);
            found[format!("milliseconds_{field}")] = json!(1.5);
        }
        let super::Figures { keys, rows } = super::figures(&found).unwrap();
        let expected = [
            ("qps_ratio", 1.5),
            ("build_ratio", 0.5),
            ("memory_ratio", 0.5),
            ("recall", 0.99),
            ("recall_1pct", 0.97),
            ("open_ms", 30.0),
            ("build_peak_mb", 300.0),
            ("recall_ef10", 0.91),
            ("qps_ef64", 500.0),
            ("peer_recall_ef64", 0.985),
            ("peer_qps_ef10", 2500.0),
        ];
        for (key, value) in expected {
            assert_eq!(keys[key], json!(value), "{key}");
        }
        let shown: Vec<&String> = rows.iter().filter(|row| row.contains("candidates, hnswlib's beside")).collect();
        assert!(shown.len() == 2 && shown[1].contains("500.0 beside     600.0 queries/s at recall 0.990"), "{rows:?}");
        assert!(super::figures(&json!({ "peer": "faiss", "queries": 1, "rounds": [[1.0]] })).is_err());
    }
}
