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
            None => Some("python3 was not found".to_owned()),
            Some(_) if !makes_environments(places) => Some("it cannot make virtual environments".to_owned()),
            Some(_) => None,
        })
    },
    mend: None,
    by_hand: |_| "install Python 3.10 or newer with its venv module (Debian: python3 python3-venv)".to_owned(),
};

/// `3.11.7`, of a Python that is new enough.
fn version(places: &Places) -> Option<String> {
    const ASK: &str = "import sys; assert sys.version_info >= (3, 9); print('%d.%d.%d' % sys.version_info[:3])";
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
    by_hand: |places| format!("python3 -m venv {}", places.tools().join("python-VERSION").display()),
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
        if !files::stamped(&stamp, &digest) {
            missing.push(requirements);
        }
    }
    Ok(missing)
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
        format!("pip download --require-hashes --dest {} --requirement FILE", places.wheelhouse().display())
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
    by_hand: |_| {
        "pip install --requirement tests/clients/requirements-NAME.txt, in an environment of its own".to_owned()
    },
};
