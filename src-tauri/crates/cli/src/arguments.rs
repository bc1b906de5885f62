//! The command line's shape. What each command does is in the file of its name.

mod collections;
mod compare;
mod containers;
mod models;

use std::path::PathBuf;

use clap::{Parser, Subcommand};

pub use collections::CollectionCommand;
pub use compare::CompareArguments;
pub use containers::{ImageCommand, StackCommand};
pub use models::{DeploymentCommand, ModelCommand};

/// A learning lab and portfolio workbench that runs on this machine alone.
///
/// Exits with 0 when all is well, 1 when the next move is yours, 2 when the fault is ours.
#[derive(Debug, Parser)]
#[command(name = "groundwork", version, arg_required_else_help = true)]
pub struct Arguments {
    /// Print JSON lines instead of text.
    #[arg(long, global = true)]
    pub json: bool,
    /// The gateway's port; 0 takes a free one. Also GROUNDWORK_PORT; 11535 otherwise.
    #[arg(long, global = true, value_name = "PORT")]
    pub port: Option<u16>,
    #[command(subcommand)]
    pub command: Command,
}

#[derive(Debug, Subcommand)]
pub enum Command {
    /// Say what works on this machine and how to mend the rest.
    Doctor {
        /// Mend what Groundwork can mend by itself, then look again.
        #[arg(long)]
        repair: bool,
    },
    /// Say where your work, your record and your models lie, and how much room they take.
    Folders,
    /// The editor that labs and files are opened in.
    Editor {
        #[command(subcommand)]
        command: EditorCommand,
    },
    /// Your record as one file: outcomes, evidence, entries, notes, answers, settings.
    Data {
        #[command(subcommand)]
        command: DataCommand,
    },
    /// Show the 90 days, where you stand, and when the last check would pass at your pace.
    Plan,
    /// Show milestones and skills with what you proved of them, what to learn first, and names on two clouds and here.
    Roadmap {
        /// One part of it; all where left out.
        part: Option<crate::plan::RoadmapPart>,
    },
    /// Start a lab, check it, watch it.
    Lab {
        #[command(subcommand)]
        command: LabCommand,
    },
    /// Write down what a lab asks you to do among people, and what you decided.
    Entry {
        #[command(subcommand)]
        command: EntryCommand,
    },
    /// Write, judge and prove packs of labs.
    Pack {
        #[command(subcommand)]
        command: PackCommand,
    },
    /// Try the local model.
    Model {
        #[command(subcommand)]
        command: ModelCommand,
    },
    /// Keep vectors, and find what is near.
    Collection {
        #[command(subcommand)]
        command: CollectionCommand,
    },
    /// Say which container engine there is, or how to get it going.
    Engine,
    /// Build container images, and hand them on as files.
    Image {
        #[command(subcommand)]
        command: ImageCommand,
    },
    /// Run the containers of a compose file, with limits, on this machine alone.
    Stack {
        #[command(subcommand)]
        command: StackCommand,
    },
    /// Give models names of your own, with quotas.
    Deployment {
        #[command(subcommand)]
        command: DeploymentCommand,
    },
    /// The keys that workspaces call the gateway with.
    Key {
        #[command(subcommand)]
        command: KeyCommand,
    },
    /// Show what your programs' calls took, and what they cost by your price table.
    Usage {
        /// One lab's workspace; all where left out.
        lab: Option<String>,
    },
    /// Serve models and collections to OpenAI, Azure OpenAI, Pinecone and Qdrant clients until Ctrl-C.
    Serve,
    /// Print what you tell in the portfolio page: its introduction, or your text about a lab. Or keep that of a file.
    Narrative {
        /// The lab; the introduction where left out.
        lab: Option<String>,
        /// Markdown.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
        /// The revision that the file takes the place of, where there is a text already; `--json` shows it.
        #[arg(long, value_name = "REVISION", requires = "from")]
        replaces: Option<u32>,
    },
    /// Write the portfolio page from what was recorded and what you tell.
    Export {
        /// markdown or html.
        #[arg(long, default_value = "markdown")]
        format: String,
        /// The file to write; `-` prints it.
        #[arg(long, short, value_name = "FILE")]
        output: Option<PathBuf>,
    },
}

