//! A lab with one check of interest, run on a made-up workspace, and its outcome as text.

use std::{collections::BTreeMap, fs};

use checks::{Context, Outcome, Place, Probe, Status, prepare, run};
use curriculum::{Lab, Problem};
use testkit::memory_probe::MemoryProbe;

const PACK: &str = r#"format = 1
id = "6f2b1c1e-8f8a-4a2e-9a55-0d6a1f0c7b11"
title = "Pack"
version = 1
authors = []
licence = "CC-BY-4.0"
[plan]
days = 1
phases = [{ id = "one", title = "One", summary = "", days = [1, 1] }]
labs = [{ slug = "lab", title = "Lab", summary = "", days = [1, 1] }]
"#;

/// Thirteen lines; the checks begin on the fourteenth.
const LAB: &str = r#"format = 1
id = "0c9d6f5e-3b1a-4c62-8d26-5a4f8e1b2c33"
version = 1
title = "Lab"
summary = ""
minutes = 1
starter_fails_on = "it"
requires = { memory_mb = 1, disk_mb = 1, docker = "no" }
services = [{ name = "web", command = ["python", "main.py"], ready = { path = "/" }, restart_on = ["app/*.py"] }]
[[steps]]
id = "step"
title = "Step"
guide = "01.md"
"#;

/// The lab whose checks are written in `checks`, read as from a pack.
pub fn lab(checks: &str) -> Result<Lab, Vec<Problem>> {
    let folder = tempfile::tempdir().unwrap();
    fs::create_dir_all(folder.path().join("lab/guide")).unwrap();
    fs::create_dir_all(folder.path().join("lab/starter")).unwrap();
    fs::write(folder.path().join("pack.toml"), PACK).unwrap();
    fs::write(folder.path().join("lab/guide/01.md"), "# Page\n").unwrap();
    fs::write(folder.path().join("lab/lab.toml"), format!("{LAB}{checks}")).unwrap();
    curriculum::load(folder.path()).map(|pack| pack.labs[0].clone())
}

/// A check `it` of the kind, with these settings.
pub fn one(kind: &str, settings: &str) -> Lab {
    lab(&format!("[[steps.checks]]\nid = \"it\"\ntitle = \"It\"\nkind = \"{kind}\"\n{settings}\n")).unwrap()
}

pub async fn outcome(lab: &Lab, probe: &dyn Probe, earlier: &BTreeMap<String, Outcome>) -> Outcome {
    let checks = prepare(lab).unwrap();
    let it = checks.iter().find(|check| check.id() == "it").unwrap();
    run(it, &Context { probe, earlier }).await
}

/// What is done, in which world, and all that is then told.
pub type Case<'a> = (&'a str, &'a str, MemoryProbe, &'a str);

pub async fn table(kind: &str, cases: Vec<Case<'_>>) {
    let mut wrong = String::new();
    for (name, settings, probe, expected) in cases {
        let told = render(&outcome(&one(kind, settings), &probe, &BTreeMap::new()).await);
        if told != expected {
            wrong += &format!("--- {name}\n{told}\n+++ expected\n{expected}\n\n");
        }
    }
    assert!(wrong.is_empty(), "{wrong}");
}

pub fn render(outcome: &Outcome) -> String {
    let status = match outcome.status {
        Status::Passed => "passed",
        Status::Failed => "failed",
        Status::Blocked => "blocked",
        Status::Error => "error",
    };
    let place = outcome.place.as_ref().map(|place| match place {
        Place::File { path, line: Some(line) } => format!("{path}:{line}"),
        Place::File { path, line: None } => path.clone(),
        Place::Url { url } => url.clone(),
        Place::Command { command } => format!("$ {command}"),
        Place::Quiz { check } => format!("quiz {check}"),
    });
    let measured = outcome.measured.iter().map(|figure| format!("{} {} {}", figure.name, figure.value, figure.unit));
    let measured = measured.map(|figure| figure.trim().to_owned()).collect::<Vec<_>>().join(", ");
    let lines = [
        ("expected", outcome.expected.clone()),
        ("actual", outcome.actual.clone()),
        ("at", place),
        ("next", outcome.next_step.clone()),
        ("measured", Some(measured).filter(|text| !text.is_empty())),
    ];
    let lines = lines.into_iter().filter_map(|(name, text)| Some(format!("{name}: {}", text?)));
    std::iter::once(format!("{status}: {}", outcome.summary)).chain(lines).collect::<Vec<_>>().join("\n")
}
