//! An engine that goes away in the middle: a second dockerd, which a test may end.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use task::{Cancellation, Fault, Silent};

use super::*;
use crate::{BASE, Build, Error};

/// A shell and `sleep`, small enough to be handed from one engine to another in a moment.
const SMALL: &str = "
FROM groundwork/python AS whole
RUN mkdir -p /small/bin /small/lib /small/lib64 && cp /bin/sh /bin/sleep /small/bin/ && \\
    cp -L /lib/*-linux-gnu/libc.so.6 /small/lib/ && \\
    for file in /lib64/ld-linux* /lib/ld-linux*; do if [ -e $file ]; then cp -L $file /small$(dirname $file)/; fi; done
FROM scratch
COPY name /
COPY --from=whole /small /
";

/// An engine of the test's own. It has networks of its own as well: two engines would take each other's bridge away.
struct OwnEngine {
    process: Child,
    folder: tempfile::TempDir,
}

impl OwnEngine {
    /// `disk` is the size of the disk that it keeps everything on; this machine's where `None`.
    fn start(disk: Option<&str>) -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        std::fs::create_dir(folder.path().join("data")).unwrap();
        let mount = disk.map(|size| format!("mount -t tmpfs -o size={size} none \"$0\" && ")).unwrap_or_default();
        let process = Command::new("unshare")
            .args(["--net", "--mount", "sh", "-c", &format!("{mount}exec \"$@\""), &at("data")])
            .args(["dockerd", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--host"])
            .args([format!("unix://{}", at("docker.sock")), "--data-root".into(), at("data")])
            .args(["--exec-root".into(), at("exec"), "--pidfile".into(), at("pid")])
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("dockerd, which `cargo xtask setup` installs, and the rights to start it");
        Self { process, folder }
    }

    fn surroundings(&self) -> Surroundings {
        let host = format!("unix://{}", self.folder.path().join("docker.sock").display());
        Surroundings { host: Some(host), ..Surroundings::default() }
    }

    async fn engine(&self) -> Engine {
        for _ in 0..600 {
            if let Ok(engine) = Engine::find(&self.surroundings()).await {
                return engine;
            }
            tokio::time::sleep(Duration::from_millis(100)).await;
        }
        panic!("the second dockerd did not start");
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

/// Makes the small image on the tests' engine, and hands it to another one.
async fn hand_over(name: &str, to: &Engine) {
    // Another image for each test: the engine lets go of one that somebody else removes by another name.
    let folder = Folder::new(&[("small/Dockerfile", SMALL), ("small/name", name)]);
    let (file, go_on) = (folder.at("small.tar"), Cancellation::new());
    let other = engine().await;
    other.build(&Build::new(name, folder.at("small")), &Silent, &go_on).await.unwrap();
    other.save_image(name, &file, &Silent, &go_on).await.unwrap();
    other.remove_image(name).await.unwrap();
    to.load_images(&file, &Silent, &go_on).await.unwrap();
}

#[tokio::test]
async fn an_engine_whose_disk_is_full_says_so_with_what_frees_it_and_goes_on_once_there_is_space() {
    let own = OwnEngine::start(Some("48m"));
    let engine = own.engine().await;
    hand_over("groundwork-test-full", &engine).await;
    let go_on = Cancellation::new();
    let fill =
        "FROM groundwork-test-full\nRUN while echo 0123456789012345678901234567890123456789; do :; done > /fill\n";
    let folder = Folder::new(&[
        ("fill/Dockerfile", fill),
        ("fits/Dockerfile", "FROM groundwork-test-full\nRUN echo fits > /fits\n"),
    ]);
    let heard = Heard::default();
    let error = engine.build(&Build::new("fill", folder.at("fill")), &heard, &go_on).await.unwrap_err();
    assert_eq!(error.code(), "containers.full", "{error:?}: {:?}", heard.lines.lock().unwrap());
    // What the step had written went with its container.
    engine.build(&Build::new("fits", folder.at("fits")), &Silent, &go_on).await.unwrap();
}

#[tokio::test]
async fn an_engine_that_stops_in_the_middle_ends_the_build_with_an_error_and_the_next_look_says_how_to_start_it() {
    let mut own = OwnEngine::start(None);
    let engine = own.engine().await;
    let folder =
        Folder::new(&[("build/Dockerfile", "FROM groundwork-test-lost\nRUN sleep 0; echo it-runs; sleep 600\n")]);
    hand_over("groundwork-test-lost", &engine).await;

    let heard = std::sync::Arc::new(Heard::default());
    let (hearing, build) = (heard.clone(), Build::new("lost", folder.at("build")));
    let building = tokio::spawn(async move { engine.build(&build, &*hearing, &Cancellation::new()).await });
    while !heard.lines.lock().unwrap().iter().any(|line| line == "it-runs") {
        assert!(!building.is_finished(), "{:?}", building.await);
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    own.end();
    let error = building.await.unwrap().unwrap_err();
    assert!(matches!(&error, Error::Lost { .. } | Error::Build { .. }), "{error:?}");
    let gone = Engine::find(&own.surroundings()).await.unwrap_err();
    assert_eq!(gone.code(), "containers.chosen", "{gone:?}");
}

#[tokio::test]
async fn without_the_base_image_no_other_is_run_to_kill_a_service_and_the_next_step_brings_it() {
    let own = OwnEngine::start(None);
    let error = own.engine().await.crash("groundwork-test-none", "web").await.unwrap_err();
    assert!(matches!(&error, Error::NoImage { name } if name == BASE), "{error:?}");
    assert!(error.next_step().contains("groundwork image base"), "{}", error.next_step());
}
