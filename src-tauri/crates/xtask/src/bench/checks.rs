//! What a check costs beyond the programs and answers that it waits for, kind by kind, and how long a save takes to
//! the outcome of an `http` check on a FastAPI service. The example `checks` of `workbench` does the work.

use anyhow::{Context, Result};
use serde_json::Value;

use super::{Figures, percentile, workspace::Home};
use crate::places::Places;
use crate::{setup, shell};

const EXAMPLE: &str = "src-tauri/crates/workbench/examples/checks";

pub fn measure(places: &Places) -> Result<Figures> {
    let python = setup::environment(places, "bench-checks", &format!("{EXAMPLE}/requirements.txt"))?;
    let home = Home::new("checks")?;
    shell::announce("each kind of check, over and over");
    let mut example = shell::command(places, places.release_binary("examples/checks"));
    example.arg(places.root.join(EXAMPLE).join("pack")).arg(python.join("bin")).arg(home.folder());
    let found: Value = serde_json::from_str(&shell::read(&mut example)?)?;

    let mut figures = Figures::default();
    let mut all = Vec::new();
    let kinds = found["kinds"].as_object().context("the example names no kinds")?;
    for (kind, times) in kinds {
        let overhead = numbers(&times["overhead"])?;
        figures.times(&format!("overhead_{kind}"), &format!("{kind}, beyond what it waits for"), &overhead);
        all.push(percentile(&overhead, 95.0));
    }
    let most = all.into_iter().fold(f64::NEG_INFINITY, f64::max);
    figures.figure("overhead_p95_ms", "the kind with the most, p95", most, "ms");
    figures.times("start_bare", "`true`, started without caps and confinement", &numbers(&found["bare"])?);
    let command = numbers(&found["kinds"]["command"]["whole"])?;
    figures.times("start_confined", "`true` in a `command` check, the whole check", &command);
    figures.times("http_warm", "save to the outcome of an http check", &numbers(&found["save"]["warm"])?);
    figures.times("http_restart", "the same, with a restart of the service", &numbers(&found["save"]["restart"])?);
    Ok(figures)
}

fn numbers(list: &Value) -> Result<Vec<f64>> {
    let list = list.as_array().context("the example printed no times")?;
    list.iter().map(|time| time.as_f64().context("the example printed a time that is no number")).collect()
}
