//! Every check and every test, in the order in which a failure costs least, stopping at the first. Ends with
//! one line a step and each runner's own closing line.

use std::path::PathBuf;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::engine::{self, Engine};
use crate::places::Places;
use crate::turn::Turn;
use crate::{compile, setup, shell, tidy, ui};

/// A step gives its runner's closing line, or an empty one.
type Step = (&'static str, fn(&Places) -> Result<String>);

const STEPS: &[Step] = &[
    ("set-up", |places| quiet(setup::everything(places))),
    ("format", |places| quiet(shell::run(shell::cargo(places).args(["fmt", "--all", "--check"])))),
    ("tidy", |places| quiet(tidy::tidy(&places.root))),
    ("user interface, build", |places| quiet(ui::build(places))),
    ("user interface, checks", ui::check),
    ("build and clippy", |places| quiet(compile::everything(places))),
    ("tests", tests),
    ("Python clients", clients),
    ("licences and sources", deny),
];

pub fn test(places: &Places) -> Result<()> {
    let _turn = Turn::take(places)?;
    let mut done: Vec<(&str, Duration, String)> = Vec::new();
    for (name, step) in STEPS {
        shell::announce(name);
        let start = Instant::now();
        match step(places) {
            Ok(said) => done.push((name, start.elapsed(), said)),
            Err(error) => {
                summary(&done);
                println!("  failed  {:>6.1} s  {name}", start.elapsed().as_secs_f64());
                let left = STEPS.len() - done.len() - 1;
                return Err(error.context(format!("the step \"{name}\" failed; {left} more were not reached")));
            }
        }
    }
    summary(&done);
    Ok(())
}

fn summary(done: &[(&str, Duration, String)]) {
    println!("\n==> summary");
    for (name, took, said) in done {
        println!("  passed  {:>6.1} s  {name:<24}{said}", took.as_secs_f64());
    }
}

fn quiet(result: Result<()>) -> Result<String> {
    result.map(|()| String::new())
}

fn tests(places: &Places) -> Result<String> {
    // Lives as long as the tests.
    let engine = Engine::open(places).context("the tests of containers need an engine")?;
    shell::run_to_closing_line(&mut nextest(places, &engine)?, |line| line.starts_with("Summary ["))
}

/// All tests, or those that more arguments choose.
pub fn nextest(places: &Places, engine: &Engine) -> Result<Command> {
    let mut nextest = compile::linted(places)?;
    nextest.args(["nextest", "run", "--workspace", "--locked"]).env("INSTA_UPDATE", "no");
    nextest.envs(compile::test_environment(places)?).env(engine::VARIABLE, &engine.address);
    Ok(nextest)
}

/// The official clients, unmodified, each set in its own environment.
fn clients(places: &Places) -> Result<String> {
    let mut said = Vec::new();
    for (name, python) in setup::client_pythons(places)? {
        shell::announce(&name);
        let mut pytest = shell::command(places, python);
        pytest.args(["-m", "pytest", "-p", "no:cacheprovider"]);
        // A set with tests of its own runs those, several versions of a client the same; the others run what all share.
        let client = name.rsplit_once('-').map_or(name.as_str(), |(client, _version)| client);
        let own = format!("tests/clients/{client}");
        match places.root.join(&own).is_dir() {
            true => pytest.arg(own),
            false => pytest.args(shared_by_clients(places)?),
        };
        pytest.envs(compile::test_environment(places)?);
        let closing =
            shell::run_to_closing_line(&mut pytest, |line| line.starts_with('=') && line.contains(" passed"))?;
        said.push(format!("{name}: {}", closing.trim_matches(['=', ' '])));
    }
    if said.is_empty() {
        bail!("tests/clients names no clients");
    }
    Ok(said.join("; "))
}

/// The test files beside the folders. Named one by one: pytest would read the folders' `conftest.py`, too.
fn shared_by_clients(places: &Places) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(places.root.join("tests/clients"))?.flatten().map(|entry| entry.path());
    let is_test = |path: &PathBuf| {
        let name = path.file_name().and_then(|name| name.to_str()).unwrap_or_default();
        name.starts_with("test_") && name.ends_with(".py")
    };
    let mut files: Vec<PathBuf> = entries.filter(is_test).collect();
    files.sort();
    Ok(files)
}

/// Advisories are left out: they need the advisory database, a download that the tests do without.
fn deny(places: &Places) -> Result<String> {
    let mut deny = shell::cargo(places);
    deny.args(["deny", "--workspace", "--all-features", "check", "licenses", "bans", "sources"]);
    let said = shell::run_to_closing_line(&mut deny, |line| line.contains("licenses ok"))?;
    Ok(format!("{said} (advisories not checked: they need a download)"))
}
