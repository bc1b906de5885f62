//! Labs about containers and workflows, proved and checked on a real engine.

use std::fs;
use std::path::Path;

use super::{docker, must, run};
use crate::support::{Home, copy};

/// A home whose pack is `fixtures/containers`: its lab builds an image, runs it and brings a stack up.
pub fn shipping() -> Home {
    let home = Home::with_own_pack();
    let labs = home.resources.join("labs");
    fs::remove_dir_all(&labs).unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers"), &labs);
    home
}

/// Makes an image by hand, without a builder: the base image with these changes, and these files.
fn made_by_hand(name: &str, changes: &[&str], files: &[(&Path, &str)]) {
    let container = docker(&["create", "groundwork/python:3.11"]);
    for (file, place) in files {
        docker(&["cp", file.to_str().unwrap(), &format!("{container}:{place}")]);
    }
    let changes: Vec<&str> = changes.iter().flat_map(|change| ["--change", *change]).collect();
    docker(&[&["commit"], changes.as_slice(), &[container.as_str(), name]].concat());
    docker(&["rm", &container]);
}

/// Its proof needs the gateway and its packages from inside.
#[test]
fn a_pack_about_containers_proves_itself_and_leaves_nothing() {
    let home = Home::new();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers");
    let wrong = crate::packs::complaints(&home, pack.to_str().unwrap());
    assert!(wrong.is_empty(), "{wrong:#?}");
    let left = docker(&["ps", "--all", "--quiet", "--filter", "label=dev.groundwork.stack", "--format", "{{.Names}}"]);
    assert!(!left.contains("shipping"), "{left}");
}

#[test]
fn a_secret_in_a_base_of_one_s_own_is_found() {
    let home = shipping();
    must(&home, &["lab", "start", "shipping", "--no-editor"]);
    let (base, label) = ("by-hand-cli-base:1", format!("by-hand-cli-base={}", std::process::id()));
    let secret = home.folder.path().join("secret");
    fs::write(&secret, "KEY=hush").unwrap();
    made_by_hand(base, &[&format!("LABEL {label}")], &[(secret.as_path(), "/srv/.env")]);
    let dockerfile = format!(
        "FROM {base}\nLABEL org.opencontainers.image.version=1.0.0\nEXPOSE 8000\nUSER 10001\n\
         HEALTHCHECK CMD [\"true\"]\nCOPY service.py /service.py\n"
    );
    fs::write(home.folder.path().join("workspaces/shipping/Dockerfile"), dockerfile).unwrap();

    let checked = run(&home, &["lab", "check", "shipping", "--json"]);
    let told = checked.out.lines().find(|line| line.contains("\"image-made\"") && line.contains("\"status\""));
    let told = told.unwrap_or_else(|| panic!("{checked:?}"));
    for part in ["gives away a file of environment variables", "`/srv/.env`", "of its base", "Build its base again"] {
        assert!(told.contains(part), "{part}: {told}");
    }
    // The image that the check built inherits the label, and is listed first.
    let images = docker(&["image", "ls", "--quiet", "--filter", &format!("label={label}")]);
    assert_eq!(images.lines().count(), 2, "{images}");
    images.lines().for_each(|image| drop(docker(&["image", "rm", image])));
}

/// The gate of its solution stops what is worse, and those of its mutants do not. One of its jobs asks a service: at a port
/// of its own machine, and from a container by the service's name.
#[test]
fn a_pack_about_a_workflow_proves_itself_and_leaves_nothing() {
    let home = Home::new();
    let pack = Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/workflow");
    let service = "groundwork-workflow-service:1";
    made_by_hand(service, &["CMD [\"python3\", \"-m\", \"http.server\", \"8000\"]"], &[]);
    let wrong = crate::packs::complaints(&home, pack.to_str().unwrap());
    assert!(wrong.is_empty(), "{wrong:#?}");
    docker(&["image", "rm", service]);
    let of_jobs = ["--filter", "label=dev.groundwork.run", "--format"];
    let containers = docker(&[&["ps", "--all"], &of_jobs[..], &["{{.Names}}"]].concat());
    let networks = docker(&[&["network", "ls"], &of_jobs[..], &["{{.Name}}"]].concat());
    assert!(!containers.contains("-job") && !networks.contains("-job"), "{containers}\n{networks}");
}
