//! Where an engine is looked for, and what is said where none is.

use task::Fault;

use super::*;

fn sockets(surroundings: &Surroundings) -> Vec<(String, String)> {
    let places = places::places(surroundings).unwrap();
    places.into_iter().map(|place| (place.socket, place.found_by)).collect()
}

/// A home whose Docker settings know one context, `desktop-linux`.
#[cfg(unix)]
fn home(current: &str) -> tempfile::TempDir {
    let home = tempfile::tempdir().unwrap();
    let folder =
        home.path().join(".docker/contexts/meta/fe9c6bd7a66301f49ca9b6a70b217107cd1284598bfc254700c989b916da791e");
    std::fs::create_dir_all(&folder).unwrap();
    let meta = r#"{"Name":"desktop-linux","Metadata":{},"Endpoints":{"docker":{"Host":"unix:///d/docker.sock"}}}"#;
    std::fs::write(folder.join("meta.json"), meta).unwrap();
    std::fs::write(home.path().join(".docker/config.json"), format!(r#"{{"currentContext":"{current}"}}"#)).unwrap();
    home
}

#[test]
#[cfg(unix)]
fn a_choice_is_the_only_place_and_without_one_the_usual_ones_are_tried() {
    let home = home("desktop-linux");
    let mut surroundings = Surroundings { home: Some(home.path().into()), ..Surroundings::default() };
    assert_eq!(sockets(&surroundings), [("/d/docker.sock".into(), "the context desktop-linux".into())]);
    surroundings.context = Some("default".into());
    surroundings.runtime = Some("/run/user/7".into());
    let usual: Vec<String> = sockets(&surroundings).into_iter().map(|(socket, _)| socket).collect();
    assert_eq!(usual[..2], ["/var/run/docker.sock", "/run/user/7/docker.sock"]);
    assert!(usual.contains(&"/run/user/7/podman/podman.sock".to_owned()), "{usual:?}");
    surroundings.host = Some("unix:///mine.sock".into());
    assert_eq!(sockets(&surroundings), [("/mine.sock".into(), "DOCKER_HOST".into())]);
}

#[test]
#[cfg(unix)]
fn what_cannot_be_an_engine_of_this_machine_is_named() {
    let home = home("elsewhere");
    let surroundings = Surroundings { home: Some(home.path().into()), ..Surroundings::default() };
    let error = places::places(&surroundings).unwrap_err();
    assert_eq!(error.code(), "containers.context");
    assert!(error.to_string().contains("elsewhere"), "{error}");
    for host in ["tcp://10.0.0.7:2375", "ssh://ada@host", "unix://", "docker.sock"] {
        let error = places::places(&Surroundings { host: Some(host.into()), ..surroundings.clone() }).unwrap_err();
        assert!(error.code() == "containers.remote" && error.to_string().contains(host), "{error}");
    }
}

/// A search path that leads to these programs.
#[cfg(target_os = "linux")]
fn programs(folder: &Path, names: &[&str]) -> Surroundings {
    let path = folder.join(names.join("-"));
    std::fs::create_dir_all(&path).unwrap();
    names.iter().for_each(|name| std::fs::write(path.join(name), "").unwrap());
    Surroundings { search_path: path.into(), ..Surroundings::default() }
}

/// The one engine that is made up, since none so old and none without root can be had here: it answers by the end of the path.
#[cfg(target_os = "linux")]
fn made_up(folder: &Path, answers: Vec<(&'static str, &'static str)>) -> Surroundings {
    use tokio::io::{AsyncReadExt, AsyncWriteExt};
    let socket = folder.join("engine.sock");
    let listener = tokio::net::UnixListener::bind(&socket).unwrap();
    tokio::spawn(async move {
        while let Ok((mut line, _)) = listener.accept().await {
            let mut asked = [0; 4096];
            let read = line.read(&mut asked).await.unwrap_or_default();
            let asked = String::from_utf8_lossy(&asked[..read]).into_owned();
            let path = asked.split(' ').nth(1).unwrap_or_default();
            let body = answers.iter().find(|(end, _)| path.ends_with(*end)).map_or("{}", |(_, body)| *body);
            let head = "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nConnection: close";
            let answer = format!("{head}\r\nContent-Length: {}\r\n\r\n{body}", body.len());
            // Whoever only knocked is gone.
            let _ = line.write_all(answer.as_bytes()).await;
        }
    });
    Surroundings { host: Some(format!("unix://{}", socket.display())), ..programs(folder, &["apt-get"]) }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn an_engine_that_is_too_old_is_told_with_the_command_that_brings_a_newer_one() {
    let folder = tempfile::tempdir().unwrap();
    for (place, version, title, command) in [
        (
            "docker",
            r#"{"Version": "19.03.8", "ApiVersion": "1.40"}"#,
            "Docker 19.03.8",
            "sudo apt-get install docker.io",
        ),
        (
            "podman",
            r#"{"Components": [{"Name": "Podman Engine", "Version": "3.0.1"}], "ApiVersion": "1.40"}"#,
            "Podman Engine 3.0.1",
            "sudo apt-get install podman",
        ),
    ] {
        let place = folder.path().join(place);
        std::fs::create_dir(&place).unwrap();
        let error = Engine::find(&made_up(&place, vec![("/version", version)])).await.unwrap_err();
        assert_eq!(error.code(), "containers.too_old", "{error}");
        assert!(error.to_string().contains(title) && error.next_step().contains(command), "{}", error.next_step());
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn containers_of_an_engine_without_root_do_not_reach_this_machine() {
    let folder = tempfile::tempdir().unwrap();
    for (place, options, expected) in [
        ("root", r#"{"SecurityOptions": ["name=seccomp,profile=default"]}"#, None),
        (
            "user",
            r#"{"SecurityOptions": ["name=seccomp,profile=default", "name=rootless"]}"#,
            Some("containers.rootless"),
        ),
    ] {
        let place = folder.path().join(place);
        std::fs::create_dir(&place).unwrap();
        let version = r#"{"Version": "24.0.7", "ApiVersion": "1.43"}"#;
        let engine = Engine::find(&made_up(&place, vec![("/version", version), ("/info", options)])).await.unwrap();
        assert_eq!(engine.reaches_this_machine().err().map(|error| error.code()), expected);
    }
}

#[tokio::test]
#[cfg(target_os = "linux")]
async fn not_there_and_not_started_and_forbidden_are_told_apart() {
    let folder = tempfile::tempdir().unwrap();
    let programs = |names: &[&str]| programs(folder.path(), names);
    let podman = programs(&["podman", "dnf"]);
    if !Path::new("/usr/sbin/dockerd").exists() {
        let absent = mending::absent_or_not_started(&programs(&["dnf"]));
        assert_eq!((absent.code(), absent.next_step().contains("sudo dnf install")), ("containers.absent", true));
        let stopped = mending::absent_or_not_started(&podman);
        assert!(stopped.next_step().contains("systemctl --user start podman.socket"), "{stopped:?}");
    }
    let stopped = mending::absent_or_not_started(&programs(&["dockerd", "systemctl"]));
    assert_eq!(stopped.code(), "containers.not_started");
    assert!(stopped.next_step().contains("sudo systemctl start docker"), "{stopped:?}");

    // A socket that a stopped engine left behind.
    let socket = folder.path().join("docker.sock");
    drop(std::os::unix::net::UnixListener::bind(&socket).unwrap());
    let host = format!("unix://{}", socket.display());
    let error = Engine::find(&Surroundings { host: Some(host), ..programs(&["dockerd", "systemctl"]) }).await;
    let error = error.unwrap_err();
    assert!(
        error.code() == "containers.chosen" && error.next_step().contains("sudo systemctl start docker"),
        "{error}"
    );
}

#[test]
fn versions_of_the_interface_are_compared_as_numbers() {
    assert!(number("1.9") < OLDEST && number("1.40") < OLDEST && number("") < OLDEST);
    assert!(number("1.41") >= OLDEST && number("1.100") >= OLDEST && number("2.0") >= OLDEST);
}

#[test]
fn a_bridge_is_found_before_the_engine_names_its_gateway() {
    for (told, subnet, expected) in [
        (Some("172.17.0.1"), Some("172.17.0.0/16"), Some("172.17.0.1")),
        (Some("10.9.0.254"), Some("10.9.0.0/24"), Some("10.9.0.254")),
        // As Docker says it after its first start.
        (None, Some("172.17.0.0/16"), Some("172.17.0.1")),
        (Some(""), Some("10.88.0.0/16"), Some("10.88.0.1")),
        (None, Some("fd00::/64"), None),
        (None, None, None),
    ] {
        let found = gateway(told, subnet).map(|address| address.to_string());
        assert_eq!(found.as_deref(), expected, "{told:?} {subnet:?}");
    }
}
