#![cfg(unix)]

use std::{
    ffi::OsStr,
    fs,
    os::unix::fs::PermissionsExt,
    path::{Path, PathBuf},
    process::Command,
    sync::Mutex,
};

use sha2::{Digest, Sha256};
use task::{Cancellation, Fault, Progress, Reporter, Silent};
use workspaces::{Environment, EnvironmentRequest, Python, PythonError};

use crate::support::search_path;

/// A folder with a wheelhouse that holds `pebble` 1.0, and the requirements that name it.
struct Shop {
    folder: tempfile::TempDir,
}

impl Shop {
    fn open() -> Self {
        let shop = Self { folder: tempfile::tempdir().unwrap() };
        fs::create_dir(shop.wheelhouse()).unwrap();
        let made = Command::new("python3").args(["-c", WHEEL]).current_dir(shop.wheelhouse()).status().unwrap();
        assert!(made.success());
        shop.require(&format!("pebble==1.0 --hash=sha256:{}\n", shop.hash()));
        shop
    }

    fn wheelhouse(&self) -> PathBuf {
        self.folder.path().join("wheel house")
    }

    fn wheel(&self) -> PathBuf {
        self.wheelhouse().join("pebble-1.0-py3-none-any.whl")
    }

    fn hash(&self) -> String {
        Sha256::digest(fs::read(self.wheel()).unwrap()).iter().map(|byte| format!("{byte:02x}")).collect()
    }

    fn require(&self, text: &str) {
        fs::write(self.folder.path().join("requirements.txt"), text).unwrap();
    }

    async fn prepare(
        &self,
        path: &OsStr,
        reporter: &dyn Reporter,
        stop: &Cancellation,
    ) -> Result<Environment, PythonError> {
        let request = EnvironmentRequest {
            search_path: path,
            requirements: &self.folder.path().join("requirements.txt"),
            wheelhouse: Some(&self.wheelhouse()),
            store: &self.folder.path().join("store"),
        };
        Environment::prepare(&request, reporter, stop).await
    }

    async fn fails(&self) -> PythonError {
        self.prepare(&search_path(), &Silent, &Cancellation::new()).await.unwrap_err()
    }
}

const WHEEL: &str = r#"
import zipfile
with zipfile.ZipFile("pebble-1.0-py3-none-any.whl", "w") as wheel:
    info = "pebble-1.0.dist-info/"
    wheel.writestr("pebble.py", "weight = 7\n")
    wheel.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: pebble\nVersion: 1.0\n")
    wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    wheel.writestr(info + "RECORD", f"pebble.py,,\n{info}METADATA,,\n{info}WHEEL,,\n{info}RECORD,,\n")
"#;

#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Reporter for Heard {
    fn progress(&self, progress: Progress) {
        self.0.lock().unwrap().push(format!("{} {}/{}", progress.what, progress.done, progress.total.unwrap()));
    }
    fn output(&self, _: &str) {}
}

fn weighs(environment: &Environment) -> bool {
    let asked = Command::new(&environment.python).args(["-c", "import pebble; print(pebble.weight)"]).output().unwrap();
    asked.stdout == b"7\n"
}

#[tokio::test]
async fn an_environment_is_made_once_and_again_after_an_interruption() {
    let (shop, path, go_on) = (Shop::open(), search_path(), Cancellation::new());
    let heard = Heard::default();
    // Two windows at once: one makes it, the other waits.
    let (one, two) = tokio::join!(shop.prepare(&path, &heard, &go_on), shop.prepare(&path, &heard, &go_on));
    let environment = one.unwrap();
    assert_eq!(two.unwrap(), environment);
    assert!(weighs(&environment));
    let heard = heard.0.into_inner().unwrap();
    assert_eq!(heard.iter().filter(|line| *line == "Installing pebble 1/3").count(), 1, "{heard:?}");
    assert!(heard.contains(&"The Python environment is ready 3/3".to_owned()), "{heard:?}");

    let heard = Heard::default();
    assert_eq!(shop.prepare(&path, &heard, &go_on).await.unwrap(), environment);
    assert_eq!(*heard.0.lock().unwrap(), Vec::<String>::new(), "nothing was to do");

    // As a crash leaves it: half there, and no marker.
    fs::remove_file(environment.folder.join("complete")).unwrap();
    fs::remove_dir_all(environment.folder.join("lib")).unwrap();
    fs::write(environment.folder.join("leftover"), "").unwrap();
    assert_eq!(shop.prepare(&path, &Silent, &go_on).await.unwrap(), environment);
    assert!(weighs(&environment));
    assert!(!environment.folder.join("leftover").exists());
}

