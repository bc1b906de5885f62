//! An image that comes from a registry: Debian's own, on a free port of this machine.

use std::io::{Read, Write};
use std::net::{Shutdown, TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

use task::{Cancellation, Silent};

use super::*;
use crate::{Build, Error};

struct Registry {
    process: Child,
    address: String,
    _folder: Folder,
}

impl Registry {
    fn start() -> Self {
        let port = TcpListener::bind("127.0.0.1:0").unwrap().local_addr().unwrap().port();
        let address = format!("127.0.0.1:{port}");
        let folder = Folder::new(&[]);
        let store = folder.at("store");
        let settings = format!(
            "version: 0.1\nstorage: {{filesystem: {{rootdirectory: {}}}}}\nhttp: {{addr: \"{address}\"}}\n",
            store.display()
        );
        folder.write("settings.yml", &settings);
        let process = Command::new("docker-registry")
            .arg("serve")
            .arg(folder.at("settings.yml"))
            .stdout(Stdio::null())
            .stderr(Stdio::null())
            .spawn()
            .expect("docker-registry, which `cargo xtask setup` installs");
        let registry = Self { process, address, _folder: folder };
        for _ in 0..200 {
            if TcpStream::connect(&registry.address).is_ok() {
                return registry;
            }
            std::thread::sleep(Duration::from_millis(50));
        }
        panic!("the registry did not start");
    }
}

impl Drop for Registry {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// A line to the registry that breaks once.
struct Line {
    address: String,
    /// Bytes that the registry answered with.
    passed: Arc<AtomicUsize>,
}

impl Line {
    /// The connection breaks that carries the byte of this number.
    fn to(registry: &Registry, breaks_at: usize) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (passed, far) = (Arc::new(AtomicUsize::new(0)), registry.address.clone());
        let counted = passed.clone();
        // It listens for as long as the tests run.
        std::thread::spawn(move || {
            for near in listener.incoming().flatten() {
                let Ok(far) = TcpStream::connect(&far) else { continue };
                let (asking, asked) = (near.try_clone().unwrap(), far.try_clone().unwrap());
                std::thread::spawn(move || {
                    let _ = std::io::copy(&mut &asking, &mut &asked);
                    let _ = asked.shutdown(Shutdown::Write);
                });
                let passed = counted.clone();
                std::thread::spawn(move || answer(far, near, &passed, breaks_at));
            }
        });
        Self { address, passed }
    }
}

fn answer(mut far: TcpStream, mut near: TcpStream, passed: &AtomicUsize, breaks_at: usize) {
    let mut piece = [0; 64 * 1024];
    while let Ok(read @ 1..) = far.read(&mut piece) {
        let before = passed.fetch_add(read, Ordering::Relaxed);
        let breaks = before < breaks_at && before + read >= breaks_at;
        if near.write_all(&piece[..read]).is_err() || breaks {
            break;
        }
    }
    let _ = near.shutdown(Shutdown::Both);
    let _ = far.shutdown(Shutdown::Both);
}

/// Puts an image of two layers of 12 MB into the registry, and into nothing else: its name and id.
async fn noise(engine: &Engine, registry: &Registry) -> (String, String) {
    let folder = Folder::new(&[("Dockerfile", "FROM scratch\nCOPY one /\nCOPY two /\n")]);
    // Layers that do not pack: their size is what has to come. No other test has the same.
    let port: u64 = registry.address.rsplit(':').next().unwrap().parse().unwrap();
    let mut seed = (u64::from(std::process::id()) << 32) | (port << 1) | 1;
    for name in ["one", "two"] {
        let noise = std::iter::repeat_with(|| {
            seed = seed.wrapping_mul(6_364_136_223_846_793_005).wrapping_add(1_442_695_040_888_963_407);
            (seed >> 56) as u8
        });
        std::fs::write(folder.at(name), noise.take(12_000_000).collect::<Vec<u8>>()).unwrap();
    }
    let name = format!("{}/noise:1", registry.address);
    let id = engine.build(&Build::new(&name, folder.path()), &Silent, &Cancellation::new()).await.unwrap();
    docker(&["push", &name]);
    engine.remove_image(&name).await.unwrap();
    (name, id)
}

fn id_of(name: &str) -> String {
    docker(&["image", "inspect", "--format", "{{.Id}}", name])
}

#[tokio::test]
async fn an_image_is_fetched_with_each_of_its_layers_told_of() {
    let (engine, registry) = (engine().await, Registry::start());
    let (name, id) = noise(&engine, &registry).await;
    let heard = Heard::default();
    engine.pull(&name, &heard, &Cancellation::new()).await.unwrap();
    assert_eq!(id_of(&name), id);
    let last = heard.steps.lock().unwrap().last().cloned().unwrap();
    assert!(Some(last.done) == last.total && last.done > 24_000_000, "{last:?}");
    let whole = ("Pull complete".to_owned(), 1.0);
    assert!(heard.has("Downloaded newer image"));
    let parts = heard.parts.into_inner().unwrap();
    assert!(parts.len() == 2 && parts.values().all(|said| *said == whole), "{parts:?}");
    engine.remove_image(&name).await.unwrap();
    let gone = engine.pull(&format!("{}/none:1", registry.address), &Silent, &Cancellation::new()).await;
    assert!(matches!(&gone, Err(Error::Pull { detail, .. }) if detail.contains("not found")), "{gone:?}");
}

#[tokio::test]
async fn a_layer_that_broke_off_goes_on_where_it_was_and_a_cancelled_pull_can_be_asked_for_again() {
    let (engine, registry) = (engine().await, Registry::start());
    let (name, id) = noise(&engine, &registry).await;
    // More than one layer, and less than both: one of them has at least 4 MB when it breaks off.
    let breaks_at = 16_000_000;
    let line = Line::to(&registry, breaks_at);
    let by_line = format!("{}/noise:1", line.address);
    let heard = Heard::default();
    engine.pull(&by_line, &heard, &Cancellation::new()).await.unwrap();
    assert_eq!(id_of(&by_line), id);
    assert!(heard.has("Retrying in"));
    let passed = line.passed.load(Ordering::Relaxed);
    assert!((24_000_000..26_000_000).contains(&passed), "{passed} bytes came, 24 MB of them once");
    engine.remove_image(&by_line).await.unwrap();

    // When the one is whole, the other one is not, and the engine waits for seconds before it asks again.
    let line = Line::to(&registry, breaks_at);
    let by_line = format!("{}/noise:1", line.address);
    let cancellation = Cancellation::new();
    let heard = Heard { cancel_at: Some(("Download complete", cancellation.clone())), ..Heard::default() };
    assert!(matches!(engine.pull(&by_line, &heard, &cancellation).await, Err(Error::Cancelled)));
    assert_eq!(engine.image_id(&by_line).await.unwrap(), None);
    engine.pull(&name, &Silent, &Cancellation::new()).await.unwrap();
    assert_eq!(id_of(&name), id);
    engine.remove_image(&name).await.unwrap();
}

#[tokio::test]
async fn a_base_that_was_fetched_is_not_looked_into() {
    let (engine, registry, go_on) = (engine().await, Registry::start(), Cancellation::new());
    let (base, name) = (format!("{}/base:1", registry.address), "groundwork-test-fetched:1");
    let folder =
        Folder::new(&[("base/Dockerfile", "FROM scratch\nCOPY name /one\nCOPY name /two\n"), ("base/name", &base)]);
    folder.write("top/Dockerfile", &format!("FROM {base}\nCOPY Dockerfile /top/\n"));
    docker(&["build", "--tag", &base, folder.at("base").to_str().unwrap()]);
    docker(&["push", &base]);
    // What was only sent away was built here.
    for given in [0, 2] {
        engine.build(&Build::new(name, folder.at("top")), &Silent, &go_on).await.unwrap();
        let below = engine.base_of(&engine.inside(name).await.unwrap(), &base).await.unwrap();
        assert_eq!((below.layers, below.given), (2, given));
        engine.remove_image(name).await.unwrap();
        docker(&["image", "rm", &base]);
        engine.pull(&base, &Silent, &go_on).await.unwrap();
    }
    docker(&["image", "rm", &base]);
}
