//! Containers from the terminal, against a real engine: an image built, kept as a file and removed; a stack brought up, listened
//! to, looked into and taken down. And a machine without an engine, on which all else works.

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

/// A lab whose checks build an image, run it and bring a stack up: its proof needs the gateway and its packages from inside.
#[test]
fn a_pack_about_containers_proves_itself_and_leaves_nothing() {
    let home = Home::new();
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers");
    let wrong = crate::packs::complaints(&home, pack.to_str().unwrap());
    assert!(wrong.is_empty(), "{wrong:#?}");
    let left = docker(&["ps", "--all", "--quiet", "--filter", "label=dev.groundwork.stack", "--format", "{{.Names}}"]);
    assert!(!left.contains("shipping"), "{left}");
}

/// A lab whose check runs the jobs of a workflow: the gate of its solution stops what is worse, and those of its mutants do not.
#[test]
fn a_pack_about_a_workflow_proves_itself_and_leaves_nothing() {
    let home = Home::new();
    let pack = std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/workflow");
    let wrong = crate::packs::complaints(&home, pack.to_str().unwrap());
    assert!(wrong.is_empty(), "{wrong:#?}");
    let of_jobs = ["--filter", "label=dev.groundwork.run", "--format"];
    let containers = docker(&[&["ps", "--all"], &of_jobs[..], &["{{.Names}}"]].concat());
    let networks = docker(&[&["network", "ls"], &of_jobs[..], &["{{.Name}}"]].concat());
    assert!(!containers.contains("-job") && !networks.contains("-job"), "{containers}\n{networks}");
}

fn docker(arguments: &[&str]) -> String {
    let done = Command::new("docker").args(["--host", &address()]).args(arguments).output().unwrap();
    assert!(done.status.success(), "docker {arguments:?}: {done:?}");
    String::from_utf8(done.stdout).unwrap()
}

/// An engine that a test may end. It keeps its state in a folder of its own, and no network that another one has.
struct OwnEngine(std::process::Child, String);

impl OwnEngine {
    fn start(folder: &std::path::Path) -> Self {
        let at = |name: &str| folder.join(name).display().to_string();
        let host = format!("unix://{}", at("docker.sock"));
        let process = Command::new("unshare")
            .args(["--net", "dockerd", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--host", &host])
            .args(["--data-root", &at("data"), "--exec-root", &at("exec"), "--pidfile", &at("pid")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dockerd, which `cargo xtask setup` installs, and the rights to start it");
        let own = Self(process, host);
        let began = std::time::Instant::now();
        while !own.docker(&["version"]).status.success() {
            assert!(began.elapsed().as_secs() < 60, "the second dockerd did not start");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        own
    }

    fn docker(&self, arguments: &[&str]) -> std::process::Output {
        Command::new("docker").args(["--host", &self.1]).args(arguments).output().unwrap()
    }

    fn end(&mut self) {
        let _ = Command::new("kill").arg(self.0.id().to_string()).status();
        let _ = self.0.wait();
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        self.end();
    }
}

#[test]
fn an_engine_that_stops_in_the_middle_of_a_check_is_an_error_and_not_the_learner_s_failure() {
    let home = Home::with_own_pack();
    let labs = home.resources.join("labs");
    fs::remove_dir_all(&labs).unwrap();
    crate::support::copy(&std::path::Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers"), &labs);
    let state = tempfile::tempdir().unwrap();
    let mut own = OwnEngine::start(state.path());
    // The engine of the tests has an image to build from, and this one takes it over.
    let made = docker(&["create", "groundwork/python:3.11"]);
    let copied = Command::new("sh")
        .args(["-c", "docker --host \"$0\" export \"$1\" | docker --host \"$2\" import - groundwork/python:3.11"])
        .args([&address(), made.trim(), &own.1])
        .output()
        .unwrap();
    assert!(copied.status.success(), "{copied:?}");
    docker(&["rm", made.trim()]);

    let command = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("DOCKER_HOST", &own.1);
        command
    };
    assert_eq!(said(command(&["lab", "start", "shipping", "--no-editor"]).output().unwrap()).code, Some(0));
    let workspace = home.folder.path().join("workspaces/shipping");
    fs::write(workspace.join("Dockerfile"), "FROM groundwork/python:3.11\nRUN echo it-runs && sleep 600\n").unwrap();
    let checking = command(&["lab", "check", "shipping", "--json"]).stdout(Stdio::piped()).spawn().unwrap();
    let began = std::time::Instant::now();
    while own.docker(&["ps", "--quiet"]).stdout.is_empty() {
        assert!(began.elapsed().as_secs() < 120, "the build never began");
        std::thread::sleep(std::time::Duration::from_millis(100));
    }
    own.end();
    let done = checking.wait_with_output().unwrap();
    let out = String::from_utf8_lossy(&done.stdout).into_owned();
    let outcome = out
        .lines()
        .find(|line| line.contains("\"image-made\"") && line.contains("\"status\""))
        .unwrap_or_else(|| panic!("{out}"));
    assert!(outcome.contains("\"error\"") && outcome.contains("No container engine answers at"), "{outcome}");
}

#[test]
fn the_base_image_comes_from_a_file_system_or_a_saved_image_and_has_the_same_names() {
    let home = Home::new();
    let at = |name: &str| home.folder.path().join(name);
    let state = tempfile::tempdir().unwrap();
    let own = OwnEngine::start(state.path());
    let run = |file: &str| {
        let mut command = home.command(&["image", "base", "--from", file]);
        said(command.env("DOCKER_HOST", &own.1).output().unwrap())
    };
    let docker = |arguments: &[&str]| {
        let done = own.docker(arguments);
        assert!(done.status.success(), "docker {arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    };
    let names = || {
        let listed = docker(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
        let mut names: Vec<String> = listed.lines().map(str::to_owned).collect();
        names.sort_unstable();
        names
    };
    let both = ["groundwork/python:3.11", "groundwork/python:latest"];
    let about = |format: &str| docker(&["image", "inspect", "--format", format, both[0]]);

    fs::create_dir_all(at("root/etc")).unwrap();
    fs::write(at("root/etc/hostname"), "base\n").unwrap();
    let packed = Command::new("tar").arg("-C").arg(at("root")).arg("-cf").arg(at("root.tar")).arg(".").status();
    assert!(packed.unwrap().success());
    let done = run("root.tar");
    assert!(done.code == Some(0) && done.out.contains("groundwork/python:3.11 is here."), "{done:?}");
    assert_eq!(names(), both);
    assert_eq!(about("{{json .Config.Cmd}}"), r#"["python3"]"#);
    assert!(about("{{.Config.Env}}").starts_with("[PATH=/usr/local/sbin:"));

    let id = about("{{.Id}}");
    docker(&["image", "save", "--output", at("saved.tar").to_str().unwrap(), both[0]]);
    docker(&["image", "tag", both[0], "other:1"]);
    docker(&["image", "save", "--output", at("other.tar").to_str().unwrap(), "other:1"]);
    docker(&["image", "rm", both[0], both[1], "other:1"]);
    assert_eq!(names(), Vec::<String>::new());
    let done = run("saved.tar");
    assert_eq!((done.code, names(), about("{{.Id}}")), (Some(0), both.map(str::to_owned).to_vec(), id));

    docker(&["image", "rm", both[0], both[1]]);
    complains(&run("other.tar"), &["other.tar holds other:1, and not groundwork/python:3.11", "groundwork image save"]);
    assert_eq!(names(), ["other:1"]);
    fs::write(at("none.tar"), "no archive").unwrap();
    complains(&run("none.tar"), &["none.tar could not be read"]);
}
