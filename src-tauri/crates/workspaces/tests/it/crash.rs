//! What is left of the learner's programs when Groundwork itself is killed.

use std::process::{Command, Stdio};

use crate::support::{FAMILY, Nothing, all_end, ground, processes, service, services, surroundings};

const FOLDER: &str = "GROUNDWORK_TEST_FOLDER";

/// Not a test of its own: the process that the test below kills.
#[tokio::test]
#[ignore = "run by kill_9_leaves_nothing_running"]
async fn holder() {
    let folder = std::path::PathBuf::from(std::env::var_os(FOLDER).unwrap());
    let all = services(&folder, service("family.py"));
    all.get("web").unwrap().start().await;
    let command = checks::Command {
        argv: vec!["python".into(), "family.py".into()],
        stdin: None,
        env: std::collections::BTreeMap::default(),
        timeout: crate::support::HANG,
        memory_mb: 1024,
        output_cap: 1000,
    };
    let probe = workspaces::LiveProbe::new(surroundings(&folder), all, std::sync::Arc::new(Nothing)).unwrap();
    checks::Probe::run(&probe, &command).await.unwrap();
}

#[cfg(target_os = "linux")]
#[test]
fn kill_9_leaves_nothing_running() {
    let ground = ground(&[("family.py", &format!("{FAMILY}\ntime.sleep(1000)"))]);
    let folder = ground.start().folder;
    let mut holder = Command::new(std::env::current_exe().unwrap())
        .args(["crash::holder", "--exact", "--ignored"])
        .env(FOLDER, &folder)
        .stdout(Stdio::null())
        .spawn()
        .unwrap();
    // A service and a command, three processes each.
    let pids = processes(&folder.join("pids"), 6);
    assert!(pids.iter().all(|pid| crate::support::lives(*pid)));
    holder.kill().unwrap();
    holder.wait().unwrap();
    all_end(&pids);
}
