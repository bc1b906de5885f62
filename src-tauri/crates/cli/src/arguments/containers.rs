//! The shape of `groundwork image …` and `groundwork stack …`.

use std::path::PathBuf;

use clap::Subcommand;

use super::condition;

#[derive(Debug, Subcommand)]
pub enum ImageCommand {
    /// List the images of this machine.
    List,
    /// Build an image from a folder with a Dockerfile, step by step.
    Build {
        folder: PathBuf,
        /// `my-service:1`
        #[arg(long)]
        name: String,
        /// Another file than Dockerfile, in the folder.
        #[arg(long, value_name = "FILE", default_value = "Dockerfile")]
        file: PathBuf,
        /// What an ARG of the Dockerfile is; may be told more than once.
        #[arg(long = "arg", value_name = "NAME=VALUE", value_parser = condition)]
        arguments: Vec<(String, String)>,
        /// The stage to build, where there are several.
        #[arg(long, value_name = "STAGE")]
        target: Option<String>,
    },
    /// Fetch an image from its registry.
    Pull { image: String },
    /// Write an image to a file, for machines without a network.
    Save {
        image: String,
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Take in the images of such a file.
    Load { file: PathBuf },
    /// Bring the image that labs build theirs from: out of a file, from its registry, or made here, which needs root.
    Base {
        /// A saved image, or the archive of its file system.
        #[arg(long, value_name = "FILE")]
        from: Option<PathBuf>,
    },
    /// List what Groundwork made on the engine and nothing uses: containers, networks, images, volumes.
    Prune {
        /// Remove them.
        #[arg(long)]
        yes: bool,
    },
    /// Show what each step of an image added, the last first.
    History { image: String },
    /// Remove an image that Groundwork built.
    Remove { image: String },
}

#[derive(Debug, Subcommand)]
pub enum StackCommand {
    /// List the stacks that Groundwork made, and their services.
    List,
    /// Bring a compose file's services up, and wait until they are healthy. What has not changed stays.
    Up {
        file: String,
        /// The value of a ${VARIABLE} of the file, before what `.env` says; may be told more than once.
        #[arg(long = "set", value_name = "NAME=VALUE", value_parser = condition)]
        variables: Vec<(String, String)>,
    },
    /// End its containers, and keep them.
    Stop {
        /// The compose file, or a name of the list.
        stack: String,
    },
    /// End and remove its containers and networks.
    Down {
        stack: String,
        /// Its volumes, too: the data that its services wrote.
        #[arg(long)]
        volumes: bool,
    },
    /// Show what its services said, merged by time.
    Logs {
        stack: String,
        /// This service alone.
        service: Option<String>,
        /// Lines of each service.
        #[arg(long, value_name = "N", default_value_t = 100)]
        tail: u32,
        /// Go on with what they say, until Ctrl-C.
        #[arg(long, short)]
        follow: bool,
    },
    /// Run a command in a service: groundwork stack exec FILE SERVICE -- COMMAND
    Exec {
        stack: String,
        service: String,
        #[arg(required = true, last = true)]
        command: Vec<String>,
    },
    /// Show what each service takes of cores and memory.
    Stats { stack: String },
}
