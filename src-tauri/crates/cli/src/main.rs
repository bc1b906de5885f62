//! `groundwork` in the terminal: the same use cases as the window, drawn as text or, with `--json`, as JSON lines.
//!
//! Exits with 0 when all is well, 1 when the next move is yours, 2 when the fault is ours.

mod arguments;
mod collection;
mod comparison;
mod container;
mod data;
mod deployment;
mod draw;
mod editor;
mod entry;
mod keeping;
mod key;
mod lab;
mod model;
mod pack;
mod plan;
mod portfolio;
mod serve;
mod system;

use std::{process::ExitCode, sync::Arc};

use clap::Parser;
use tokio::sync::mpsc;
use tracing_subscriber::EnvFilter;
use workbench::{Event, Options, Owner, Problem, Workbench};

use crate::{
    arguments::{Arguments, Command, DataCommand},
    draw::Draw,
};

/// One run of the program: what was opened and how to show it.
struct Run {
    workbench: Arc<Workbench>,
    events: mpsc::UnboundedReceiver<Event>,
    draw: Draw,
}

/// How a command that did its work ended.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Ended {
    Well,
    /// Something is left for the learner to do.
    YourMove,
    /// Something of ours or of the machine stood in the way.
    OurFault,
}

impl From<Ended> for ExitCode {
    fn from(ended: Ended) -> Self {
        match ended {
            Ended::Well => Self::SUCCESS,
            Ended::YourMove => Self::from(1),
            Ended::OurFault => Self::from(2),
        }
    }
}

fn main() -> ExitCode {
    let arguments = match Arguments::try_parse() {
        Ok(arguments) => arguments,
        Err(error) => {
            let _ = error.print();
            return if error.use_stderr() { ExitCode::from(1) } else { ExitCode::SUCCESS };
        }
    };
    tracing_subscriber::fmt()
        .with_env_filter(EnvFilter::try_from_default_env().unwrap_or_else(|_| EnvFilter::new("error")))
        .with_writer(std::io::stderr)
        // What cannot be written to standard error is not told of there: that would end the program.
        .log_internal_errors(false)
        .init();
    let draw = Draw::new(arguments.json);
    let runtime = match tokio::runtime::Runtime::new() {
        Ok(runtime) => runtime,
        Err(error) => {
            draw.problem(&Problem::broken(&format!("Groundwork could not start its threads: {error}.")));
            return ExitCode::from(2);
        }
    };
    let ended = runtime.block_on(run(arguments, draw));
    runtime.shutdown_background();
    match ended {
        Ok(ended) => ended.into(),
        Err(problem) => {
            draw.problem(&problem);
            ExitCode::from(if problem.owner == Owner::Product { 2 } else { 1 })
        }
    }
}

async fn run(arguments: Arguments, draw: Draw) -> Result<Ended, Problem> {
    if let Command::Pack { command } = &arguments.command
        && let Some(ended) = pack::alone(draw, command)
    {
        return ended;
    }
    let executable = std::env::current_exe().unwrap_or_default();
    let mut options = Options::read(env!("CARGO_PKG_VERSION"), &executable, |name| std::env::var_os(name))?;
    if let Some(port) = arguments.port {
        options.port = port;
    }
    workbench::crash::watch(&options);
    // The journal must be nobody's, not ours either.
    if let Command::Data { command: DataCommand::Import { file } } = &arguments.command {
        return data::import(draw, &options, file);
    }
    let (sender, events) = mpsc::unbounded_channel();
    let workbench = Workbench::open(options, sender).await?;
    for notice in workbench.notices() {
        draw.problem(&notice);
    }
    let mut run = Run { workbench: workbench.clone(), events, draw };
    let ended = match arguments.command {
        Command::Doctor { repair } => system::doctor(&mut run, repair).await,
        Command::Folders => system::folders(&run).await,
        Command::Editor { command } => editor::run(&run, command).await,
        Command::Data { command } => data::run(&run, command).await,
        Command::Plan => plan::plan(&run),
        Command::Roadmap { part } => plan::roadmap(&run, part),
        Command::Narrative { lab, from, replaces } => {
            portfolio::narrative(&run, lab.as_deref(), from.as_deref(), replaces)
        }
        Command::Export { format, output } => portfolio::export(&run, &format, output.as_deref()),
        Command::Lab { command } => lab::run(&mut run, command).await,
        Command::Entry { command } => entry::run(&mut run, command).await,
        Command::Pack { command } => pack::run(&mut run, command).await,
        Command::Model { command } => model::run(&mut run, command).await,
        Command::Collection { command } => collection::run(&mut run, command).await,
        Command::Engine => container::engine(&run).await,
        Command::Image { command } => container::image(&mut run, command).await,
        Command::Stack { command } => container::stack(&mut run, command).await,
        Command::Deployment { command } => deployment::run(&run, command),
        Command::Key { command } => key::run(&run, command).await,
        Command::Usage { lab } => deployment::usage(&run, lab.as_deref()),
        Command::Serve => serve::serve(&mut run).await,
    };
    workbench.end().await;
    ended
}
