//! Bundles: what a user unpacks and starts, in a folder of its own below target/bundle of the clone. A bundle gets its
//! name only once it was proved. Owns what goes into one; never builds the wheels and models that go with it.

mod elf;
mod packages;
mod proof;
mod toolkit;

use std::path::{Path, PathBuf};
use std::time::Instant;

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::turn::Turn;
use crate::{files, setup, shell};
use toolkit::Toolkit;

pub fn bundle(places: &Places, arguments: &[String]) -> Result<()> {
    match arguments {
        [flag] if flag == "--cuda" => with_cuda(places),
        [] => packages::make(places),
        _ => bail!("unknown: {}; there are: cargo xtask bundle, cargo xtask bundle --cuda", arguments.join(" ")),
    }
}

/// `groundwork` for Linux that uses an NVIDIA GPU where there is one, CUDA's libraries, the labs and the models.
fn with_cuda(places: &Places) -> Result<()> {
    if !cfg!(all(target_os = "linux", target_arch = "x86_64")) {
        bail!("a program with CUDA is built on Linux, for x86_64");
    }
    let _turn = Turn::take(places)?;
    let start = Instant::now();
    setup::for_run(places)?;
    let toolkit = Toolkit::ready(places)?;
    shell::announce("build groundwork in release, with CUDA; its kernels take long the first time");
    let program = toolkit.build(places)?;
    let built = start.elapsed();

    let bundle = places.bundles().join("groundwork-cuda");
    let unproved = places.bundles().join("groundwork-cuda.unproved");
    for folder in [&bundle, &unproved] {
        if folder.exists() {
            std::fs::remove_dir_all(folder).with_context(|| format!("could not remove {}", folder.display()))?;
        }
    }
    shell::announce("put the bundle together");
    let lib = unproved.join("lib");
    std::fs::create_dir_all(&lib).with_context(|| format!("could not make {}", lib.display()))?;
    copy(&program, &unproved.join("groundwork"))?;
    copy(&places.root.join("LICENSE"), &unproved.join("LICENSE"))?;
    toolkit.place_libraries(&lib)?;
    place_resources(places, &unproved.join("resources"))?;

    shell::announce("prove it");
    proof::prove(places, &unproved)?;
    std::fs::rename(&unproved, &bundle).with_context(|| format!("could not name {}", bundle.display()))?;

    println!(
        "\n{}, {:.0} s, of which {:.0} s to build",
        bundle.display(),
        start.elapsed().as_secs_f64(),
        built.as_secs_f64()
    );
    for part in ["groundwork", "lib", "resources"] {
        println!("  {:>7.1} MB  {part}", megabytes(&bundle.join(part))?);
    }
    println!("  for GPUs of {}", toolkit::GENERATIONS);
    println!(
        "  loaded at run time, on a machine with a GPU: libcuda.so.1 of its driver (CUDA 13.0 or newer), and lib/"
    );
    Ok(())
}

/// What the program reads, without the links and stamps that a clone has.
fn place_resources(places: &Places, resources: &Path) -> Result<()> {
    for folder in ["labs", "assets"] {
        for path in files::list(&places.root, folder)? {
            copy(&places.root.join(&path), &resources.join(&path))?;
        }
    }
    for (name, folder) in [("models", places.models()), ("wheelhouse", places.wheelhouse())] {
        for file in plain_files(&folder)? {
            copy(&file, &resources.join(name).join(file.file_name().unwrap_or_default()))?;
        }
    }
    Ok(())
}

/// The files of `folder` whose names begin with no dot, sorted.
fn plain_files(folder: &Path) -> Result<Vec<PathBuf>> {
    let entries = std::fs::read_dir(folder).with_context(|| format!("could not read {}", folder.display()))?;
    let paths = entries.flatten().map(|entry| entry.path()).filter(|path| path.is_file());
    let mut plain: Vec<PathBuf> =
        paths.filter(|path| path.file_name().is_some_and(|name| !name.to_string_lossy().starts_with('.'))).collect();
    plain.sort();
    Ok(plain)
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    if let Some(folder) = to.parent() {
        std::fs::create_dir_all(folder)?;
    }
    std::fs::copy(from, to).with_context(|| format!("could not copy {} to {}", from.display(), to.display()))?;
    Ok(())
}

/// Of a file, or of all files below a folder; a link counts nothing.
fn megabytes(path: &Path) -> Result<f64> {
    let kind = path.symlink_metadata()?;
    if !kind.is_dir() {
        return Ok(if kind.is_file() { kind.len() as f64 / 1e6 } else { 0.0 });
    }
    std::fs::read_dir(path)?.map(|entry| megabytes(&entry?.path())).sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_cannot_be_bundled_is_refused() {
        let places = Places { root: "/none".into(), cache: "/none".into(), target: "/none".into() };
        let refusal = bundle(&places, &["--rocm".to_owned()]).unwrap_err().to_string();
        assert!(refusal.contains("unknown: --rocm") && refusal.contains("cargo xtask bundle --cuda"), "{refusal}");
    }
}
