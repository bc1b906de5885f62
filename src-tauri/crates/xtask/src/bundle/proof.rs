//! Shows that a bundle does what it is for, or fails: it needs none of CUDA's libraries to start, and with no driver, or one
//! that is of no use, it answers on the CPU and says why. The drivers are made here, from driver.c.

use std::path::{Path, PathBuf};
use std::process::{Command, Output};

use anyhow::{Context, Result, bail, ensure};
use serde::Deserialize;

use super::{copy, elf};
use crate::places::Places;
use crate::shell;

/// Parts of the names of libraries that a program must start without.
const ABSENT: [&str; 6] = ["cuda", "cudart", "cublas", "curand", "nvrtc", "cudnn"];

/// A driver, as flags for its compiler, and what the program says of it.
const DRIVERS: [(&str, &[&str], &str); 5] = [
    ("a driver that holds nothing", &["-DEMPTY"], "the NVIDIA driver is not a fit one: it has no cuInit"),
    (
        "a driver that finds no GPU",
        &["-DINIT=100"],
        "the NVIDIA driver could not start: a made-up failure (CUDA error 100)",
    ),
    (
        "a driver that is broken",
        &["-DINIT=999"],
        "the NVIDIA driver could not start: a made-up failure (CUDA error 999)",
    ),
    (
        "a driver that is too old",
        &["-DVERSION=12080"],
        "the NVIDIA driver is too old: it supports CUDA 12.8, and this build needs 13.0",
    ),
    // Only after cuBLAS and cuRAND were found in lib/ is it asked for a GPU.
    ("a driver whose GPU is gone", &[], "CUDA found no usable GPU: DriverError(CUDA_ERROR_INVALID_DEVICE"),
];

pub fn prove(places: &Places, bundle: &Path) -> Result<()> {
    let program = bundle.join("groundwork");
    let dynamic = elf::dynamic(places, &program)?;
    let at_start = |library: &&String| ABSENT.iter().any(|name| library.contains(name));
    if let Some(library) = dynamic.needed.iter().find(at_start) {
        bail!("the program does not start without {library}");
    }
    ensure!(dynamic.searched.iter().any(|folder| folder == "$ORIGIN/lib"), "the program does not look into lib/");
    println!("  needs at its start: {}", dynamic.needed.join(" "));

    let scratch = tempfile::tempdir()?;
    let scratch = scratch.path();
    let trial = Trial { places, program: &program, resources: None, scratch };
    let device = trial.answer(None)?;
    println!("  as this machine is: {device}");
    if !has_driver(places) {
        ensure!(device.ends_with("the NVIDIA driver was not found: libcuda.so.1; this build has no Metal"), "{device}");
    }
    for (what, flags, reason) in DRIVERS {
        let device = trial.answer(Some(&driver(places, scratch, flags)?))?;
        println!("  {what}: {device}");
        ensure!(device.contains(reason), "with {what} it was to say: {reason}");
    }
    let alone = scratch.join("alone/groundwork");
    copy(&program, &alone)?;
    let resources = bundle.join("resources");
    let trial = Trial { program: &alone, resources: Some(&resources), ..trial };
    let device = trial.answer(Some(&driver(places, scratch, &[])?))?;
    println!("  a driver, and no lib/: {device}");
    ensure!(device.contains("cuBLAS was not found: libcublas.so.13") || has_cublas(places), "it was to miss cuBLAS");
    Ok(())
}

/// Whether the system's own folders have an NVIDIA driver.
fn has_driver(places: &Places) -> bool {
    system_has(places, "libcuda.so.1 ")
}

fn has_cublas(places: &Places) -> bool {
    system_has(places, "libcublas.so")
}

fn system_has(places: &Places, library: &str) -> bool {
    let cache = ["ldconfig", "/sbin/ldconfig"].map(|ldconfig| shell::read(shell::command(places, ldconfig).arg("-p")));
    cache.into_iter().flatten().any(|cache| cache.contains(library))
}

/// A folder with a driver made with `flags`.
fn driver(places: &Places, scratch: &Path, flags: &[&str]) -> Result<PathBuf> {
    let folder = scratch.join(if flags.is_empty() { "driver".to_owned() } else { flags.concat() });
    std::fs::create_dir_all(&folder)?;
    let source = scratch.join("driver.c");
    std::fs::write(&source, include_str!("driver.c"))?;
    let mut compile = shell::command(places, "cc");
    // The name that is asked for first, before that of a driver that this machine may have.
    shell::run(compile.args(["-shared", "-fPIC"]).args(flags).arg("-o").arg(folder.join("libcuda.so")).arg(&source))?;
    Ok(folder)
}

/// The program on trial, in a home of its own.
struct Trial<'a> {
    places: &'a Places,
    program: &'a Path,
    /// Where they do not lie beside the program.
    resources: Option<&'a Path>,
    scratch: &'a Path,
}

impl Trial<'_> {
    /// Has it say its device, with its reason, and answer a question.
    fn answer(&self, driver: Option<&Path>) -> Result<String> {
        // It may find fault with the machine it is on.
        let found = self.run(driver, &["doctor", "--json"], &[0, 1])?;
        let device = device(&found)?;
        ensure!(!device.contains('\n'), "its reason is no line: {device}");
        let said =
            self.run(driver, &["model", "chat", "Count from one to five.", "--max-tokens", "12", "--seed", "1"], &[0])?;
        ensure!(!said.trim().is_empty(), "it answered nothing, on {device}");
        Ok(device)
    }

    fn run(&self, driver: Option<&Path>, words: &[&str], expected: &[i32]) -> Result<String> {
        let mut program = shell::command(self.places, self.program);
        program
            .args(words)
            .env("GROUNDWORK_HOME", self.scratch.join("home"))
            .env("GROUNDWORK_WORKSPACES", self.scratch.join("workspaces"))
            .env("GROUNDWORK_PORT", "0")
            .env_remove("GROUNDWORK_DEVICE")
            .env_remove("GROUNDWORK_RESOURCES")
            .env_remove("LD_LIBRARY_PATH");
        program.envs(self.resources.map(|resources| ("GROUNDWORK_RESOURCES", resources)));
        program.envs(driver.map(|driver| ("LD_LIBRARY_PATH", driver)));
        let Output { status, stdout, stderr } = output(&mut program)?;
        let (out, told) = (String::from_utf8_lossy(&stdout).into_owned(), String::from_utf8_lossy(&stderr));
        let ended_well = status.code().is_some_and(|code| expected.contains(&code));
        ensure!(
            ended_well && !told.contains("panicked"),
            "`{}` ended with {status}\n{out}\n{told}",
            shell::shown(&program)
        );
        Ok(out)
    }
}

fn output(program: &mut Command) -> Result<Output> {
    program.output().with_context(|| format!("could not start `{}`", shell::shown(program)))
}

/// What `groundwork doctor --json` says of the device.
fn device(findings: &str) -> Result<String> {
    #[derive(Deserialize)]
    struct Finding {
        name: String,
        detail: String,
    }
    let mut found = findings.lines().filter_map(|line| serde_json::from_str::<Finding>(line).ok());
    let device = found.find(|finding| finding.name == "Device").context("the doctor says nothing of a device")?;
    Ok(device.detail)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_device_is_found_among_the_findings() {
        let findings = r#"{"type":"finding","name":"Model","state":"good","detail":"SmolLM2","nextStep":null}
{"type":"finding","name":"Device","state":"good","detail":"AMD EPYC, 2 threads: no driver","nextStep":null}"#;
        assert_eq!(device(findings).unwrap(), "AMD EPYC, 2 threads: no driver");
        assert!(device("").is_err());
    }
}
