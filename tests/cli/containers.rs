//! Containers from the terminal, against a real engine: an image built, kept as a file and removed; a stack brought up, listened
//! to, looked into and taken down. And a machine without an engine, on which all else works.

mod labs;
mod own_engine;

use std::fs;
use std::io::{BufRead, BufReader, Read, Write};
use std::os::unix::fs::PermissionsExt;
use std::process::{Command, Stdio};

use serde_json::Value;

use super::faults::complains;
use crate::support::{Home, Said, apart, said};

/// The engine that tests may use, with the image groundwork/python.
fn address() -> String {
    std::env::var("GROUNDWORK_TEST_ENGINE").unwrap_or_else(|_| {
        panic!(
            "these tests need a container engine that has the image groundwork/python: `cargo xtask test` brings one, or set \
             GROUNDWORK_TEST_ENGINE to its address"
        )
    })
}

fn run(home: &Home, arguments: &[&str]) -> Said {
    said(home.command(arguments).env("DOCKER_HOST", address()).output().unwrap())
}

fn must(home: &Home, arguments: &[&str]) -> String {
    let done = run(home, arguments);
    assert_eq!(done.code, Some(0), "{arguments:?}: {done:?}");
    done.out
}

fn json(home: &Home, arguments: &[&str]) -> Vec<Value> {
    let out = must(home, &[&["--json"], arguments].concat());
    out.lines().map(|line| serde_json::from_str(line).unwrap()).collect()
}

#[test]
fn without_an_engine_the_rest_works_and_what_brings_one_is_said() {
    let home = Home::new();
    let run = |arguments: &[&str], host: &str| said(home.command(arguments).env("DOCKER_HOST", host).output().unwrap());
    let nowhere = format!("unix://{}/none.sock", home.folder.path().display());
    complains(
        &run(&["engine"], &nowhere),
        &["no container engine answers at", "which DOCKER_HOST names", "unset DOCKER_HOST"],
    );
    complains(
        &run(&["engine"], "tcp://192.0.2.7:2375"),
        &["tcp://192.0.2.7:2375 is no engine of this machine", "unix://"],
    );
    let doctor = run(&["doctor"], &nowhere);
    assert!(doctor.code == Some(0) && doctor.out.contains("warning  Containers"), "{doctor:?}");
    assert_eq!(run(&["plan"], &nowhere).code, Some(0));
}

