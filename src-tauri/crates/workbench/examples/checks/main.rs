//! For `cargo xtask bench checks`: runs one check of each kind over and over on a real workspace, and prints as JSON how
//! many milliseconds each took beyond what it waited for, and how long a save takes to its outcome.
//!
//! Arguments: a pack with the lab `every-kind`, a folder of programs with its Python, and an empty folder.

mod record;
mod saves;
mod stopwatch;

use std::{
    collections::BTreeMap,
    env,
    ffi::OsString,
    io::Write,
    path::{Path, PathBuf},
    process::Command,
    sync::Arc,
    time::Instant,
};

use anyhow::{Context as _, Result, ensure};
use checks::{Context, Status};
use serde::Serialize;
use serde_json::json;
use workspaces::{LiveProbe, Services, Surroundings, Workspace};

use crate::{record::Filled, stopwatch::Stopwatch};

const ROUNDS: usize = 100;
/// The first rounds start the service and read what later ones find in memory.
const WARM_UP: usize = 3;

/// Where the bench works.
struct Places {
    pack: PathBuf,
    programs: PathBuf,
    folder: PathBuf,
}

impl Places {
    fn search_path(&self) -> Result<OsString> {
        let path = env::var_os("PATH").unwrap_or_default();
        Ok(env::join_paths([self.programs.clone()].into_iter().chain(env::split_paths(&path)))?)
    }
}

#[tokio::main]
async fn main() -> Result<()> {
    let mut arguments = env::args_os().skip(1).map(PathBuf::from);
    let mut next = || arguments.next().context("name a pack, a folder of programs and an empty folder");
    let places = Places { pack: next()?, programs: next()?, folder: next()? };
    let lab = only_lab(&places.pack)?;
    let workspace = workspaces::create(&places.folder.join("alone"), &lab)?;
    let figures = json!({
        "kinds": each_kind(&places, &lab, &workspace).await?,
        "bare": starts(&workspace)?,
        "save": saves::measure(&places).await?,
    });
    writeln!(std::io::stdout(), "{figures}")?;
    Ok(())
}

fn only_lab(pack: &Path) -> Result<Arc<curriculum::Lab>> {
    let pack = curriculum::load(pack).map_err(|problems| anyhow::anyhow!("the pack cannot be read: {problems:?}"))?;
    Ok(Arc::new(pack.labs.into_iter().next().context("the pack has no lab")?))
}

/// The milliseconds of each run.
#[derive(Default, Serialize)]
struct Times {
    whole: Vec<f64>,
    /// Beyond those of the programs and answers that it waited for.
    overhead: Vec<f64>,
}

async fn each_kind(places: &Places, lab: &curriculum::Lab, workspace: &Workspace) -> Result<BTreeMap<String, Times>> {
    let surroundings = Surroundings {
        folder: workspace.folder.clone(),
        kept: workspace.kept(),
        search_path: places.search_path()?,
        python: None,
        variables: BTreeMap::new(),
        started: BTreeMap::new(),
    };
    let services = Arc::new(Services::new(&lab.services, &surroundings)?);
    let record = Arc::new(Filled::new(&places.folder.join("journal.db"), lab, workspace)?);
    let prepared = checks::prepare(lab).map_err(|problems| anyhow::anyhow!("the lab cannot run: {problems:?}"))?;
    let mut kinds: BTreeMap<String, Times> = BTreeMap::new();
    let mut earlier = BTreeMap::new();
    for round in 0..WARM_UP + ROUNDS {
        let probe = LiveProbe::new(surroundings.clone(), services.clone(), record.clone())?;
        for check in &prepared {
            let stopwatch = Stopwatch::new(&probe);
            let outcome = checks::run(check, &Context { probe: &stopwatch, earlier: &earlier }).await;
            ensure!(outcome.status == Status::Passed, "the check does not pass: {outcome:#?}");
            if round >= WARM_UP {
                let times = kinds.entry(check.id().to_owned()).or_default();
                times.whole.push(outcome.millis);
                times.overhead.push(outcome.millis - stopwatch.waited_ms());
            }
            earlier.insert(outcome.check.clone(), outcome);
        }
    }
    services.stop().await;
    Ok(kinds)
}

/// Milliseconds that `true`, the program of the check `command`, takes without caps and confinement.
fn starts(workspace: &Workspace) -> Result<Vec<f64>> {
    let mut bare = Vec::new();
    for _ in 0..ROUNDS {
        let clock = Instant::now();
        ensure!(Command::new("true").current_dir(&workspace.folder).status()?.success(), "`true` failed");
        bare.push(clock.elapsed().as_secs_f64() * 1000.0);
    }
    Ok(bare)
}
