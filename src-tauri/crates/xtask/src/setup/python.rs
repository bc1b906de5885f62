//! Python: the interpreter, a private environment that downloads, the wheels that labs need without a
//! network, and one environment for each set of clients that the tests run. Never touches the system's
//! Python.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::Need;
use crate::places::Places;
use crate::{files, shell};

pub const PYTHON: Need = Need {
    name: "Python",
    tests_only: false,
    missing: |places| {
        Ok(match version(places) {
            None => Some("there is no python3, or it is older than 3.10".to_owned()),
            Some(_) if !makes_environments(places) => Some("it cannot make virtual environments".to_owned()),
            Some(_) => None,
        })
    },
    mend: None,
    by_hand: |_| "install Python 3.10 or newer with its venv module (Debian: python3 python3-venv)".to_owned(),
};

/// `3.11.7`, of a Python that is new enough.
fn version(places: &Places) -> Option<String> {
    const ASK: &str = "import sys; assert sys.version_info >= (3, 10); print('%d.%d.%d' % sys.version_info[:3])";
    shell::read(shell::command(places, "python3").args(["-c", ASK])).ok()
}

/// Debian ships Python without the parts that `python3 -m venv` needs.
pub fn makes_environments(places: &Places) -> bool {
    shell::read(shell::command(places, "python3").args(["-c", "import venv, ensurepip"])).is_ok()
}

/// An environment with nothing but pip, one for each version of Python.
fn downloader(places: &Places) -> Result<PathBuf> {
    let version = version(places).context("python3 was not found")?;
    Ok(places.tools().join(format!("python-{version}")))
}

/// The interpreter of an environment.
pub fn interpreter(environment: &Path) -> PathBuf {
    environment.join(if cfg!(windows) { "Scripts/python.exe" } else { "bin/python" })
}

pub fn download_python(places: &Places) -> Result<PathBuf> {
    Ok(interpreter(&downloader(places)?))
}

pub const DOWNLOADER: Need = Need {
    name: "Python downloads",
    tests_only: false,
    missing: |places| Ok((!is_complete(&downloader(places)?)).then(|| "an environment for pip".to_owned())),
    mend: Some(|places| {
        let folder = downloader(places)?;
        make(places, &folder)?;
        complete(&folder)
    }),
    by_hand: |_| "cargo xtask setup".to_owned(),
};

fn make(places: &Places, folder: &Path) -> Result<()> {
    shell::run(shell::command(places, "python3").args(["-m", "venv", "--clear"]).arg(folder))
}

/// Written last: an environment without it was cut short and is made again.
fn marker(folder: &Path) -> PathBuf {
    folder.join("complete")
}

pub fn is_complete(folder: &Path) -> bool {
    marker(folder).is_file() && interpreter(folder).exists()
}

fn complete(folder: &Path) -> Result<()> {
    files::stamp(&marker(folder), "")
}

/// An environment of the cache that holds what a requirements file of this repository names; made where it is missing.
pub fn environment(places: &Places, name: &str, requirements: &str) -> Result<PathBuf> {
    let folder = environment_of(places, name, requirements)?;
    if !is_complete(&folder) {
        install(places, &folder, requirements)?;
    }
    Ok(folder)
}

pub fn environment_of(places: &Places, name: &str, requirements: &str) -> Result<PathBuf> {
    let digest = files::digest(&places.root, [&requirements.to_owned()])?;
    let version = version(places).context("python3 was not found")?;
    Ok(places.cache.join("clients").join(format!("{name}-{version}-{}", &digest[..16])))
}

fn install(places: &Places, folder: &Path, requirements: &str) -> Result<()> {
    make(places, folder)?;
    let mut pip = shell::command(places, interpreter(folder));
    shell::run(pip.args(["-m", "pip", "install", "--requirement", requirements]))?;
    complete(folder)
}

/// The requirement files of labs.
fn lab_requirements(places: &Places) -> Result<Vec<String>> {
    let files = files::list(&places.root, "labs")?;
    Ok(files.into_iter().filter(|path| path.ends_with("/starter/requirements.txt")).collect())
}

/// Says that the wheels of this requirement file, for this Python, are in the wheelhouse.
fn wheels_stamp(places: &Places, requirements: &String) -> Result<(PathBuf, String)> {
    let digest = files::digest(&places.root, [&requirements.to_owned()])?;
    let version = version(places).context("python3 was not found")?;
    let stamp = places.wheelhouse().join(".complete").join(format!("{}-{version}", &digest[..16]));
    Ok((stamp, digest))
}

fn missing_wheels(places: &Places) -> Result<Vec<String>> {
    let mut missing = Vec::new();
    for requirements in lab_requirements(places)? {
        let (stamp, digest) = wheels_stamp(places, &requirements)?;
        if files::stamped(&stamp, &digest) {
            continue;
        }
        if in_wheelhouse(places, &requirements)? {
            files::stamp(&stamp, &digest)?;
        } else {
            missing.push(requirements);
        }
    }
    Ok(missing)
}