#[test]
fn an_engine_whose_containers_do_not_reach_the_gateway_is_told_by_the_doctor() {
    let home = Home::new();
    let socket = home.folder.path().join("engine.sock");
    // Made up: an engine without root is not to be had here.
    let listener = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    std::thread::spawn(move || {
        for mut line in listener.incoming().flatten() {
            let mut asked = [0; 4096];
            let read = line.read(&mut asked).unwrap_or_default();
            let body = match String::from_utf8_lossy(&asked[..read]).contains("/info ") {
                true => r#"{"SecurityOptions": ["name=rootless"]}"#,
                false => r#"{"Version": "24.0.7", "ApiVersion": "1.43"}"#,
            };
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let _ = write!(line, "{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
        }
    });
    let host = format!("unix://{}", socket.display());
    let doctor = said(home.command(&["doctor"]).env("DOCKER_HOST", host).output().unwrap());
    for expected in ["warning  Containers", "Docker 24.0.7 runs rootless", "docker context use default"] {
        assert!(doctor.out.contains(expected), "{expected}: {doctor:?}");
    }
}

#[test]
fn a_socket_that_is_not_yours_is_told_with_what_makes_it_yours() {
    apart(&["--user", "--map-user=1000"], "cli::containers::forbidden");
}

#[test]
#[ignore = "started by a_socket_that_is_not_yours_is_told_with_what_makes_it_yours"]
fn forbidden() {
    let home = Home::new();
    let socket = home.folder.path().join("engine.sock");
    let _listening = std::os::unix::net::UnixListener::bind(&socket).unwrap();
    fs::set_permissions(&socket, fs::Permissions::from_mode(0o000)).unwrap();
    let host = format!("unix://{}", socket.display());
    let refused = said(home.command(&["engine"]).env("DOCKER_HOST", host).output().unwrap());
    complains(&refused, &["you may not use the container engine at", "sudo usermod -aG docker $USER"]);
}

#[test]
fn an_image_is_built_kept_as_a_file_and_removed() {
    let home = Home::new();
    let engine = json(&home, &["engine"]).remove(0);
    assert!(engine["cpus"].as_u64().unwrap() > 0 && engine["foundBy"] == "DOCKER_HOST", "{engine}");
    let doctor = must(&home, &["doctor"]);
    assert!(doctor.contains("good     Containers"), "{doctor}");

    let folder = home.folder.path().join("service");
    fs::create_dir(&folder).unwrap();
    let dockerfile = "FROM groundwork/python\nARG WORD\nRUN echo \"$WORD\" > /word\nCOPY . /app\n";
    fs::write(folder.join("Dockerfile"), dockerfile).unwrap();
    fs::write(folder.join(".dockerignore"), "secret*\n").unwrap();
    fs::write(folder.join("secret.txt"), "hush").unwrap();
    let name = "groundwork-cli-test:1";
    let built = must(&home, &["image", "build", "service", "--name", name, "--arg", "WORD=hello"]);
    assert!(built.contains("Step 3/") && built.contains("Successfully tagged groundwork-cli-test:1"), "{built}");
    assert!(
        must(&home, &["image", "list"])
            .lines()
            .any(|line| line.starts_with(name) && line.ends_with("built by Groundwork"))
    );
    assert!(must(&home, &["image", "history", name]).contains("COPY"));
    must(&home, &["image", "remove", name]);
    fs::write(folder.join("Dockerfile"), "FROM scratch\nCOPY . /\n").unwrap();
    must(&home, &["image", "build", "service", "--name", name]);
    must(&home, &["image", "save", name, "--output", "image.tar"]);
    must(&home, &["image", "remove", name]);
    complains(
        &run(&home, &["image", "history", name]),
        &["there is no image groundwork-cli-test:1", "groundwork image pull"],
    );
    assert!(must(&home, &["image", "load", "image.tar"]).contains(name));
    must(&home, &["image", "remove", name]);
    complains(&run(&home, &["image", "remove", "groundwork/python"]), &["Groundwork did not make the image"]);

    fs::write(folder.join("Dockerfile"), "FROM groundwork/python\nRUN exit 4\n").unwrap();
    let failed = run(&home, &["image", "build", "service", "--name", name]);
    complains(&failed, &["step 2/3 : RUN exit 4", "returned a non-zero code: 4"]);
}

const COMPOSE: &str = "
services:
  web:
    image: groundwork/python
    command: [python3, -u, -c, \"import os, time; print('greets', os.environ['WHO'], flush=True); time.sleep(600)\"]
    environment: {WHO: '${WHO:-nobody}'}
    stop_grace_period: 0s
    mem_limit: 64m
    init: false
";

#[test]
fn a_stack_is_brought_up_listened_to_looked_into_and_taken_down() {
    let home = Home::new();
    let file = home.folder.path().join("compose.yaml");
    fs::write(&file, COMPOSE).unwrap();
    let up = must(&home, &["stack", "up", "compose.yaml", "--set", "WHO=ada"]);
    assert!(up.contains("web  Up "), "{up}");
    let listed = json(&home, &["stack", "list"])
        .into_iter()
        .find(|stack| stack["file"] == file.canonicalize().unwrap().to_str().unwrap());
    let listed = listed.unwrap();
    assert_eq!(listed["services"][0]["state"], "running");
    assert_eq!(must(&home, &["stack", "logs", "compose.yaml"]), "web | greets ada\n");

    let mut following =
        home.command(&["stack", "logs", "compose.yaml", "web", "--follow"]).stdout(Stdio::piped()).spawn().unwrap();
    let mut first = String::new();
    BufReader::new(following.stdout.take().unwrap()).read_line(&mut first).unwrap();
    assert_eq!(first, "web | greets ada\n");
    Command::new("kill").args(["-INT", &following.id().to_string()]).status().unwrap();
    assert_eq!(following.wait().unwrap().code(), Some(0));

    assert_eq!(must(&home, &["stack", "exec", "compose.yaml", "web", "--", "printenv", "WHO"]), "ada\n");
    assert_eq!(run(&home, &["stack", "exec", "compose.yaml", "web", "--", "sh", "-c", "exit 3"]).code, Some(1));
    let usage = json(&home, &["stack", "stats", "compose.yaml"]).remove(0);
    assert!(usage["memoryLimit"] == f64::from(64 << 20) && usage["memory"].as_f64().unwrap() > 0.0, "{usage}");

    must(&home, &["stack", "stop", "compose.yaml"]);
    complains(&run(&home, &["stack", "exec", "compose.yaml", "web", "--", "true"]), &["has no running service web"]);
    // The file is broken meanwhile, and the stack goes all the same.
    fs::write(&file, "services: {web: {image: a, privileged: true}}").unwrap();
    complains(&run(&home, &["stack", "up", "compose.yaml"]), &["services.web.privileged: is refused", "Take it out"]);
    must(&home, &["stack", "down", "compose.yaml"]);
    let left = json(&home, &["stack", "list"]);
    assert!(left.iter().all(|stack| stack["name"] != listed["name"]), "{left:?}");
    complains(&run(&home, &["stack", "down", "no-such-stack"]), &["nothing is there of a stack no-such-stack"]);
}

/// Services that speak in turn: each waits for what the other has said last.
fn turns() -> String {
    let turns = [("a", "[ $$n = 1 ] || [ -e /turn/b$$((n - 1)) ]"), ("b", "[ -e /turn/a$$n ]")];
    let services = turns.map(|(name, turn)| {
        format!(
            "
  {name}:
    image: groundwork/python
    command:
      - sh
      - -c
      - |
        for n in 1 2 3; do
          until {turn}; do sleep 0.1; done
          sleep 0.5; echo $$n; touch /turn/{name}$$n
        done; sleep 600
    volumes: ['turn:/turn']
    stop_grace_period: 0s"
        )
    });
    format!("services:{}\nvolumes: {{turn: }}\n", services.concat())
}

#[test]
fn what_services_say_is_merged_by_its_time_each_line_with_its_service_and_no_more_of_them_than_asked_for() {
    let home = Home::new();
    let file = home.folder.path().join("turns.yaml");
    fs::write(&file, turns()).unwrap();
    must(&home, &["stack", "up", "turns.yaml"]);
    let listed = json(&home, &["stack", "list"])
        .into_iter()
        .find(|stack| stack["file"] == file.canonicalize().unwrap().to_str().unwrap());
    let name = listed.unwrap()["name"].as_str().unwrap().to_owned();
    // When the engine has noted each line, and how it is to be shown.
    let noted = |service: &str| -> Vec<(String, String)> {
        let log = docker(&["logs", "--timestamps", &format!("{name}-{service}-1")]);
        let lines = log.lines().map(|line| line.split_once(' ').unwrap());
        lines.map(|(at, text)| (at.to_owned(), format!("{service} | {text}\n"))).collect()
    };
    let began = std::time::Instant::now();
    while noted("b").len() < 3 {
        assert!(began.elapsed().as_secs() < 60, "they never finished: {:?}", [noted("a"), noted("b")]);
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    let newest = |count: usize| -> String {
        let mut lines = ["a", "b"].map(noted).map(|lines| lines[lines.len() - count..].to_vec()).concat();
        lines.sort();
        lines.into_iter().map(|(_, line)| line).collect()
    };
    let whole = newest(3);
    assert_ne!(whole, "a | 1\na | 2\na | 3\nb | 1\nb | 2\nb | 3\n");
    assert_eq!(must(&home, &["stack", "logs", "turns.yaml"]), whole);
    assert_eq!(must(&home, &["stack", "logs", "turns.yaml", "--tail", "1"]), newest(1));
    assert_eq!(must(&home, &["stack", "logs", "turns.yaml", "b", "--tail", "2"]), "b | 2\nb | 3\n");
    must(&home, &["stack", "down", "turns.yaml", "--volumes"]);
}

/// What Docker's own client says.
pub(super) fn docker(arguments: &[&str]) -> String {
    let done = Command::new("docker").args(["--host", &address()]).args(arguments).output().unwrap();
    assert!(done.status.success(), "docker {arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap().trim().to_owned()
}
