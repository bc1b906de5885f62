use std::collections::BTreeMap;
use std::path::PathBuf;
use std::time::{Duration, Instant};

use task::Cancellation;

use super::*;
use crate::{Beside, Error, Found, Health, Limits, Machine, MachineRun};

fn wanted(name: &str) -> MachineRun {
    MachineRun {
        name: name.into(),
        image: None,
        environment: BTreeMap::from([("GREETING".into(), "hello".into())]),
        limits: Limits { memory: 256 << 20, cpus: 1.0, processes: 64 },
        services: Vec::new(),
        within: Duration::from_secs(60),
    }
}

/// What a shell says, and its code.
async fn sh(machine: &Machine, line: &str) -> (Option<i64>, String) {
    let argv = ["sh", "-c", line].map(str::to_owned);
    let own = BTreeMap::from([("OWN".to_owned(), "a b".to_owned())]);
    let done = machine.execute(&argv, &own, Duration::from_secs(30)).await.unwrap();
    (done.code, done.output)
}

fn left(name: &str) -> String {
    let filter = format!("label=dev.groundwork.run={name}");
    docker(&["ps", "--all", "--quiet", "--filter", &filter])
        + &docker(&["network", "ls", "--quiet", "--filter", &filter])
}

#[tokio::test]
async fn a_machine_takes_files_runs_programs_and_gives_files_back() {
    let engine = engine().await;
    let name = "test-machine";
    // What a crash left under its name makes way.
    drop(engine.machine(&wanted(name), &Cancellation::new()).await.unwrap());
    let machine = engine.machine(&wanted(name), &Cancellation::new()).await.unwrap();
    assert_eq!(
        sh(&machine, "exec 2>&1; echo $GREETING $OWN; echo oh >&2; exit 3").await,
        (Some(3), "hello a b\noh\n".to_owned())
    );
    let folder = Folder::new(&[("app/main.py", "print(1)"), ("bad.txt", "good"), ("gone.txt", "x")]);
    let paths: Vec<PathBuf> = ["app/main.py", "bad.txt", "gone.txt", "never.txt"].map(PathBuf::from).to_vec();
    let changes = [("bad.txt", Some("bad")), ("gone.txt", None), ("new/one.txt", Some("1"))];
    let changes = changes.map(|(path, text)| (path.to_owned(), text.map(|text| text.as_bytes().to_vec())));
    machine.copy(folder.path(), paths, "/made", &changes.into()).await.unwrap();
    assert_eq!(
        sh(&machine, "cd /made && find . -type f | sort && cat bad.txt").await.1,
        "./app/main.py\n./bad.txt\n./new/one.txt\nbad"
    );
    // The copy is a copy.
    assert_eq!(std::fs::read_to_string(folder.at("bad.txt")).unwrap(), "good");
    machine.write(&BTreeMap::from([("/tmp/a/b".to_owned(), b"text".to_vec())])).await.unwrap();
    assert_eq!(machine.read("/tmp/a/b", 1 << 20).await.unwrap(), Found::File(b"text".to_vec()));
    sh(&machine, "mkdir -p /out/deep /empty; echo 1 > /out/deep/x; echo 2 > /out/y").await;
    let files = [("deep/x", "1\n"), ("y", "2\n")].map(|(path, text)| (path.to_owned(), text.as_bytes().to_vec()));
    assert_eq!(machine.read("/out", 1 << 20).await.unwrap(), Found::Folder(files.into()));
    assert_eq!(machine.read("/empty", 1 << 20).await.unwrap(), Found::Nothing);
    assert_eq!(machine.read("/none", 1 << 20).await.unwrap(), Found::Nothing);
    assert_eq!(machine.read("/out", 1 << 10).await.unwrap(), Found::TooLarge);
    let began = Instant::now();
    let argv = ["sleep", "60"].map(str::to_owned);
    let late = machine.execute(&argv, &BTreeMap::new(), Duration::from_secs(1)).await.unwrap();
    assert!(late.code.is_none() && began.elapsed() < Duration::from_secs(30), "{late:?}");
    let long = machine
        .execute(&["seq", "200000"].map(str::to_owned), &BTreeMap::new(), Duration::from_secs(60))
        .await
        .unwrap();
    assert!(long.cut && long.output.ends_with("\n200000\n"), "{} bytes", long.output.len());
    machine.remove().await.unwrap();
    assert_eq!(left(name), "");
}