#[derive(Debug, Subcommand)]
pub enum LabCommand {
    /// List the labs of the pack.
    List,
    /// Show a lab: its steps, where its checks stand, and what the library has to read or watch beside it.
    Show { lab: String },
    /// Make the lab's workspace and its Python environment, then open your editor.
    Start {
        lab: String,
        /// Leave the editor closed.
        #[arg(long)]
        no_editor: bool,
    },
    /// Run every check of the lab once.
    Check { lab: String },
    /// Run the checks that each save concerns, until Ctrl-C.
    Watch { lab: String },
    /// Open your shell in the workspace, with the lab's Python and its keys, and the gateway open meanwhile.
    Shell { lab: String },
    /// Print the notes that you wrote beside the lab, or keep those of a file in their place.
    Notes {
        lab: String,
        /// Markdown.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// Answer a quiz with the letters of your choice.
    Answer {
        lab: String,
        check: String,
        #[arg(required = true)]
        options: Vec<String>,
    },
    /// Ask the local model what a check's last failure means. It is told what the check told, and may be wrong.
    Explain { lab: String, check: String },
    /// Put the starter files back. What you wrote is kept as a snapshot.
    Reset { lab: String },
    /// List what was kept of your files, the newest first: when, why, which files, how large.
    Snapshots { lab: String },
    /// Bring a snapshot back, or one file of it. What you have now is kept as a snapshot first.
    Restore {
        lab: String,
        snapshot: String,
        /// This file alone, as the list of snapshots names it.
        #[arg(long, value_name = "PATH")]
        file: Option<String>,
    },
    /// Bring in the files of a newer version of the lab, and check them. What you changed stays.
    Update { lab: String },
}

#[derive(Debug, Subcommand)]
pub enum EntryCommand {
    /// Write an entry into the journal, for one lab.
    Add {
        lab: String,
        /// What it tells of: community, question, answer, decision.
        #[arg(long)]
        sort: String,
        #[arg(long)]
        title: String,
        #[arg(long, default_value = "")]
        text: String,
        /// Where others can see it.
        #[arg(long)]
        url: Option<String>,
    },
    /// Take the newest entry of this title back.
    Remove { lab: String, title: String },
    /// List the entries of one lab, or of all.
    List { lab: Option<String> },
}

#[derive(Debug, Subcommand)]
pub enum PackCommand {
    /// Say everything that is wrong with a pack, with file, line and column.
    Lint {
        folder: PathBuf,
        /// How each page of the guides reads, too: its length, its sentences, how many of its commands a proof runs.
        #[arg(long)]
        guides: bool,
    },
    /// Prove each lab: the starter fails where it says, the solution passes twice, every mutant is caught.
    Verify {
        folder: PathBuf,
        /// This lab alone.
        #[arg(long, value_name = "SLUG")]
        lab: Option<String>,
        /// Ask of each mutant only the checks that it names, not whether it fails others, too.
        #[arg(long)]
        quick: bool,
    },
    /// Begin a pack of your own, small and whole.
    New {
        folder: PathBuf,
        #[arg(long)]
        title: Option<String>,
    },
    /// Make one file of a pack, to hand on.
    Build {
        folder: PathBuf,
        /// Such as `labs.gwpack`.
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Install a pack's file, after all that it says of itself is found true.
    Install {
        file: PathBuf,
        /// Also in place of a newer version.
        #[arg(long)]
        older: bool,
    },
    /// List the packs on this machine.
    List,
    /// Open another pack: its labs are the plan from now on.
    Use {
        /// Its id, the beginning of it, or `shipped`.
        pack: String,
    },
    /// Show what the open pack may run, and allow it.
    Allow {
        /// Without being asked.
        #[arg(long)]
        yes: bool,
    },
    /// Print the reference of the check kinds.
    Kinds,
    /// Print the JSON Schema by which an editor completes `lab.toml` or `pack.toml`.
    Schema {
        #[arg(value_enum, default_value = "lab")]
        file: DescribedFile,
    },
}

#[derive(Debug, Clone, Copy, clap::ValueEnum)]
pub enum DescribedFile {
    Lab,
    Pack,
}

#[derive(Debug, Subcommand)]
pub enum EditorCommand {
    /// List the known editors of this machine, and say which one is used.
    List,
    /// Choose one by its command.
    Use {
        /// What VISUAL or EDITOR names, else a known one, where left out.
        command: Option<String>,
    },
    /// Open a file in it.
    Try,
}

#[derive(Debug, Subcommand)]
pub enum DataCommand {
    /// Write the record to a file, which an earlier one makes way for.
    Export {
        /// One beside your workspaces, with the date, where left out.
        file: Option<PathBuf>,
    },
    /// Put the record of a file in the place of yours, which is kept beside it. No other Groundwork may run.
    Import { file: PathBuf },
}

#[derive(Debug, Subcommand)]
pub enum KeyCommand {
    /// List each workspace's key by its first characters, and when it was last used.
    List,
    /// Make a fresh key. The one of before is refused from now on.
    Renew { lab: String },
}

fn condition(text: &str) -> Result<(String, String), String> {
    let parts = text.split_once('=').filter(|(field, _)| !field.is_empty());
    parts.map(|(field, value)| (field.into(), value.into())).ok_or_else(|| "write it as FIELD=VALUE".into())
}
