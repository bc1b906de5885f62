//! A lab's Python environment: made once for a list of packages and a Python, then reused.
//!
//! An environment cannot be moved, so it is built where it stays. It counts only once its `complete` file is there, which
//! is written last; a half-built one is thrown away. A lock file keeps two windows from building the same one.

use std::{
    ffi::{OsStr, OsString},
    fs::{self, File},
    io,
    path::{Path, PathBuf},
    time::Duration,
};

use sha2::{Digest, Sha256};
use task::{Cancellation, Progress, Reporter, Unit};

use super::{Python, PythonError, pip::Pip, requirements::Requirements, tool};
use crate::{Error, disk, surroundings::installation};

/// A complete environment.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Environment {
    pub folder: PathBuf,
    /// Its own interpreter.
    pub python: PathBuf,
}

/// What an environment is made from.
#[derive(Debug, Clone, Copy)]
pub struct EnvironmentRequest<'a> {
    /// Where Python is looked for: the user's `PATH`.
    pub search_path: &'a OsStr,
    /// A requirements file that pins every package and its SHA-256.
    pub requirements: &'a Path,
    /// A folder of wheels, tried before the package index.
    pub wheelhouse: Option<&'a Path>,
    /// The folder that holds all environments.
    pub store: &'a Path,
}

impl Environment {
    /// The folder with its programs, for a search path.
    #[must_use]
    pub fn programs(&self) -> PathBuf {
        self.folder.join(if cfg!(windows) { "Scripts" } else { "bin" })
    }

    /// Where its files are: its own folder, and the Python that it was made from.
    pub(crate) fn homes(&self) -> Vec<PathBuf> {
        let settings = fs::read_to_string(self.folder.join("pyvenv.cfg")).unwrap_or_default();
        let base = settings.lines().find_map(|line| line.strip_prefix("home = "));
        let base = base.into_iter().flat_map(|base| installation(Path::new(base.trim())));
        base.chain([self.folder.clone()]).collect()
    }

    fn at(folder: &Path) -> Self {
        let mut environment = Self { folder: folder.to_path_buf(), python: PathBuf::new() };
        environment.python = environment.programs().join(if cfg!(windows) { "python.exe" } else { "python" });
        environment
    }

    /// Makes the environment, or finds it made. Cancelling leaves nothing running; the next call starts afresh.
    pub async fn prepare(
        request: &EnvironmentRequest<'_>,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Self, PythonError> {
        let requirements = Requirements::read(request.requirements)?;
        let python = Python::find(request.search_path).await?;
        fs::create_dir_all(request.store).map_err(Error::at(request.store))?;
        // Wheels are found by the folder's real path, and so are scripts.
        let store = request.store.canonicalize().map_err(Error::at(request.store))?;
        let name = name(&requirements.text, &python);
        let environment = Self::at(&store.join(&name));
        if environment.is_complete() {
            return Ok(environment);
        }
        let build = environment.build(request, &requirements, &python, reporter);
        tokio::select! {
            biased;
            () = cancellation.cancelled() => Err(PythonError::Cancelled),
            built = build => built.map(|()| environment.clone()),
        }
    }

    fn marker(&self) -> PathBuf {
        self.folder.join("complete")
    }

    /// A Python that was uninstalled leaves a link that leads nowhere.
    fn is_complete(&self) -> bool {
        self.marker().exists() && self.python.exists()
    }

    async fn build(
        &self,
        request: &EnvironmentRequest<'_>,
        requirements: &Requirements,
        python: &Python,
        reporter: &dyn Reporter,
    ) -> Result<(), PythonError> {
        let packages = requirements.packages.len() as u64;
        let total = packages + 2;
        let progress = |what: &str, done| {
            reporter.progress(Progress { what: what.to_owned(), done, total: Some(total), unit: Unit::Steps });
        };
        progress("Making the Python environment", 0);
        let _lock = lock(&self.folder.with_extension("lock")).await?;
        if self.is_complete() {
            return Ok(());
        }
        if self.folder.exists() {
            off_thread(&self.folder, |folder| fs::remove_dir_all(folder)).await?;
        }
        let store = self.folder.parent().unwrap_or(&self.folder);
        let folder = self.folder.to_string_lossy();
        let made = tool(&python.program, &["-E", "-m", "venv", &folder], store, request.search_path).await;
        let made = made.map_err(Error::at(&python.program))?;
        if made.exit != checks::Exit::Code(0) {
            return Err(self.why(&format!("{}\n{}", made.stdout, made.stderr)));
        }
        let list = self.folder.join("requirements.txt");
        disk::write(&list, requirements.text.as_bytes())?;
        let pip = Pip { environment: self, requirements: &list, search_path: request.search_path, reporter, packages };
        if packages > 0 {
            pip.install(request.wheelhouse).await?;
        }
        progress("Finishing", total - 1);
        off_thread(&self.folder, sync).await?;
        disk::write(&self.marker(), python.version.as_bytes())?;
        disk::sync_folder(&self.folder)?;
        progress("The Python environment is ready", total);
        Ok(())
    }

    fn why(&self, output: &str) -> PythonError {
        if output.contains("No space left on device") {
            return Error::Full { path: self.folder.clone() }.into();
        }
        let last = output.lines().rfind(|line| !line.trim().is_empty()).unwrap_or("venv failed without a word");
        PythonError::Failed { detail: last.trim().to_owned() }
    }
}

/// Different packages or a different Python make a different environment.
fn name(requirements: &str, python: &Python) -> String {
    let mut hash = Sha256::new();
    hash.update(requirements);
    hash.update([0]);
    hash.update(python.version.as_bytes());
    hash.update([0]);
    hash.update(OsString::from(&python.program).as_encoded_bytes());
    hash.finalize().iter().take(8).map(|byte| format!("{byte:02x}")).collect()
}

/// Waits for the lock; the system takes it back when its holder ends, however that ends.
async fn lock(path: &Path) -> Result<File, PythonError> {
    let file = File::options().create(true).append(true).open(path).map_err(Error::at(path))?;
    loop {
        match file.try_lock() {
            Ok(()) => return Ok(file),
            Err(fs::TryLockError::WouldBlock) => tokio::time::sleep(Duration::from_millis(100)).await,
            Err(fs::TryLockError::Error(error)) => return Err(Error::at(path)(error).into()),
        }
    }
}

/// Brings thousands of small files to the disk before the marker says that they are there.
fn sync(folder: &Path) -> io::Result<()> {
    #[cfg(target_os = "linux")]
    rustix::fs::syncfs(File::open(folder)?)?;
    let _ = folder;
    Ok(())
}

/// Disk work that takes long enough to be in the way of others.
async fn off_thread(folder: &Path, work: fn(&Path) -> io::Result<()>) -> Result<(), Error> {
    let place = folder.to_path_buf();
    let done = tokio::task::spawn_blocking(move || work(&place)).await;
    done.map_err(io::Error::other).flatten().map_err(Error::at(folder))
}