/// Whether pip finds there all that a requirement file names, without a network.
fn in_wheelhouse(places: &Places, requirements: &str) -> Result<bool> {
    let python = download_python(places)?;
    if !python.is_file() || !places.wheelhouse().is_dir() {
        return Ok(false);
    }
    let copies = tempfile::tempdir()?;
    let mut pip = shell::command(places, python);
    pip.args(["-m", "pip", "download", "--no-index", "--require-hashes", "--only-binary", ":all:", "--find-links"]);
    pip.arg(places.wheelhouse()).arg("--dest").arg(copies.path()).arg("--requirement").arg(requirements);
    Ok(shell::read(&mut pip).is_ok())
}

pub const WHEELHOUSE: Need = Need {
    name: "Python wheels for labs",
    tests_only: false,
    missing: |places| {
        let missing = missing_wheels(places)?;
        Ok((!missing.is_empty()).then(|| missing.join(", ")))
    },
    mend: Some(|places| {
        std::fs::create_dir_all(places.wheelhouse())?;
        for requirements in missing_wheels(places)? {
            let mut pip = shell::command(places, download_python(places)?);
            pip.args(["-m", "pip", "download", "--require-hashes", "--only-binary", ":all:", "--dest"]);
            shell::run(pip.arg(places.wheelhouse()).arg("--requirement").arg(&requirements))?;
            let (stamp, digest) = wheels_stamp(places, &requirements)?;
            files::stamp(&stamp, &digest)?;
        }
        Ok(())
    }),
    by_hand: |places| {
        let wheelhouse = places.wheelhouse();
        format!("pip download --require-hashes --only-binary :all: --dest {} --requirement FILE", wheelhouse.display())
    },
};

/// Each set of official clients that the black-box tests run: its name and its environment.
pub fn clients(places: &Places) -> Result<Vec<(String, PathBuf)>> {
    let mut clients = Vec::new();
    for path in files::list(&places.root, "tests/clients")? {
        let Some(name) = path.strip_prefix("tests/clients/requirements-") else { continue };
        let name = name.trim_end_matches(".txt").to_owned();
        let folder = environment_of(places, &name, &path)?;
        clients.push((name, folder));
    }
    Ok(clients)
}

pub const CLIENTS: Need = Need {
    name: "Python clients",
    tests_only: true,
    missing: |places| {
        let mut missing = clients(places)?;
        missing.retain(|(_, folder)| !is_complete(folder));
        let names: Vec<String> = missing.into_iter().map(|(name, _)| name).collect();
        Ok((!names.is_empty()).then(|| names.join(", ")))
    },
    mend: Some(|places| {
        for (name, folder) in clients(places)?.into_iter().filter(|(_, folder)| !is_complete(folder)) {
            install(places, &folder, &format!("tests/clients/requirements-{name}.txt"))?;
        }
        Ok(())
    }),
    by_hand: |_| "cargo xtask setup, where there is a network".to_owned(),
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Makes a wheel, and the requirement file that names it.
    const WHEEL: &str = r#"
import hashlib, pathlib, zipfile
wheel = pathlib.Path("cache/wheelhouse/pebble-1.0-py3-none-any.whl")
wheel.parent.mkdir(parents=True)
with zipfile.ZipFile(wheel, "w") as packed:
    info = "pebble-1.0.dist-info/"
    packed.writestr(info + "METADATA", "Metadata-Version: 2.1\nName: pebble\nVersion: 1.0\n")
    packed.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: test\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
    packed.writestr(info + "RECORD", f"{info}METADATA,,\n{info}WHEEL,,\n{info}RECORD,,\n")
digest = hashlib.sha256(wheel.read_bytes()).hexdigest()
pathlib.Path("list.txt").write_text(f"pebble==1.0 --hash=sha256:{digest}\n")
"#;

    #[test]
    fn wheels_that_are_there_are_found_without_a_network() {
        let folder = tempfile::tempdir().unwrap();
        let root = folder.path().to_path_buf();
        let places = Places { cache: root.join("cache"), target: root.join("target"), root };
        shell::run(shell::command(&places, "python3").args(["-c", WHEEL])).unwrap();
        assert!(!in_wheelhouse(&places, "list.txt").unwrap(), "nothing is there that could look");
        make(&places, &downloader(&places).unwrap()).unwrap();
        assert!(in_wheelhouse(&places, "list.txt").unwrap());
        std::fs::remove_file(places.wheelhouse().join("pebble-1.0-py3-none-any.whl")).unwrap();
        assert!(!in_wheelhouse(&places, "list.txt").unwrap());
    }
}
