//! llama.cpp, the text model's peer: built once, for this machine, from the source that the Python package
//! llama-cpp-python carries. The package's own bindings use the same build.

use std::path::PathBuf;
use std::process::Command;

use anyhow::{Context, Result, ensure};

use crate::places::Places;
use crate::{files, setup, shell};

const PACKAGE: &str = "llama-cpp-python==0.3.36";
const REQUIREMENTS: &str = "src-tauri/crates/xtask/src/bench/llama_cpp.txt";

pub struct LlamaCpp {
    environment: PathBuf,
    source: PathBuf,
    build: PathBuf,
}

impl LlamaCpp {
    /// Takes minutes the first time.
    pub fn ready(places: &Places) -> Result<Self> {
        let environment = setup::environment(places, "bench-llama-cpp", REQUIREMENTS)?;
        let folder = places.cache.join("peers").join(PACKAGE.replace("==", "-"));
        let peer = Self { environment, source: folder.join("source"), build: folder.join("build") };
        let stamp = folder.join("complete");
        if !files::stamped(&stamp, PACKAGE) {
            peer.make(places)?;
            files::stamp(&stamp, PACKAGE)?;
        }
        Ok(peer)
    }

    fn make(&self, places: &Places) -> Result<()> {
        shell::announce(&format!("llama.cpp from {PACKAGE}, built once"));
        std::fs::create_dir_all(&self.source).with_context(|| format!("could not make {}", self.source.display()))?;
        let mut download = self.python(places)?;
        download.args(["-m", "pip", "download", "--no-deps", "--no-build-isolation", "--no-binary", ":all:", "--dest"]);
        shell::run(download.arg(&self.source).arg(PACKAGE))?;
        let mut archives = std::fs::read_dir(&self.source)?.flatten().map(|entry| entry.path());
        let archive = archives.find(|path| path.extension().is_some_and(|ending| ending == "gz"));
        let archive = archive.context("pip brought no source archive")?;
        let mut unpack = shell::command(places, "tar");
        shell::run(unpack.args(["--strip-components=1", "-xzf"]).arg(&archive).arg("-C").arg(&self.source))?;

        let mut configure = self.tool(places, "cmake")?;
        configure.args(["-G", "Ninja", "-DCMAKE_BUILD_TYPE=Release", "-DBUILD_SHARED_LIBS=ON"]);
        configure.args(["TESTS", "EXAMPLES", "UI"].map(|part| format!("-DLLAMA_BUILD_{part}=OFF")));
        configure.args(["-DLLAMA_USE_PREBUILT_UI=OFF", "-DLLAMA_OPENSSL=OFF", "-S"]);
        shell::run(configure.arg(self.source.join("vendor/llama.cpp")).arg("-B").arg(&self.build))?;
        let mut build = self.tool(places, "cmake")?;
        shell::run(build.arg("--build").arg(&self.build).args(["--target", "llama-server"]))
    }

    /// Its Python, with the bindings.
    pub fn python(&self, places: &Places) -> Result<Command> {
        let mut python = self.tool(places, "python")?;
        python.env("PYTHONPATH", &self.source).env("LLAMA_CPP_LIB_PATH", self.build.join("bin"));
        Ok(python)
    }

    /// Its server.
    pub fn server(&self, places: &Places) -> Command {
        shell::command(places, self.build.join("bin/llama-server"))
    }

    /// A program of the environment, which finds its neighbours.
    fn tool(&self, places: &Places, name: &str) -> Result<Command> {
        let folder = self.environment.join("bin");
        ensure!(folder.is_dir(), "the benches beside llama.cpp run on Linux and macOS");
        let mut tool = shell::command(places, folder.join(name));
        let path = std::env::join_paths(
            std::iter::once(folder).chain(std::env::split_paths(&std::env::var_os("PATH").unwrap_or_default())),
        )?;
        tool.env("PATH", path);
        Ok(tool)
    }
}
