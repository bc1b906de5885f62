//! Starting a program so that it can be ended whole: in a process group of its own, marked, and tethered to us.
//!
//! Three nets, each for what slips through the one before: the group (a signal reaches every process in it), the mark in
//! the environment (on Linux finds processes that left the group), the tether (kills both when we are gone).

use std::{
    collections::BTreeMap,
    ffi::OsString,
    io,
    path::PathBuf,
    process::Stdio,
    sync::atomic::{AtomicBool, AtomicU64, Ordering},
    thread,
    time::{Duration, Instant},
};

use tokio::process::{Child, Command};

#[cfg(target_os = "linux")]
mod confine;
#[cfg(target_os = "linux")]
pub mod proc;
#[cfg(target_os = "linux")]
mod sockets;
#[cfg(unix)]
mod tether;

/// A program about to start.
#[derive(Debug, Clone)]
pub(crate) struct Launch {
    pub program: PathBuf,
    pub arguments: Vec<OsString>,
    pub folder: PathBuf,
    pub environment: BTreeMap<String, OsString>,
    /// Whether it also sees our own environment. Only for tools of ours: never for what a learner wrote.
    pub inherits: bool,
    /// Cap on the memory that each of its processes may claim (`RLIMIT_DATA`, on Linux).
    #[cfg_attr(not(unix), expect(dead_code, reason = "nothing there limits a process without unsafe code"))]
    pub memory_mb: Option<u32>,
    /// What it may reach; everything where left out.
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only Linux has Landlock"))]
    pub reach: Option<Reach>,
}

/// The places and ports that a confined program reaches, beside what every program needs to start.
#[derive(Debug, Clone, Default)]
pub(crate) struct Reach {
    pub read: Vec<PathBuf>,
    pub write: Vec<PathBuf>,
    /// TCP ports that it may call.
    pub ports: Vec<u16>,
}

/// What this system can hold a check's program to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Isolation {
    /// It writes to its workspace alone, reads no home folder, and calls the gateway alone.
    FilesAndNetwork,
    /// As above, with the whole network.
    Files,
    None,
}

/// Looks once what the system offers.
#[must_use]
pub fn isolation() -> Isolation {
    #[cfg(target_os = "linux")]
    return confine::isolation();
    #[cfg(not(target_os = "linux"))]
    Isolation::None
}

/// Every process that came from one launch. Dropping it kills them.
#[derive(Debug)]
pub(crate) struct Tree {
    group: u32,
    #[cfg_attr(not(target_os = "linux"), expect(dead_code, reason = "only /proc shows it"))]
    mark: String,
    ended: AtomicBool,
}

/// The variable that marks every process of one launch.
pub(crate) const MARK: &str = "GROUNDWORK_RUN";

/// A mark that no other launch has.
pub(crate) fn mark() -> String {
    static COUNT: AtomicU64 = AtomicU64::new(0);
    let count = COUNT.fetch_add(1, Ordering::Relaxed);
    #[cfg(unix)]
    {
        tether::ready();
        format!("{}.{count}.", tether::session())
    }
    #[cfg(not(unix))]
    count.to_string()
}

/// Starts a program with its output piped, and its input too if `input`.
pub(crate) fn spawn(launch: &Launch, input: bool) -> io::Result<(Child, Tree)> {
    let mut command = capped(launch);
    if !launch.inherits {
        command.env_clear();
    }
    command.envs(&launch.environment).current_dir(&launch.folder);
    command.stdin(if input { Stdio::piped() } else { Stdio::null() }).stdout(Stdio::piped()).stderr(Stdio::piped());

    let mark = mark();
    #[cfg(unix)]
    command.process_group(0).env(MARK, &mark);
    let child = start(command, launch)?;
    let group = child.id().ok_or(io::ErrorKind::NotFound)?;
    Ok((child, Tree::of(group, mark)))
}

fn start(mut command: Command, launch: &Launch) -> io::Result<Child> {
    #[cfg(target_os = "linux")]
    if let Some(reach) = &launch.reach {
        return confine::spawn(command, reach);
    }
    #[cfg(not(target_os = "linux"))]
    let _ = launch;
    command.spawn()
}

