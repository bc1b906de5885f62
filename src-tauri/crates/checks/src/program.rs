//! What the kinds that run a program share: how it is written, which files it reads, which limits make sense.

use crate::{
    finding::{Sources, Wrong},
    registry::Setting,
};

pub const ENV: Setting = Setting::new("env", "table of texts", "Variables beside those of the lab's environment.");
pub const MEMORY: Setting =
    Setting::new("memory_mb", "whole number", "The most memory that it may take, in MiB. 2048 where left out.");

pub const TIMEOUT: Setting =
    Setting::new("timeout_s", "whole number", "Seconds until it is ended, at most 300. 20 where left out.");

const LONGEST_S: u64 = 300;

pub fn two_gibibytes() -> u32 {
    2048
}

pub fn twenty() -> u64 {
    20
}

/// The command as one would type it.
pub fn line(argv: &[String]) -> String {
    let quote = |argument: &String| {
        if argument.is_empty() || argument.contains(char::is_whitespace) {
            format!("'{argument}'")
        } else {
            argument.clone()
        }
    };
    argv.iter().map(quote).collect::<Vec<_>>().join(" ")
}

/// The arguments that can be files of the workspace, and what `python -m` names.
pub fn sources(argv: &[String]) -> Sources {
    let mut sources = Sources::default();
    for (index, argument) in argv.iter().enumerate().skip(1) {
        if argv[index - 1] == "-m" {
            let module = argument.replace('.', "/");
            sources.globs.extend([format!("{module}.py"), format!("{module}/**")]);
        } else if argument.contains('.') && curriculum::unfit(argument).is_none() {
            sources.files.push(argument.clone());
        }
    }
    sources.globs.retain(|glob| crate::glob_of(glob).is_ok());
    sources
}

/// What is wrong with a program's arguments and limits.
pub fn lint(argv: &[String], timeout_s: u64, memory_mb: u32) -> Vec<Wrong> {
    let mut wrong = Vec::new();
    if argv.first().is_none_or(String::is_empty) {
        wrong.push(Wrong::new("run", "there is no program to run", "Write [\"python\", \"main.py\"]."));
    }
    if !(1..=LONGEST_S).contains(&timeout_s) {
        let message = format!("{timeout_s} seconds are no sensible limit");
        wrong.push(Wrong::new("timeout_s", message, format!("Write a number from 1 to {LONGEST_S}.")));
    }
    if memory_mb < 16 {
        wrong.push(Wrong::new("memory_mb", "no program runs in so little memory", "Write at least 16."));
    }
    wrong
}

/// The signal's name and what it stands for.
pub fn signal(number: i32) -> String {
    let name = match number {
        1 => "SIGHUP",
        2 => "SIGINT",
        4 => "SIGILL, an instruction that this processor does not have",
        6 => "SIGABRT, which programs send themselves on a fatal error",
        8 => "SIGFPE, an arithmetic error",
        9 => "SIGKILL, which the system sends when memory runs out",
        11 => "SIGSEGV, an access to memory that is not its own",
        13 => "SIGPIPE",
        15 => "SIGTERM",
        _ => return format!("signal {number}"),
    };
    format!("signal {number} ({name})")
}