#[tokio::test]
async fn a_wheel_that_is_not_the_one_the_lab_names_is_refused() {
    let shop = Shop::open();
    let named = shop.hash();
    let mut bytes = fs::read(shop.wheel()).unwrap();
    bytes.extend_from_slice(b"altered");
    fs::write(shop.wheel(), bytes).unwrap();
    let error = shop.fails().await;
    assert_eq!(error.code(), "python.altered");
    let expected = format!(
        "a package is not the one that the lab names: pebble==1.0 should have SHA-256 {named}, but has {}",
        shop.hash()
    );
    assert_eq!(error.to_string(), expected);
    assert_eq!(complete(&shop), 0);
}

fn complete(shop: &Shop) -> usize {
    let all = walkdir::WalkDir::new(shop.folder.path().join("store")).max_depth(2).into_iter().flatten();
    all.filter(|entry| entry.file_name() == "complete").count()
}

#[test]
fn what_the_wheelhouse_lacks_and_no_network_brings_is_named() {
    // Nothing listens on port 9.
    let alone = Command::new(std::env::current_exe().unwrap())
        .args(["python::without_an_index", "--exact", "--ignored"])
        .env("PIP_INDEX_URL", "http://127.0.0.1:9/simple")
        .env_remove("PIP_FIND_LINKS")
        .output()
        .unwrap();
    assert!(alone.status.success(), "{}", String::from_utf8_lossy(&alone.stdout));
}

#[tokio::test]
#[ignore = "started by the test above, which names an index that is not there"]
async fn without_an_index() {
    let shop = Shop::open();
    shop.require(&format!("boulder==2.0 --hash=sha256:{}\n", "0".repeat(64)));
    let error = shop.fails().await;
    assert_eq!(error.code(), "python.offline", "{error}");
    assert!(error.to_string().starts_with("boulder==2.0 is not in the packages"), "{error}");
    assert_eq!(complete(&shop), 0);
}

#[tokio::test]
async fn a_list_without_hashes_is_refused_before_anything_is_made() {
    let shop = Shop::open();
    shop.require("pebble==1.0\n");
    let error = shop.fails().await;
    assert_eq!(error.code(), "python.requirements");
    assert!(!shop.folder.path().join("store").exists());
}

#[tokio::test]
async fn pip_installs_what_was_read_and_no_more() {
    let shop = Shop::open();
    // pip ends a line, and with it the comment, at a carriage return too.
    let hidden = format!("boulder==2.0 --hash=sha256:{}", "0".repeat(64));
    shop.require(&format!("pebble==1.0 --hash=sha256:{} # a stone\r{hidden}\n", shop.hash()));
    assert!(weighs(&shop.prepare(&search_path(), &Silent, &Cancellation::new()).await.unwrap()));
}

#[tokio::test]
async fn cancelling_stops_at_once_and_leaves_nothing_that_counts() {
    let (shop, path, stop) = (Shop::open(), search_path(), Cancellation::new());
    struct StopAtOnce<'a>(&'a Cancellation);
    impl Reporter for StopAtOnce<'_> {
        fn progress(&self, _: Progress) {
            self.0.cancel();
        }
        fn output(&self, _: &str) {}
    }
    let error = shop.prepare(&path, &StopAtOnce(&stop), &stop).await.unwrap_err();
    assert!(matches!(error, PythonError::Cancelled), "{error}");
    assert_eq!(complete(&shop), 0);
}

#[tokio::test]
async fn pythons_that_will_not_do_are_told_apart() {
    let answers = |version: &str, module: &str| format!("#!/bin/sh\necho {version}\necho \"$0\"\necho {module}\n");
    for (installed, expected, next_step) in [
        (vec![], "python.missing", "Install Python 3.10 or newer"),
        (
            vec![("python3", "#!/bin/sh\necho no such command; exit 127".to_owned())],
            "python.missing",
            "Install Python 3.10",
        ),
        (
            vec![("python3", answers("3.9.18", "venv")), ("python", answers("2.7.18", "none"))],
            "python.too_old",
            "3.10 or newer",
        ),
        (vec![("python3", answers("3.12.1", "none"))], "python.no_venv", "sudo apt install python3.12-venv"),
        (vec![("python3", answers("3.9.1", "venv")), ("python3.11", answers("3.11.2", "venv"))], "3.11.2", ""),
    ] {
        let folder = tempfile::tempdir().unwrap();
        for (name, script) in &installed {
            install(folder.path(), name, script);
        }
        match Python::find(folder.path().as_os_str()).await {
            Ok(python) => assert_eq!(python.version, expected),
            Err(error) => {
                assert_eq!(error.code(), expected, "{installed:?}: {error}");
                assert!(error.next_step().contains(next_step), "{}", error.next_step());
            }
        }
    }
    let real = Python::find(&search_path()).await.unwrap();
    assert!(real.version.starts_with("3."), "{real:?}");
}

fn install(folder: &Path, name: &str, script: &str) {
    let path = folder.join(name);
    fs::write(&path, script).unwrap();
    fs::set_permissions(path, fs::Permissions::from_mode(0o755)).unwrap();
}
