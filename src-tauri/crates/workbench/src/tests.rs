//! The whole workbench, with packs of its own; and what its tests share.

use std::{env, fs, path::Path, sync::Arc, time::Duration};

use tokio::{
    sync::mpsc::{UnboundedReceiver, unbounded_channel},
    time::timeout,
};

use crate::{Event, Options, TaskStep, Workbench, authoring, view::TerminalSize};

/// The lab of a new pack.
pub const LAB: &str = "first-lab";

/// The row of a library, about the lab of a new pack.
const ROW: &str = r#"
[[resources]]
id = "limits"
title = "Limits"
kind = "article"
publisher = "Somebody"
url = "https://example.org/limits"
cost = "free"
level = "first"
hours = 1
labs = ["first-lab"]
skills = []
take = "All of it."
skip = "Nothing."
known = "2026-01"
checked = "Nobody did."
"#;

/// A learner's machine in a folder, whose shipped pack is a new one.
pub fn machine(folder: &Path) -> Options {
    let resources = folder.join("resources");
    authoring::scaffold(&resources.join("labs"), Some("Shipped")).unwrap();
    let home = |name: &str| (name == "HOME").then(|| "/".into());
    Options {
        data: folder.join("data"),
        workspaces: folder.join("workspaces"),
        resources,
        port: 0,
        search_path: env::var_os("PATH").unwrap_or_default(),
        ..Options::read("1.0.0", Path::new("/"), home).unwrap()
    }
}

pub async fn until(events: &mut UnboundedReceiver<Event>, mut is_it: impl FnMut(&Event) -> bool) -> Event {
    loop {
        let event = timeout(Duration::from_secs(60), events.recv()).await.expect("it does not happen").unwrap();
        if is_it(&event) {
            return event;
        }
    }
}

/// Starts a lab, and waits until it has started.
pub async fn start(workbench: &Arc<Workbench>, events: &mut UnboundedReceiver<Event>, lab: &str) {
    workbench.start_lab(lab, false).unwrap();
    let ends = |event: &Event| matches!(event, Event::Task { step: TaskStep::Finished | TaskStep::Failed { .. }, .. });
    let ended = until(events, ends).await;
    assert!(matches!(&ended, Event::Task { step: TaskStep::Finished, .. }), "{ended:?}");
}

#[tokio::test]
async fn the_library_is_read_once_when_it_can_be() {
    let folder = tempfile::tempdir().unwrap();
    let options = machine(folder.path());
    let library = options.resources.join("assets/resources");
    fs::create_dir_all(&library).unwrap();
    let (file, workbench) =
        (library.join("year-1.toml"), Workbench::open(options, unbounded_channel().0).await.unwrap());
    let rows = || workbench.resources_about(LAB).len();
    for (text, expected) in [("[[resources]]\nid = ", 0), (ROW, 1), ("", 1)] {
        fs::write(&file, text).unwrap();
        assert_eq!(rows(), expected, "{text}");
    }
}

#[tokio::test]
async fn the_packs_to_choose_from_are_those_that_another_process_has_left_there() {
    let folder = tempfile::tempdir().unwrap();
    let options = machine(folder.path());
    let window = Workbench::open(options.clone(), unbounded_channel().0).await.unwrap();
    let terminal = Workbench::open(options.clone(), unbounded_channel().0).await.unwrap();
    let choices = || window.plan().unwrap().packs.into_iter().map(|pack| pack.title).collect::<Vec<_>>();
    assert_eq!(choices(), [""; 0]);

    let made = folder.path().join("made");
    authoring::scaffold(&made, Some("Made")).unwrap();
    let pack = fs::read_to_string(made.join("pack.toml")).unwrap();
    let store = options.pack_store();
    let install = async |title: &str, version: u32| {
        let pack =
            pack.replace("\"Made\"", &format!("\"{title}\"")).replace("version = 1", &format!("version = {version}"));
        fs::write(made.join("pack.toml"), pack).unwrap();
        let archive = folder.path().join("made.gwpack");
        authoring::build(&made, &archive).unwrap();
        terminal.install_pack(&archive, false).await.unwrap();
    };
    install("One", 1).await;
    assert_eq!(choices(), ["Shipped", "One"]);
    install("Two", 2).await;
    assert_eq!(choices(), ["Shipped", "Two"]);

    // Not read again for the plan; whoever chooses it is told what has become of it.
    let installed = packs::installed(&store).remove(0);
    fs::write(installed.folder.join(LAB).join("lab.toml"), "no lab").unwrap();
    assert_eq!(choices(), ["Shipped", "Two"]);
    window.use_pack(&installed.id.to_string()).await.unwrap_err();

    fs::remove_dir_all(&store).unwrap();
    assert_eq!(choices(), [""; 0]);
    install("Another two", 2).await;
    assert_eq!(choices(), ["Shipped", "Another two"]);
}

/// What a terminal runs writes down that it heard of the end once what runs in the other one has heard of it, too.
#[tokio::test]
async fn terminals_are_closed_at_once() {
    let folder = tempfile::tempdir().unwrap();
    let options = machine(folder.path());
    let (labs, other) = (options.resources.join("labs"), folder.path().join("other"));
    authoring::scaffold(&other, None).unwrap();
    fs::rename(other.join(LAB), labs.join("second-lab")).unwrap();
    let pack = fs::read_to_string(labs.join("pack.toml")).unwrap();
    let second =
        "\n[[plan.labs]]\nslug = \"second-lab\"\ntitle = \"More\"\nsummary = \"More limits.\"\ndays = [1, 1]\n";
    fs::write(labs.join("pack.toml"), pack + second).unwrap();

    let (sender, mut events) = unbounded_channel();
    let workbench = Workbench::open(options.clone(), sender).await.unwrap();
    let both = [(LAB, "second-lab"), ("second-lab", LAB)];
    for (lab, other) in both {
        start(&workbench, &mut events, lab).await;
        let number = workbench.open_terminal(lab, TerminalSize { columns: 80, rows: 24 }).await.unwrap();
        let heard = format!(": > ../{lab}.heard; until [ -e ../{other}.heard ]; do sleep 0.01; done; : > kept; exit");
        let program = format!("sh -c 'trap \"{heard}\" HUP; : > ready; while :; do sleep 0.01; done'\n");
        workbench.type_in_terminal(lab, number, program).await.unwrap();
    }
    for (lab, _) in both {
        let ready = options.workspaces.join(lab).join("ready");
        let waiting = async {
            while !ready.exists() {
                tokio::time::sleep(Duration::from_millis(10)).await;
            }
        };
        timeout(Duration::from_secs(60), waiting).await.expect("it has not started");
    }
    workbench.close().await;
    for (lab, _) in both {
        assert!(options.workspaces.join(lab).join("kept").exists(), "{lab} was ended while it waited");
    }
}