#[tokio::test]
async fn a_machine_has_limits_and_no_way_to_the_engine() {
    let engine = engine().await;
    let machine = engine.machine(&wanted("test-walls"), &Cancellation::new()).await.unwrap();
    let id = docker(&["ps", "--quiet", "--filter", "name=groundwork-test-walls"]);
    let format = "{{.HostConfig.Memory}} {{.HostConfig.MemorySwap}} {{.HostConfig.PidsLimit}} {{.HostConfig.SecurityOpt}} {{.HostConfig.Privileged}} {{len .Mounts}}";
    assert_eq!(docker(&["inspect", "--format", format, &id]), "268435456 268435456 64 [no-new-privileges] false 0");
    assert_eq!(sh(&machine, "grep NoNewPrivs /proc/self/status; ls /var/run/docker.sock").await.0, Some(2));
    let greedy = sh(&machine, "python3 -c 'x = bytearray(600_000_000)'").await;
    assert_eq!(greedy.0, Some(137), "{greedy:?}");
    machine.remove().await.unwrap();
}

const SERVES: &str = "import http.server as h; h.HTTPServer(('', 8000), h.SimpleHTTPRequestHandler).serve_forever()";

#[tokio::test]
async fn services_are_well_and_reached_where_their_ports_are() {
    let engine = engine().await;
    let folder = Folder::new(&[("Dockerfile", &format!("FROM {PYTHON}\nCMD [\"python3\", \"-c\", \"{SERVES}\"]\n"))]);
    let image = "groundwork-test-machine-service:latest";
    engine.build(&crate::Build::new(image, folder.path()), &Heard::default(), &Cancellation::new()).await.unwrap();
    let asks = "python3 -c \"import urllib.request as u; u.urlopen('http://127.0.0.1:8000')\"";
    let health = |test: &str| Health {
        test: Some(vec!["CMD-SHELL".into(), test.into()]),
        interval: Some(500_000_000),
        timeout: None,
        retries: Some(10),
        start_period: None,
    };
    let service = Beside {
        name: "web".into(),
        image: image.into(),
        environment: BTreeMap::new(),
        ports: vec![(9000, 8000)],
        health: Some(health(asks)),
    };
    let name = "test-beside";
    let machine = engine
        .machine(&MachineRun { services: vec![service.clone()], ..wanted(name) }, &Cancellation::new())
        .await
        .unwrap();
    let ask = |host: &str| {
        format!("python3 -c \"import urllib.request as u; print(u.urlopen('http://{host}/', timeout=5).status)\"")
    };
    assert_eq!(sh(&machine, &ask("localhost:9000")).await, (Some(0), "200\n".to_owned()));
    // GitHub's own machine does not know it by its name either.
    assert_eq!(sh(&machine, &ask("web:8000")).await.0, Some(1));
    machine.remove().await.unwrap();
    assert_eq!(left(name), "");

    let own = MachineRun { image: Some(PYTHON.into()), services: vec![service.clone()], ..wanted(name) };
    let machine = engine.machine(&own, &Cancellation::new()).await.unwrap();
    assert_eq!(sh(&machine, &ask("web:8000")).await, (Some(0), "200\n".to_owned()));
    machine.remove().await.unwrap();

    let ill = Beside { health: Some(Health { retries: Some(1), ..health("exit 1") }), ..service.clone() };
    let error =
        engine.machine(&MachineRun { services: vec![ill], ..wanted(name) }, &Cancellation::new()).await.unwrap_err();
    assert!(matches!(error, Error::Unhealthy { .. }), "{error}");
    let absent = Beside { image: "groundwork-test-none:1".into(), ..service };
    let error =
        engine.machine(&MachineRun { services: vec![absent], ..wanted(name) }, &Cancellation::new()).await.unwrap_err();
    assert!(matches!(error, Error::NoImage { .. }), "{error}");
    assert_eq!(left(name), "");
    engine.remove_image(image).await.unwrap();
}
