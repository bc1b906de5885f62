//! The sockets that a confined program may open: TCP, whose ports Landlock watches, and netlink, by which a program asks the
//! kernel for its own addresses.
//!
//! Landlock knows TCP alone, so every other way out is closed here: UDP, raw packets, MPTCP, virtual machines' and storage
//! sockets, and io_uring, which opens sockets without the call that is watched. So are the sockets of files: behind them
//! are Docker's engine and the session's bus, which run what they are told, unconfined. Two ends of one program
//! (`socketpair`) are another call, and stay.

use std::{collections::BTreeMap, env::consts::ARCH};

use seccompiler::{
    BpfProgram, Error, SeccompAction, SeccompCmpArgLen, SeccompCmpOp, SeccompCondition, SeccompFilter, SeccompRule,
    apply_filter,
};

/// Numbers of the kernel's interface for programs, the same on every architecture.
mod kernel {
    pub const INET: u64 = 2;
    pub const INET6: u64 = 10;
    pub const NETLINK: u64 = 16;
    pub const STREAM: u64 = 1;
    /// Flags beside the type of a socket.
    pub const TYPE: u64 = 0xf;
    pub const DEFAULT_PROTOCOL: u64 = 0;
    pub const TCP: u64 = 6;
    pub const EACCES: u32 = 13;
    pub const EPERM: u32 = 1;
    pub const IO_URING_SETUP: i64 = 425;
    #[cfg(target_arch = "x86_64")]
    pub const SOCKET: i64 = 41;
    #[cfg(not(target_arch = "x86_64"))]
    pub const SOCKET: i64 = 198;
}

/// Closes every other socket to this thread and to all that it starts, for good.
pub fn tcp_only() -> Result<(), Error> {
    let rules = BTreeMap::from([(kernel::SOCKET, refused()?)]);
    apply_filter(&program(rules, kernel::EACCES)?)?;
    apply_filter(&program(BTreeMap::from([(kernel::IO_URING_SETUP, Vec::new())]), kernel::EPERM)?)
}

fn program(rules: BTreeMap<i64, Vec<SeccompRule>>, refusal: u32) -> Result<BpfProgram, Error> {
    let filter = SeccompFilter::new(rules, SeccompAction::Allow, SeccompAction::Errno(refusal), ARCH.try_into()?)?;
    Ok(filter.try_into()?)
}

/// Calls of `socket` that are refused; one rule that fits is enough.
fn refused() -> Result<Vec<SeccompRule>, Error> {
    let all = |conditions: &[(u8, SeccompCmpOp, u64)]| -> Result<SeccompRule, Error> {
        let conditions = conditions
            .iter()
            .map(|(argument, operator, value)| {
                SeccompCondition::new(*argument, SeccompCmpArgLen::Dword, operator.clone(), *value)
            })
            .collect::<Result<_, _>>()?;
        Ok(SeccompRule::new(conditions)?)
    };
    let known = [kernel::INET, kernel::INET6, kernel::NETLINK];
    let unknown = known.map(|family| (0, SeccompCmpOp::Ne, family));
    let mut rules = vec![all(&unknown)?];
    for family in [kernel::INET, kernel::INET6] {
        let of_family = (0, SeccompCmpOp::Eq, family);
        let protocols = [kernel::DEFAULT_PROTOCOL, kernel::TCP].map(|known| (2, SeccompCmpOp::Ne, known));
        rules.push(all(&[of_family.clone(), protocols[0].clone(), protocols[1].clone()])?);
        for other in (0..=kernel::TYPE).filter(|other| *other != kernel::STREAM) {
            rules.push(all(&[of_family.clone(), (1, SeccompCmpOp::MaskedEq(kernel::TYPE), other)])?);
        }
    }
    Ok(rules)
}
