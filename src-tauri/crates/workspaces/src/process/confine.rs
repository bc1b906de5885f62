//! What a check's program may reach: its workspace to write, the system's programs and libraries to read, and the
//! gateway to call. Landlock and a seccomp filter hold it there, without privileges and without unsafe code: a thread
//! confines itself, starts the program, which inherits that, and ends.
//!
//! Never judges what a program does; where the kernel has no Landlock, it runs as any other program.

use std::{io, path::PathBuf, thread};

use landlock::{
    ABI, Access, AccessFs, AccessNet, CompatLevel, Compatible, NetPort, Ruleset, RulesetAttr, RulesetCreatedAttr,
    RulesetError, Scope, path_beneath_rules,
};
use tokio::{
    process::{Child, Command},
    runtime::Handle,
};

use super::{Isolation, Reach, sockets};

/// The newest rules that were tried here. Older kernels keep as many of them as they know.
const RULES: ABI = ABI::V6;

/// What every program needs to start, to find its libraries and to look a name up. Nothing of `/dev` as a whole: a terminal
/// of the learner's takes what is pushed into it for typed.
const SYSTEM: &[&str] = &[
    "/bin",
    "/sbin",
    "/usr",
    "/lib",
    "/lib32",
    "/lib64",
    "/etc",
    "/opt",
    "/nix/store",
    "/proc",
    "/sys",
    "/run/systemd/resolve",
];
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full", "/dev/random", "/dev/urandom", "/dev/shm"];

/// Starts a program that reaches no further than `reach`.
pub fn spawn(mut command: Command, reach: &Reach) -> io::Result<Child> {
    let runtime = Handle::try_current().map_err(io::Error::other)?;
    // Rules bind the thread that asks for them, for good.
    let started = thread::scope(|scope| {
        let start = || {
            let _guard = runtime.enter();
            confine(reach).map_err(io::Error::other)?;
            // As with Landlock, a kernel without filters starts the program all the same, and [`isolation`] says so.
            if let Err(error) = sockets::tcp_only() {
                tracing::warn!(%error, "a check's program may open any socket");
            }
            command.spawn()
        };
        thread::Builder::new().name("confined".into()).spawn_scoped(scope, start).map(thread::ScopedJoinHandle::join)
    });
    started?.unwrap_or_else(|_| Err(io::Error::other("the thread that starts programs stopped short")))
}

/// What this kernel can hold a program to.
pub fn isolation() -> Isolation {
    let strict = || Ruleset::default().set_compatibility(CompatLevel::HardRequirement);
    let files = strict().handle_access(AccessFs::from_all(ABI::V1)).and_then(Ruleset::create);
    let network = strict().handle_access(AccessNet::ConnectTcp).and_then(Ruleset::create);
    // A filter cannot be taken back: it is tried on a thread that ends.
    let sockets = thread::spawn(|| sockets::tcp_only().is_ok()).join().unwrap_or(false);
    match (files, network.is_ok() && sockets) {
        (Ok(_), true) => Isolation::FilesAndNetwork,
        (Ok(_), false) => Isolation::Files,
        _ => Isolation::None,
    }
}

fn confine(reach: &Reach) -> Result<(), RulesetError> {
    let owned = |paths: &[&str]| paths.iter().map(PathBuf::from).collect::<Vec<_>>();
    let rules = Ruleset::default()
        .handle_access(AccessFs::from_all(RULES))?
        .handle_access(AccessNet::ConnectTcp)?
        .scope(Scope::from_all(RULES))?;
    // A path that is not there needs no rule, and is passed over.
    let mut rules = rules
        .create()?
        .add_rules(path_beneath_rules(owned(SYSTEM), AccessFs::from_read(RULES)))?
        .add_rules(path_beneath_rules(&reach.read, AccessFs::from_read(RULES)))?
        .add_rules(path_beneath_rules(owned(DEVICES), AccessFs::from_all(RULES)))?
        .add_rules(path_beneath_rules(&reach.write, AccessFs::from_all(RULES)))?;
    for port in &reach.ports {
        rules = rules.add_rule(NetPort::new(*port, AccessNet::ConnectTcp))?;
    }
    rules.restrict_self().map(drop)
}
