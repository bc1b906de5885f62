//! CUDA's compiler and libraries, from the Python wheels that NVIDIA publishes: no GPU, no driver and no installed CUDA is
//! needed to build. Fetched once; the cache holds them, and the build for CUDA beside them.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

use super::copy;
use crate::places::Places;
use crate::{compile, files, setup, shell};

/// The wheels, and their hashes.
const REQUIREMENTS: &str = "src-tauri/crates/xtask/src/bundle/cuda.txt";
const TARGET: &str = "x86_64-unknown-linux-gnu";

/// The kernels are written for 8.0, and made into machine code of 8.0, 9.0 and 12.0. They are carried as PTX too, of which a
/// driver makes machine code for any other GPU since, when it first sees it.
pub const GENERATIONS: &str = "compute capability 8.0 and newer: Ampere, Ada, Hopper, Blackwell";
const CAPABILITY: &str = "80";
/// candle's own build makes machine code of one generation alone, which no other can run.
const ALSO: &str = "-gencode=arch=compute_80,code=[sm_90,sm_120,compute_80]";

/// Loaded by candle's bindings when they are first called. To the linker, libraries that hold nothing: a call that is not
/// loaded is an error there, not a need for a library at start.
const LOADED: [&str; 5] = ["cuda", "cublas", "cublasLt", "curand", "nvrtc"];
const EMPTY: &[u8] = b"!<arch>\n";

/// Carried, with the name that the bindings ask for first: another version, found elsewhere under it, would be taken.
const CARRIED: [(&str, Option<&str>); 3] =
    [("libcublas.so.13", Some("libcublas.so")), ("libcublasLt.so.13", None), ("libcurand.so.10", Some("libcurand.so"))];

pub struct Toolkit {
    folder: PathBuf,
}

impl Toolkit {
    /// Takes minutes the first time.
    pub fn ready(places: &Places) -> Result<Self> {
        let toolkit = Self { folder: places.cache.join("cuda") };
        let wheels = files::digest(&places.root, [&REQUIREMENTS.to_owned()])?;
        let stamp = toolkit.folder.join("complete");
        if !files::stamped(&stamp, &wheels) {
            toolkit.fetch(places)?;
            files::stamp(&stamp, &wheels)?;
        }
        Ok(toolkit)
    }

    fn fetch(&self, places: &Places) -> Result<()> {
        shell::announce("CUDA's compiler and libraries, 0.6 GB, fetched once");
        let wheels = self.wheels();
        if wheels.exists() {
            std::fs::remove_dir_all(&wheels).with_context(|| format!("could not remove {}", wheels.display()))?;
        }
        let mut pip = shell::command(places, setup::download_python(places)?);
        pip.args(["-m", "pip", "install", "--no-deps", "--require-hashes", "--only-binary", ":all:", "--target"]);
        shell::run(pip.arg(&wheels).arg("--requirement").arg(REQUIREMENTS))?;
        let empty = |name| (format!("lib{name}.a"), EMPTY.to_vec());
        let runtime = std::fs::read(self.root().join("lib/libcudart_static.a")).context("the wheels have no cudart")?;
        for (name, bytes) in LOADED.into_iter().map(empty).chain([("libcudart.a".to_owned(), runtime)]) {
            std::fs::create_dir_all(self.link())?;
            std::fs::write(self.link().join(&name), bytes).with_context(|| format!("could not write {name}"))?;
        }
        Ok(())
    }

    fn wheels(&self) -> PathBuf {
        self.folder.join("wheels")
    }

    /// What an installed CUDA has in one folder: bin, include, lib.
    fn root(&self) -> PathBuf {
        self.wheels().join("nvidia/cu13")
    }

    /// What the linker is offered in place of CUDA's libraries.
    fn link(&self) -> PathBuf {
        self.folder.join("link")
    }

    /// The program, built into a target folder of its own: its dependencies have other features and flags than elsewhere.
    pub fn build(&self, places: &Places) -> Result<PathBuf> {
        let places = Places { target: self.folder.join("target"), ..places.clone() };
        compile::forget_other_clones(&places, &["--release", "--target", TARGET])?;
        let mut cargo = shell::cargo(&places);
        cargo.args(["build", "--release", "--locked", "--target", TARGET, "--package", "cli", "--bin", "groundwork"]);
        cargo.args(["--features", "cuda"]).env("CARGO_ENCODED_RUSTFLAGS", self.flags().join("\x1f"));
        // What a user has set for another CUDA would be searched too.
        for variable in
            ["CUDA_PATH", "CUDA_ROOT", "CUDA_TOOLKIT_ROOT_DIR", "CUDNN_LIB", "NVCC_PREPEND_FLAGS", "NVCC_CCBIN"]
        {
            cargo.env_remove(variable);
        }
        let paths = std::env::var_os("PATH").unwrap_or_default();
        let bin = self.root().join("bin");
        cargo.env("PATH", std::env::join_paths(std::iter::once(bin.clone()).chain(std::env::split_paths(&paths)))?);
        cargo.env("CUDA_HOME", self.root()).env("NVCC", bin.join("nvcc"));
        // Unless told, it compiles the kernels on half of the processors.
        let processors = std::thread::available_parallelism()?.get();
        cargo.env("CUDAFORGE_THREADS", processors.to_string());
        cargo.env("CUDA_COMPUTE_CAP", CAPABILITY).env("NVCC_APPEND_FLAGS", ALSO);
        shell::run(&mut cargo)?;
        Ok(places.target.join(TARGET).join("release/groundwork"))
    }

    /// Flags for what is built for `TARGET`; build scripts do not get them, and one of them, cudarc's, would refuse the
    /// first.
    fn flags(&self) -> [String; 3] {
        [
            "--cfg=feature=\"dynamic-loading\"".to_owned(),
            format!("-Lnative={}", self.link().display()),
            // Where the loader looks beside the program, whenever a library is asked for by its bare name.
            "-Clink-arg=-Wl,-rpath,$ORIGIN/lib".to_owned(),
        ]
    }

    /// The libraries that candle's calls load, and their licence.
    pub fn place_libraries(&self, lib: &Path) -> Result<()> {
        for (file, asked) in CARRIED {
            copy(&self.root().join("lib").join(file), &lib.join(file))?;
            if let Some(asked) = asked {
                link(file, &lib.join(asked)).with_context(|| format!("could not link {asked}"))?;
            }
        }
        let licence = "nvidia_cublas-13.0.2.14.dist-info/licenses/License.txt";
        copy(&self.wheels().join(licence), &lib.join("LICENSE-NVIDIA.txt"))
    }
}

#[cfg(unix)]
fn link(file: &str, link: &Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(file, link)
}

#[cfg(not(unix))]
fn link(_: &str, _: &Path) -> std::io::Result<()> {
    Err(std::io::ErrorKind::Unsupported.into())
}
