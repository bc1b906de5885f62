//! An engine that goes away in the middle: a second dockerd, which a test may end.

use std::process::{Child, Command, Stdio};
use std::time::Duration;

use task::{Cancellation, Fault, Silent};

use super::*;
use crate::{Build, Error};

/// A shell and `sleep`, small enough to be handed from one engine to another in a moment.
const SMALL: &str = "
FROM groundwork/python AS whole
RUN mkdir -p /small/bin /small/lib /small/lib64 && cp /bin/sh /bin/sleep /small/bin/ && \\
    cp -L /lib/*-linux-gnu/libc.so.6 /small/lib/ && \\
    for file in /lib64/ld-linux* /lib/ld-linux*; do if [ -e $file ]; then cp -L $file /small$(dirname $file)/; fi; done
FROM scratch
COPY --from=whole /small /
";

/// An engine of the test's own. It has networks of its own as well: two engines would take each other's bridge away.
struct OwnEngine {
    process: Child,
    folder: tempfile::TempDir,
}

impl OwnEngine {
    fn start() -> Self {
        let folder = tempfile::tempdir().unwrap();
        let at = |name: &str| folder.path().join(name).display().to_string();
        let process = Command::new("unshare")
            .args(["--net", "dockerd", "--bridge", "none", "--iptables=false", "--ip6tables=false", "--host"])
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

#[tokio::test]
async fn an_engine_that_stops_in_the_middle_ends_the_build_with_an_error_and_the_next_look_says_how_to_start_it() {
    let mut own = OwnEngine::start();
    let engine = own.engine().await;
    let folder = Folder::new(&[
        ("small/Dockerfile", SMALL),
        ("build/Dockerfile", "FROM groundwork-test-small\nRUN sleep 0; echo it-runs; sleep 600\n"),
    ]);
    let (small, file, go_on) = ("groundwork-test-small", folder.at("small.tar"), Cancellation::new());
    let other = super::engine().await;
    other.build(&Build::new(small, folder.at("small")), &Silent, &go_on).await.unwrap();
    other.save_image(small, &file, &Silent, &go_on).await.unwrap();
    other.remove_image(small).await.unwrap();
    engine.load_images(&file, &Silent, &go_on).await.unwrap();

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