/// A shell sets the limits and then becomes the program: limits set from outside would come too late for its first
/// moments, and set between fork and exec would need unsafe code.
#[cfg(unix)]
fn capped(launch: &Launch) -> Command {
    let mut command = Command::new("/bin/sh");
    // RLIMIT_DATA, not RLIMIT_AS: threads and allocators reserve address space that they never use.
    let kilobytes = launch.memory_mb.map_or("unlimited".to_owned(), |mb| (u64::from(mb) * 1024).to_string());
    command.args(["-c", r#"ulimit -c 0; ulimit -d "$1" 2>/dev/null; shift; exec "$@""#, "groundwork", &kilobytes]);
    command.arg(&launch.program).args(&launch.arguments);
    command
}

#[cfg(not(unix))]
fn capped(launch: &Launch) -> Command {
    let mut command = Command::new(&launch.program);
    command.args(&launch.arguments);
    command
}

impl Tree {
    /// What came from the leader of `group`, which was started with this mark in its environment.
    pub fn of(group: u32, mark: String) -> Self {
        #[cfg(unix)]
        tether::hold(group);
        Self { group, mark, ended: AtomicBool::new(false) }
    }

    /// Asks the group to end; whoever catches the signal may still finish.
    pub fn terminate(&self) {
        #[cfg(unix)]
        if !self.ended.load(Ordering::Acquire) {
            self.signal(rustix::process::Signal::TERM);
        }
    }

    /// Tells every process of the tree that its terminal is gone, and lets it put its files in order for so long before the
    /// rest is killed: an editor keeps what was not saved, a shell its history.
    pub fn hang_up(&self, patience: Duration) {
        #[cfg(unix)]
        if !self.ended.load(Ordering::Acquire) {
            self.signal(rustix::process::Signal::HUP);
            #[cfg(target_os = "linux")]
            proc::signal_marked(&self.mark, rustix::process::Signal::HUP);
            let began = Instant::now();
            while self.lives() && began.elapsed() < patience {
                thread::sleep(Duration::from_millis(5));
            }
        }
        #[cfg(not(unix))]
        let _ = patience;
        self.kill();
    }

    #[cfg(target_os = "linux")]
    fn lives(&self) -> bool {
        proc::is_marked(&self.mark)
    }

    #[cfg(all(unix, not(target_os = "linux")))]
    fn lives(&self) -> bool {
        let group = i32::try_from(self.group).ok().and_then(rustix::process::Pid::from_raw);
        group.is_some_and(|group| rustix::process::test_kill_process_group(group).is_ok())
    }

    /// Ends every process of the tree and returns when none is left. Once is enough; later calls do nothing, for the
    /// group's number may be a stranger's by then.
    pub fn kill(&self) {
        if self.ended.swap(true, Ordering::AcqRel) {
            return;
        }
        #[cfg(unix)]
        {
            self.signal(rustix::process::Signal::KILL);
            #[cfg(target_os = "linux")]
            proc::kill_marked(&self.mark);
            tether::release(self.group);
        }
        #[cfg(windows)]
        {
            let tree = ["/T", "/F", "/PID", &self.group.to_string()];
            let _ =
                std::process::Command::new("taskkill").args(tree).stdout(Stdio::null()).stderr(Stdio::null()).status();
        }
    }

    #[cfg(unix)]
    fn signal(&self, signal: rustix::process::Signal) {
        if let Some(group) = i32::try_from(self.group).ok().and_then(rustix::process::Pid::from_raw) {
            // An error means that nobody is left to hear it.
            let _ = rustix::process::kill_process_group(group, signal);
        }
    }

    /// TCP ports on which the tree listens; empty where the system does not tell.
    pub fn listens_on(&self) -> Vec<u16> {
        #[cfg(target_os = "linux")]
        return proc::listens_on(&self.mark);
        #[cfg(not(target_os = "linux"))]
        Vec::new()
    }
}

impl Drop for Tree {
    fn drop(&mut self) {
        self.kill();
    }
}
