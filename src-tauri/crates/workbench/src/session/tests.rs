//! Runs of checks in a real workspace.

use std::fs;

use tokio::sync::mpsc::unbounded_channel;

use crate::{
    Event, Workbench,
    tests::{LAB, machine, start, until},
};

/// After the checks of a new pack: one that takes its time, and one after that.
const MORE: &str = r#"
[[steps.checks]]
id = "slow"
title = "The program ends"
kind = "command"
run = ["sleep", "300"]
timeout_s = 300

[[steps.checks]]
id = "there"
title = "The settings are there"
kind = "file"
path = "service.toml"
"#;

#[tokio::test]
async fn a_run_that_is_stopped_tells_what_did_not_run_and_the_next_save_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let options = machine(folder.path());
    let lab = options.resources.join("labs").join(LAB).join("lab.toml");
    fs::write(&lab, fs::read_to_string(&lab).unwrap() + MORE).unwrap();
    let workspaces = options.workspaces.clone();
    let (sender, mut events) = unbounded_channel();
    let workbench = Workbench::open(options, sender).await.unwrap();
    start(&workbench, &mut events, LAB).await;

    // Where nothing runs, there is nothing to stop, and nothing is told.
    workbench.stop_checks(LAB).await.unwrap();
    workbench.lab(LAB).await.unwrap();
    until(&mut events, |event| {
        assert!(!matches!(event, Event::ReportFinished { .. }), "{event:?}");
        matches!(event, Event::CheckStarted { check, .. } if check == "slow")
    })
    .await;
    workbench.stop_checks(LAB).await.unwrap();
    let finished = |event: &Event| matches!(event, Event::ReportFinished { .. });
    let Event::ReportFinished { stopped, checks, .. } = until(&mut events, finished).await else { panic!() };
    assert_eq!((stopped, checks), (vec!["slow".to_owned(), "there".to_owned()], 4));
    let lab = workbench.lab(LAB).await.unwrap();
    assert_eq!(lab.running, Vec::<String>::new());
    let checks = lab.steps.iter().flat_map(|step| &step.checks);
    let ran: Vec<&str> = checks.filter(|check| check.outcome.is_some()).map(|check| check.id.as_str()).collect();
    assert_eq!(ran, ["port-set", "timeout-set"]);

    let settings = workspaces.join(LAB).join("service.toml");
    fs::write(&settings, fs::read_to_string(&settings).unwrap().replace("port = 0", "port = 8080")).unwrap();
    let Event::ReportFinished { stopped, passed, .. } = until(&mut events, finished).await else { panic!() };
    assert_eq!((stopped, passed), (Vec::new(), 2), "the port and the file");
    workbench.close().await;
}
