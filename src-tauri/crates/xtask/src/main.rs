//! The project's own commands: `cargo xtask NAME`. Owns set-up, builds, tests, benches, bundles and the tidy rules.
//! Nothing here ships, and the product never depends on it.
#![allow(clippy::print_stdout, clippy::print_stderr, reason = "a command line talks to its terminal")]

mod bench;
mod bindings;
mod bundle;
mod compile;
mod doctor;
mod engine;
mod files;
mod lesson;
mod places;
mod run;
mod setup;
mod shell;
mod test;
mod tidy;
mod tour;
mod turn;
mod ui;

use std::process::ExitCode;

use anyhow::Result;
use places::Places;

/// One subcommand: its name, its arguments, what it does, and the doing.
struct Task {
    name: &'static str,
    usage: &'static str,
    about: &'static str,
    start: fn(&Places, &[String]) -> Result<()>,
}

const TASKS: &[Task] = &[
    Task {
        name: "run",
        usage: "",
        about: "set up, build, open the window; with no display, do the first lab in the terminal",
        start: |places, _| run::run(places),
    },
    Task {
        name: "test",
        usage: "",
        about: "set up, then run every check and every test",
        start: |places, _| test::test(places),
    },
    Task {
        name: "setup",
        usage: "",
        about: "install all that `run` and `test` need",
        start: |places, _| setup::everything(places),
    },
    Task {
        name: "engine",
        usage: "COMMAND",
        about: "run a command with the container engine that the tests use, at $GROUNDWORK_TEST_ENGINE",
        start: engine::run,
    },
    Task {
        name: "doctor",
        usage: "",
        about: "say what is missing and the command that mends it",
        start: |places, _| doctor::doctor(places),
    },
    Task {
        name: "tidy",
        usage: "",
        about: "check the rules of ARCHITECTURE.md",
        start: |places, _| tidy::tidy(&places.root),
    },
    Task {
        name: "bindings",
        usage: "",
        about: "write ui/src/backend/bindings.gen.ts again",
        start: |places, _| bindings::bindings(places),
    },
    Task {
        name: "tour",
        usage: "",
        about: "take the pictures of docs/tour.md again, by the tests of the window",
        start: |places, _| tour::tour(places),
    },
    Task {
        name: "bench",
        usage: "start | save | checks | inference | serving | embeddings | retrieval | million | map | window | \
                containers | labs",
        about: "build in release and measure",
        start: bench::bench,
    },
    Task {
        name: "bundle",
        usage: "[--cuda]",
        about: "build for users: packages (.deb, .rpm), or a folder with a program that uses an NVIDIA GPU",
        start: bundle::bundle,
    },
];

fn main() -> ExitCode {
    let arguments: Vec<String> = std::env::args().skip(1).collect();
    let Some(task) = arguments.first().and_then(|name| TASKS.iter().find(|task| task.name == name)) else {
        println!("cargo xtask COMMAND\n");
        for task in TASKS {
            println!("  {:<20} {}", format!("{} {}", task.name, task.usage), task.about);
        }
        return if arguments.is_empty() { ExitCode::SUCCESS } else { ExitCode::from(2) };
    };
    match Places::find().and_then(|places| (task.start)(&places, &arguments[1..])) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
