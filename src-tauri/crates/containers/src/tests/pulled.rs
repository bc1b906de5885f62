//! An image that comes from a registry: Debian's own, on a free port of this machine.

use std::net::{TcpListener, TcpStream};
use std::process::{Child, Command, Stdio};
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

#[tokio::test]
async fn an_image_is_fetched_with_its_layers_counted_and_a_cancelled_one_goes_on_later() {
    let (engine, registry) = (engine().await, Registry::start());
    let folder = Folder::new(&[("Dockerfile", "FROM scratch\nCOPY one /\nCOPY two /\n")]);
    // Layers that do not pack: their size is what has to come.
    let mut seed = u64::from(std::process::id()) | 1;
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

    let cancellation = Cancellation::new();
    let heard = Heard { cancel_at: Some(("Pulling fs layer", cancellation.clone())), ..Heard::default() };
    assert!(matches!(engine.pull(&name, &heard, &cancellation).await, Err(Error::Cancelled)));
    assert_eq!(engine.image_id(&name).await.unwrap(), None);

    let heard = Heard::default();
    engine.pull(&name, &heard, &Cancellation::new()).await.unwrap();
    assert_eq!(docker(&["image", "inspect", "--format", "{{.Id}}", &name]), id);
    let last = heard.steps.lock().unwrap().last().cloned().unwrap();
    assert!(Some(last.done) == last.total && last.done > 24_000_000, "{last:?}");
    assert!(heard.has("Pull complete") && heard.has("Downloaded newer image"));
    engine.remove_image(&name).await.unwrap();
    let gone = engine.pull(&format!("{}/none:1", registry.address), &Silent, &Cancellation::new()).await;
    assert!(matches!(&gone, Err(Error::Pull { detail, .. }) if detail.contains("not found")), "{gone:?}");
}
