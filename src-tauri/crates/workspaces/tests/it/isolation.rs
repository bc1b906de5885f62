//! A check's program is a stranger's: what it may reach, on a kernel that can hold it there.

use std::{collections::BTreeMap, fs, net::TcpListener, sync::Arc, time::Duration};

use checks::{Command, Exit, Probe};
use workspaces::{Isolation, LiveProbe, Services, isolation};

use crate::support::{Nothing, ground, put, surroundings};

/// Tries each thing that its arguments name, and prints those that it could do.
const STRANGER: &str = r#"
import os, socket, sys, tempfile

def write(path):
    with open(path, "w") as file:
        file.write("written by a stranger")

def call(port):
    socket.create_connection(("127.0.0.1", int(port)), timeout=5).close()

def call_own(_):
    port = int(os.environ["GROUNDWORK_FREE_PORT"])
    with socket.create_server(("127.0.0.1", port)):
        call(port)

def open_socket(kind):
    family, type, protocol = (int(number) for number in kind.split("."))
    socket.socket(family, type, protocol).close()

tries = {
    "socket": open_socket,
    "write": write,
    "read": lambda path: open(path).read(),
    "list": os.listdir,
    "remove": os.remove,
    "call": call,
    "call-own": call_own,
    "draft": lambda _: tempfile.TemporaryFile().write(b"x"),
}
for wish in sys.argv[1:]:
    name, _, on = wish.partition("=")
    try:
        tries[name](on)
        print(wish)
    except PermissionError:
        pass
    except OSError as error:
        print(f"{wish} cannot be tried here: {error}", file=sys.stderr)
"#;

#[tokio::test]
async fn a_program_reaches_its_workspace_and_the_gateway_and_nothing_else() {
    let ground = ground(&[("stranger.py", STRANGER), ("notes.md", "mine")]);
    let workspace = ground.start();
    let outside = ground.folder.path().to_owned();
    put(&outside, "diary.txt", "private");
    let listen = || TcpListener::bind("127.0.0.1:0").unwrap();
    let (gateway, other) = (listen(), listen());
    let port = |listener: &TcpListener| listener.local_addr().unwrap().port();
    let mut world = surroundings(&workspace.folder);
    world.variables.insert("OPENAI_BASE_URL".into(), format!("http://127.0.0.1:{}/v1", port(&gateway)));
    let services = Arc::new(Services::new(&[], &world).unwrap());
    let probe = LiveProbe::new(world, services, Arc::new(Nothing)).unwrap();

    let own =
        ["write=new.txt", "read=notes.md", "list=.", "draft", "call-own", "write=/dev/null", "read=/etc/hostname"];
    let gateway_call = format!("call={}", port(&gateway));
    let diary = format!("read={}", outside.join("diary.txt").display());
    let spoil = format!("write={}", outside.join("diary.txt").display());
    let plant = format!("write={}", outside.join("planted.txt").display());
    let remove = format!("remove={}", outside.join("diary.txt").display());
    let list = format!("list={}", outside.display());
    let snapshots = format!("write={}", workspace.keep().unwrap().join("activate").display());
    // Who could open a terminal of the learner's could type into it.
    let foreign = [&*diary, &*spoil, &*plant, &*remove, &*list, &*snapshots, "list=/dev/pts"];
    let stray = format!("call={}", port(&other));
    // UDP, the same over IPv6, UDP-Lite, raw IP, MPTCP, files' sockets: Landlock watches none of them.
    let sockets =
        ["socket=2.2.0", "socket=10.2.17", "socket=2.2.136", "socket=2.3.1", "socket=2.1.262", "socket=1.1.0"];
    let harmless = ["socket=2.1.0", "socket=10.1.6", "socket=16.3.0"];

    let mut argv = vec!["python".to_owned(), "stranger.py".to_owned()];
    argv.extend(
        own.iter().chain([&&*gateway_call, &&*stray]).chain(&sockets).chain(&harmless).map(ToString::to_string),
    );
    // Removed last, so that all the others find it.
    argv.extend([&*list, &snapshots, "list=/dev/pts", &diary, &spoil, &plant, &remove].map(str::to_owned));
    let command = Command {
        argv,
        stdin: None,
        env: BTreeMap::new(),
        timeout: Duration::from_secs(60),
        memory_mb: 1024,
        output_cap: 64 << 10,
    };
    let ran = probe.run(&command).await.unwrap();
    assert_eq!(ran.exit, Exit::Code(0), "{}", ran.stderr);
    let done: Vec<&str> = ran.stdout.lines().collect();
    for wish in own.into_iter().chain([&*gateway_call]).chain(harmless) {
        assert!(done.contains(&wish), "{wish} was refused: {ran:?}");
    }
    // What the system is said to hold back, and nothing beyond that, is held back.
    let files = isolation() != Isolation::None;
    for wish in foreign {
        assert_eq!(!done.contains(&wish), files, "{wish}: {ran:?}");
    }
    let network = isolation() == Isolation::FilesAndNetwork;
    assert_eq!(!done.contains(&&*stray), network, "{stray}: {ran:?}");
    for wish in sockets {
        // Which other sockets a kernel has differs; that it has UDP does not.
        assert!(!network || !done.contains(&wish), "{wish}: {ran:?}");
    }
    assert_eq!(!done.contains(&sockets[0]), network, "{ran:?}");
    assert_eq!(!done.contains(&"socket=1.1.0"), network, "{ran:?}");
    if files {
        assert_eq!(fs::read_to_string(outside.join("diary.txt")).unwrap(), "private");
    }
    let left = fs::read_dir(workspace.folder.join(".groundwork")).unwrap().flatten();
    let left: Vec<_> =
        left.map(|entry| entry.file_name()).filter(|name| name.to_string_lossy().starts_with("run-")).collect();
    assert!(left.is_empty(), "{left:?}");
}
