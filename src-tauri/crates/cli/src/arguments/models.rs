//! What `groundwork model` and `groundwork deployment` are told.

use std::path::PathBuf;

use clap::Subcommand;

#[derive(Debug, Subcommand)]
pub enum DeploymentCommand {
    /// List every name that is served.
    List,
    /// Serve a model by another name as well. A running gateway knows it at once.
    Add {
        name: String,
        #[arg(long, value_name = "ID")]
        model: String,
        /// The server that has the model, where that is not this machine: http://HOST:PORT/v1, as OpenAI's clients take it.
        #[arg(long)]
        url: Option<String>,
        /// A file that holds that server's key, or - to read it from the input.
        #[arg(long, value_name = "FILE", requires = "url")]
        key_file: Option<PathBuf>,
        /// Values of a vector: the server's model is an embedding model.
        #[arg(long, value_name = "N", requires = "url", value_parser = clap::value_parser!(u32).range(1..))]
        dimension: Option<u32>,
        /// Tokens of prompts and answers in a minute, of all keys together.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        tokens_per_minute: Option<u32>,
        /// Requests in a minute, which must come evenly: about ten seconds' worth at once.
        #[arg(long, value_name = "N", value_parser = clap::value_parser!(u32).range(1..))]
        requests_per_minute: Option<u32>,
    },
    /// Serve a name no longer. What was called stays recorded.
    Remove { name: String },
}

#[derive(Debug, Subcommand)]
pub enum ModelCommand {
    /// List the models that are here or can be fetched, and the device that runs them.
    List,
    /// Show all that is known of a model.
    Show { model: String },
    /// Take a GGUF file of your own: read whole, tried out, then offered by its name.
    Import {
        path: PathBuf,
        /// What it is asked for by; made of the file's name unless told.
        #[arg(long)]
        name: Option<String>,
        /// Leave the file where it is, and use it from there.
        #[arg(long)]
        link: bool,
    },
    /// Fetch a model by its name in the list, or a GGUF file by its address. Goes on where it was cut off.
    Download {
        /// `gemma-3-270m`, or `https://host/file.gguf`.
        what: String,
        /// What a file from an address is asked for by.
        #[arg(long)]
        name: Option<String>,
        /// The SHA-256 that a file from an address must have.
        #[arg(long)]
        sha256: Option<String>,
    },
    /// Take a model off the disk.
    Remove { model: String },
    /// Ask this text model from now on, where none is named.
    Use { model: String },
    /// Measure how quick a text model is on this machine.
    Measure { model: String },
    /// Ask the model. Without a prompt, talk line by line.
    Chat {
        prompt: Option<String>,
        #[arg(long, default_value_t = 256)]
        max_tokens: u32,
        /// 0 always takes the likeliest token.
        #[arg(long, default_value_t = 0.7)]
        temperature: f32,
        #[arg(long, default_value_t = 0.95)]
        top_p: f32,
        #[arg(long)]
        seed: Option<u32>,
    },
    /// Measure loading, first token and tokens a second on this machine.
    Bench {
        /// Answers measured, after one that warms up.
        #[arg(long, default_value_t = 5)]
        rounds: u32,
    },
}
