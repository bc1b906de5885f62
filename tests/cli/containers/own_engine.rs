//! An engine that a test may end, and that has no image yet.

use std::fs;
use std::os::unix::fs::PermissionsExt;
use std::path::Path;
use std::process::{Command, Stdio};

use super::labs::shipping;
use super::{address, complains, docker};
use crate::support::{Home, said};

/// An engine that a test may end. It keeps its state in a folder of its own, and no network that another one has.
struct OwnEngine {
    process: std::process::Child,
    host: String,
    /// Goes when the engine has ended.
    _folder: tempfile::TempDir,
}

impl OwnEngine {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let host = format!("unix://{}", at("docker.sock"));
        let process = Command::new("unshare")
            .args(["--net", "dockerd", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--host", &host])
            .args(["--data-root", &at("data"), "--exec-root", &at("exec"), "--pidfile", &at("pid")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dockerd, which `cargo xtask setup` installs, and the rights to start it");
        let own = Self { process, host, _folder: folder };
        let began = std::time::Instant::now();
        while !own.docker(&["version"]).status.success() {
            assert!(began.elapsed().as_secs() < 60, "the second dockerd did not start");
            std::thread::sleep(std::time::Duration::from_millis(100));
        }
        own
    }

    fn docker(&self, arguments: &[&str]) -> std::process::Output {
        Command::new("docker").args(["--host", &self.host]).args(arguments).output().unwrap()
    }

    fn must(&self, arguments: &[&str]) -> String {
        let done = self.docker(arguments);
        assert!(done.status.success(), "docker {arguments:?}: {done:?}");
        String::from_utf8(done.stdout).unwrap().trim().to_owned()
    }

    /// The names of its images.
    fn names(&self) -> Vec<String> {
        let listed = self.must(&["image", "ls", "--format", "{{.Repository}}:{{.Tag}}"]);
        let mut names: Vec<String> = listed.lines().map(str::to_owned).collect();
        names.sort_unstable();
        names
    }

    fn end(&mut self) {
        let _ = Command::new("kill").arg(self.process.id().to_string()).status();
        let _ = self.process.wait();
    }
}

impl Drop for OwnEngine {
    fn drop(&mut self) {
        self.end();
    }
}

/// What the base image is called.
const BASE: [&str; 2] = ["groundwork/python:3.11", "groundwork/python:latest"];

/// Packs a file system whose `/etc` has one file.
fn pack(root: &Path, name: &str, text: &str, into: &Path) {
    fs::create_dir_all(root.join("etc")).unwrap();
    fs::write(root.join("etc").join(name), text).unwrap();
    let packed = Command::new("tar").arg("-C").arg(root).arg("-cf").arg(into).arg(".").status();
    assert!(packed.unwrap().success());
}

#[test]
fn an_engine_that_stops_in_the_middle_of_a_check_is_an_error_and_not_the_learner_s_failure() {
    let home = shipping();
    let mut own = OwnEngine::start();
    // The engine of the tests has an image to build from, and this one takes it over.
    let made = docker(&["create", "groundwork/python:3.11"]);
    let copied = Command::new("sh")
        .args(["-c", "docker --host \"$0\" export \"$1\" | docker --host \"$2\" import - groundwork/python:3.11"])
        .args([&address(), &made, &own.host])
        .output()
        .unwrap();
    assert!(copied.status.success(), "{copied:?}");
    docker(&["rm", &made]);

    let command = |arguments: &[&str]| {
        let mut command = home.command(arguments);
        command.env("DOCKER_HOST", &own.host);
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
    // It breaks off in the middle of an answer, or before the next one.
    let told = ["The container engine stopped answering", "No container engine answers at"];
    assert!(outcome.contains("\"error\"") && told.iter().any(|words| outcome.contains(words)), "{outcome}");
}

#[test]
fn the_base_image_comes_from_a_file_system_or_a_saved_image_and_has_the_same_names() {
    let home = Home::new();
    let at = |name: &str| home.folder.path().join(name);
    let own = OwnEngine::start();
    let run = |file: &str| {
        let mut command = home.command(&["image", "base", "--from", file]);
        said(command.env("DOCKER_HOST", &own.host).output().unwrap())
    };
    let about = |format: &str| own.must(&["image", "inspect", "--format", format, BASE[0]]);

    pack(&at("root"), "hostname", "base\n", &at("root.tar"));
    let done = run("root.tar");
    assert!(done.code == Some(0) && done.out.contains("groundwork/python:3.11 is here."), "{done:?}");
    assert_eq!(own.names(), BASE);
    assert_eq!(about("{{json .Config.Cmd}}"), r#"["python3"]"#);
    assert!(about("{{.Config.Env}}").starts_with("[PATH=/usr/local/sbin:"));

    let id = about("{{.Id}}");
    own.must(&["image", "save", "--output", at("saved.tar").to_str().unwrap(), BASE[0]]);
    own.must(&["image", "tag", BASE[0], "other:1"]);
    own.must(&["image", "save", "--output", at("other.tar").to_str().unwrap(), "other:1"]);
    own.must(&["image", "rm", BASE[0], BASE[1], "other:1"]);
    assert_eq!(own.names(), Vec::<String>::new());
    let done = run("saved.tar");
    assert_eq!((done.code, own.names(), about("{{.Id}}")), (Some(0), BASE.map(str::to_owned).to_vec(), id));

    own.must(&["image", "rm", BASE[0], BASE[1]]);
    complains(&run("other.tar"), &["other.tar holds other:1, and not groundwork/python:3.11", "groundwork image save"]);
    assert_eq!(own.names(), ["other:1"]);
    fs::write(at("none.tar"), "no archive").unwrap();
    complains(&run("none.tar"), &["none.tar could not be read"]);
}

/// What a mirror of Debian would send, in place of all of it.
const DEBOOTSTRAP: &str = "#!/bin/sh\nmkdir -p \"$4/usr/bin\" \"$4/etc\"\necho made > \"$4/etc/origin\"\n";
/// Whoever runs the test, it is root's turn.
const SUDO: &str = "#!/bin/sh\nshift\nexec \"$@\"\n";

#[test]
fn the_base_image_that_is_here_stays_and_else_it_is_read_beside_the_program_or_made_by_its_recipe() {
    let home = Home::with_own_pack();
    let at = |name: &str| home.folder.path().join(name);
    let own = OwnEngine::start();
    fs::create_dir(at("programs")).unwrap();
    for (name, script) in [("debootstrap", DEBOOTSTRAP), ("sudo", SUDO)] {
        fs::write(at("programs").join(name), script).unwrap();
        fs::set_permissions(at("programs").join(name), fs::Permissions::from_mode(0o755)).unwrap();
    }
    let programs = std::env::var_os("PATH").unwrap();
    let programs = std::env::join_paths([at("programs")].into_iter().chain(std::env::split_paths(&programs))).unwrap();
    let run = || {
        let mut command = home.command(&["image", "base"]);
        let done = said(command.env("DOCKER_HOST", &own.host).env("PATH", &programs).output().unwrap());
        assert!(done.code == Some(0) && done.out.contains("groundwork/python:3.11 is here."), "{done:?}");
        assert_eq!(own.names(), BASE);
        done.out
    };
    // Where its files come from.
    let origin = || {
        let container = own.must(&["create", BASE[0], "none"]);
        own.must(&["cp", &format!("{container}:/etc/origin"), at("origin").to_str().unwrap()]);
        own.must(&["rm", &container]);
        fs::read_to_string(at("origin")).unwrap()
    };

    // This engine reaches no registry.
    assert!(run().contains("No registry has it"));
    assert_eq!(origin(), "made\n");

    let beside = home.resources.join("images");
    fs::create_dir(&beside).unwrap();
    pack(&at("root"), "origin", "beside\n", &beside.join("python.tar"));
    run();
    assert_eq!(origin(), "made\n", "what is here stays");
    own.must(&["image", "rm", BASE[0], BASE[1]]);
    assert!(!run().contains("No registry has it"));
    assert_eq!(origin(), "beside\n");
}
