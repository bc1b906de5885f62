//! A container engine for the tests: the one that this machine has, where it answers; else a private dockerd, whose images
//! stay in the cache, and which ends with the run. Changes nothing of an engine that it did not start, but for one image.

use std::fs::File;
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use crate::places::Places;
use crate::{files, setup, shell};

/// The base of every image that tests build.
const IMAGE: &str = "groundwork/python";
/// Its version, for whoever pins it: that of the Python that the recipe's Debian has.
const PINNED: &str = "groundwork/python:3.11";
const RECIPE: &str = "assets/images/python.sh";
/// What the image runs unless told, and where it looks for programs.
const CHANGES: [&str; 4] = [
    "--change",
    "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin",
    "--change",
    "CMD [\"python3\"]",
];
const STARTS_WITHIN: Duration = Duration::from_secs(60);

/// An engine that answers. Dropping it ends the one that was started.
pub struct Engine {
    pub address: String,
    started: Option<Child>,
    /// Held while a private engine runs: a second run of the tests waits for its turn.
    _turn: Option<File>,
}

impl Engine {
    pub fn open(places: &Places) -> Result<Self> {
        let engine = match answering(places) {
            Some(address) => Self { address, started: None, _turn: None },
            None => start(places)?,
        };
        engine.bring_image(places)?;
        Ok(engine)
    }

    fn docker(&self, places: &Places) -> Command {
        docker(places, &self.address)
    }

    /// Imports the image where the engine lacks it, or has one of another recipe.
    fn bring_image(&self, places: &Places) -> Result<()> {
        let recipe = recipe(places)?;
        let label = "{{index .Config.Labels \"dev.groundwork.recipe\"}}";
        let known = shell::read(self.docker(places).args(["image", "inspect", "--format", label, IMAGE, PINNED]));
        if known.is_ok_and(|known| known.lines().all(|known| known == recipe)) {
            return Ok(());
        }
        let mut import = self.docker(places);
        import.arg("import").args(CHANGES).args(["--change", &format!("LABEL dev.groundwork.recipe={recipe}")]);
        shell::read(import.arg(image_file(places)?).arg(PINNED))?;
        shell::read(self.docker(places).args(["tag", PINNED, IMAGE]))?;
        Ok(())
    }
}

/// Where tests are told of the engine that they may use.
pub const VARIABLE: &str = "GROUNDWORK_TEST_ENGINE";

/// Runs a command beside the tests' engine: one test alone, or Docker's own client.
pub fn run(places: &Places, arguments: &[String]) -> Result<()> {
    let Some((program, arguments)) = arguments.split_first() else { bail!("name the command to run") };
    setup::for_engine(places)?;
    let engine = Engine::open(places)?;
    let mut command = shell::command(places, program);
    shell::run(command.args(arguments).env(VARIABLE, &engine.address).env("DOCKER_HOST", &engine.address))
}

impl Drop for Engine {
    fn drop(&mut self) {
        if let Some(child) = &mut self.started {
            let _ = Command::new("kill").arg(child.id().to_string()).status();
            let _ = child.wait();
        }
    }
}

fn docker(places: &Places, address: &str) -> Command {
    let mut docker = shell::command(places, "docker");
    docker.args(["--host", address]);
    docker
}

/// Where Docker's own client looks for an engine.
fn address(places: &Places) -> Option<String> {
    let endpoint = ["context", "inspect", "--format", "{{.Endpoints.docker.Host}}"];
    let context = || shell::read(shell::command(places, "docker").args(endpoint)).ok();
    std::env::var("DOCKER_HOST").ok().filter(|host| !host.is_empty()).or_else(context)
}

/// Whether an engine's socket is there that turns this user away.
pub fn turns_away(places: &Places) -> bool {
    #[cfg(unix)]
    if let Some(socket) = address(places).as_deref().and_then(|address| address.strip_prefix("unix://")) {
        let connected = std::os::unix::net::UnixStream::connect(socket);
        return connected.is_err_and(|error| error.kind() == std::io::ErrorKind::PermissionDenied);
    }
    let _ = places;
    false
}

/// The address of an engine that is there already.
pub fn answering(places: &Places) -> Option<String> {
    let address = address(places)?;
    let version = shell::read(docker(places, &address).args(["version", "--format", "{{.Server.Version}}"]));
    version.is_ok().then_some(address)
}

/// Starts a dockerd whose state lies in the cache, so that a second run finds its images.
fn start(places: &Places) -> Result<Engine> {
    let folder = places.cache.join("engine");
    std::fs::create_dir_all(&folder)?;
    let at = |name: &str| folder.join(name).display().to_string();
    let turn = File::create(folder.join("turn"))?;
    turn.lock()?;
    end_orphan(&folder.join("pid"))?;
    let address = format!("unix://{}", at("docker.sock"));
    let log = File::create(folder.join("log"))?;
    let child = shell::command(places, dockerd(places).context("dockerd was not found; run: cargo xtask setup")?)
        .args(["--data-root", &at("data"), "--exec-root", &at("exec"), "--pidfile", &at("pid"), "--host", &address])
        .stdout(Stdio::null())
        .stderr(log)
        .spawn()
        .context("could not start dockerd")?;
    let mut engine = Engine { address, started: Some(child), _turn: Some(turn) };
    let began = Instant::now();
    while shell::read(engine.docker(places).arg("version")).is_err() {
        let ended = engine.started.as_mut().is_some_and(|child| !matches!(child.try_wait(), Ok(None)));
        if ended || began.elapsed() > STARTS_WITHIN {
            bail!("a private dockerd did not start; its log is {}", at("log"));
        }
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(engine)
}

/// Ends the engine of a run that was killed. Only ours writes this file, and it takes it away when it ends well.
fn end_orphan(pid_file: &Path) -> Result<()> {
    let Ok(pid) = std::fs::read_to_string(pid_file) else { return Ok(()) };
    let pid = pid.trim();
    let runs = || std::fs::read_to_string(format!("/proc/{pid}/comm")).is_ok_and(|name| name.trim() == "dockerd");
    let began = Instant::now();
    while runs() {
        let _ = Command::new("kill").arg(pid).status();
        if began.elapsed() > STARTS_WITHIN {
            bail!("the dockerd of an earlier run, process {pid}, does not end; end it by hand");
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    Ok(())
}

/// Daemons lie where a user's search path often does not lead.
pub fn dockerd(places: &Places) -> Option<PathBuf> {
    shell::find(places, "dockerd").or_else(|| Some(PathBuf::from("/usr/sbin/dockerd")).filter(|path| path.is_file()))
}

/// A digest of how the image is made.
fn recipe(places: &Places) -> Result<String> {
    Ok(files::digest(&places.root, [&RECIPE.to_owned()])?[..16].to_owned())
}

/// The image's file system in the cache, one for each recipe.
pub fn image_file(places: &Places) -> Result<PathBuf> {
    Ok(places.cache.join("images").join(format!("python-{}.tar", recipe(places)?)))
}

/// Makes that file, as root.
pub fn make_image(places: &Places) -> Result<()> {
    let file = image_file(places)?;
    std::fs::create_dir_all(file.parent().context("the cache has no folder")?)?;
    let mut make = if shell::read(shell::command(places, "id").arg("-u"))? == "0" {
        shell::command(places, "sh")
    } else {
        let mut sudo = shell::command(places, "sudo");
        sudo.args(["-n", "sh"]);
        sudo
    };
    shell::run(make.arg(places.root.join(RECIPE)).arg(&file).stdout(Stdio::null()))
}
