//! What `groundwork collection` can be told.

use std::path::PathBuf;

use clap::Subcommand;

use super::{CompareArguments, condition};

#[derive(Debug, Subcommand)]
pub enum CollectionCommand {
    /// List the collections with their size and the state of their index.
    List,
    /// Make a collection, for the local embedding model unless a dimension is told.
    Create {
        name: String,
        /// Numbers of a vector, for vectors that are made elsewhere.
        #[arg(long, value_name = "N")]
        dimension: Option<u32>,
        /// cosine, dot or euclidean.
        #[arg(long, default_value = "cosine")]
        metric: String,
        /// Milliseconds that a change stays out of sight, as at services that are eventually consistent.
        #[arg(long, value_name = "MS", default_value_t = 0)]
        delay: u32,
    },
    /// Take a folder's documents in, or bring them up to date: text, Markdown, HTML, PDF, source code, CSV.
    Ingest {
        collection: String,
        folder: PathBuf,
        #[arg(long, default_value = "")]
        namespace: String,
        /// recursive, heading or fixed.
        #[arg(long, default_value = "recursive")]
        chunker: String,
        /// Tokens of a chunk at most; what the model reads unless told.
        #[arg(long, value_name = "N")]
        tokens: Option<u32>,
        /// Tokens that a chunk repeats of the one before it.
        #[arg(long, value_name = "N", default_value_t = 32)]
        overlap: u32,
    },
    /// Find what is near to a text, or to a point of its own.
    Query {
        collection: String,
        #[arg(required_unless_present = "point")]
        text: Option<String>,
        /// The point whose neighbours are wanted, itself first, in place of a text.
        #[arg(long, value_name = "ID", conflicts_with_all = ["text", "keyword", "hybrid"])]
        point: Option<String>,
        #[arg(long, default_value = "")]
        namespace: String,
        /// By words alone (BM25).
        #[arg(long, conflicts_with = "hybrid")]
        keyword: bool,
        /// By meaning and by words, fused by their ranks.
        #[arg(long)]
        hybrid: bool,
        /// A field of the payload and what it must be; may be told more than once.
        #[arg(long = "where", value_name = "FIELD=VALUE", value_parser = condition)]
        conditions: Vec<(String, String)>,
        #[arg(long, default_value_t = 5)]
        limit: u32,
    },
    /// Build the index anew, also with other settings.
    Rebuild {
        collection: String,
        /// Candidates that a search weighs.
        #[arg(long, value_name = "N")]
        ef: Option<u32>,
        /// Links of a point.
        #[arg(long, value_name = "N")]
        m: Option<u32>,
        /// Candidates weighed when a point is put in.
        #[arg(long, value_name = "N")]
        ef_construction: Option<u32>,
    },
    /// Embed the texts of a collection anew, by the local model, into another one.
    Reembed {
        collection: String,
        /// The other collection, made where there is none of that name.
        into: String,
        /// The field of the payload that holds a point's text.
        #[arg(long, default_value = "text")]
        field: String,
    },
    /// Write every point to a file of JSON lines.
    Export {
        collection: String,
        #[arg(long, short, value_name = "FILE")]
        output: PathBuf,
    },
    /// Measure what the index finds and how quickly, on the collection's own vectors.
    Bench {
        collection: String,
        #[arg(long, default_value = "")]
        namespace: String,
    },
    /// Measure this collection on several engines, and say which to take and why.
    Compare(Box<CompareArguments>),
    /// Delete a collection with all that it holds.
    Delete {
        collection: String,
        /// Without being asked.
        #[arg(long)]
        yes: bool,
    },
}
