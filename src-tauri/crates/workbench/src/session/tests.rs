//! Runs of checks in a real workspace.

use std::{env, fs, path::Path, time::Duration};

use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use crate::{Event, Options, TaskStep, Workbench, authoring};

const LAB: &str = "first-lab";

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

async fn until(events: &mut UnboundedReceiver<Event>, mut is_it: impl FnMut(&Event) -> bool) -> Event {
    loop {
        let event = timeout(Duration::from_secs(60), events.recv()).await.expect("it does not happen").unwrap();
        if is_it(&event) {
            return event;
        }
    }
}

#[tokio::test]
async fn a_run_that_is_stopped_tells_what_did_not_run_and_the_next_save_is_checked() {
    let folder = tempfile::tempdir().unwrap();
    let resources = folder.path().join("resources");
    authoring::scaffold(&resources.join("labs"), None).unwrap();
    let lab = resources.join("labs").join(LAB).join("lab.toml");
    fs::write(&lab, fs::read_to_string(&lab).unwrap() + MORE).unwrap();
    let workspaces = folder.path().join("workspaces");
    let home = |name: &str| (name == "HOME").then(|| "/".into());
    let options = Options {
        data: folder.path().join("data"),
        workspaces: workspaces.clone(),
        resources,
        port: 0,
        search_path: env::var_os("PATH").unwrap_or_default(),
        ..Options::read("1.0.0", Path::new("/"), home).unwrap()
    };
    let (sender, mut events) = unbounded_channel();
    let workbench = Workbench::open(options, sender).await.unwrap();
    workbench.start_lab(LAB, false).unwrap();
    let ends = |event: &Event| matches!(event, Event::Task { step: TaskStep::Finished | TaskStep::Failed { .. }, .. });
    let ended = until(&mut events, ends).await;
    assert!(matches!(&ended, Event::Task { step: TaskStep::Finished, .. }), "{ended:?}");

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
