//! What `groundwork collection compare` is told.

use std::path::PathBuf;

use super::condition;

/// The local index and exact search are always measured; a server is where its address is told, or in a container. A server
/// gets vectors and the fields that --where names, never a text, and all of it is removed again.
#[derive(Debug, clap::Args)]
pub struct CompareArguments {
    pub collection: String,
    #[arg(long, default_value = "")]
    pub namespace: String,
    /// A field of the payload and what it must be, for every question; may be told more than once.
    #[arg(long = "where", value_name = "FIELD=VALUE", value_parser = condition)]
    pub conditions: Vec<(String, String)>,
    /// A Qdrant server: http://127.0.0.1:6333; or docker, for a container that goes afterwards, or docker:IMAGE
    #[arg(long, value_name = "URL")]
    pub qdrant: Option<String>,
    /// Pinecone, or what speaks like it: https://api.pinecone.io
    #[arg(long, value_name = "URL")]
    pub pinecone: Option<String>,
    /// A PostgreSQL server with pgvector, without the password: postgres://USER@HOST:PORT/DATABASE; or docker, or docker:IMAGE
    #[arg(long, value_name = "URL")]
    pub pgvector: Option<String>,
    /// A file that holds the one key, or a line qdrant=KEY, pinecone=KEY or pgvector=PASSWORD for each.
    #[arg(long, value_name = "FILE")]
    pub key_file: Option<PathBuf>,
    /// Vectors that are compared at most, spread over the collection. Where there are more, all engines get this part.
    #[arg(long, value_name = "N", default_value_t = 20_000, value_parser = clap::value_parser!(u32).range(1..))]
    pub vectors: u32,
    /// How much one thing counts: recall (0.35 unless told), latency (0.25), operations (0.2), build (0.1), space (0.1).
    #[arg(long = "weight", value_name = "NAME=NUMBER", value_parser = weight)]
    pub weights: Vec<(String, f64)>,
}

fn weight(text: &str) -> Result<(String, f64), String> {
    let parts = text.split_once('=').and_then(|(name, weight)| Some((name.to_owned(), weight.parse().ok()?)));
    parts.ok_or_else(|| "write it as NAME=NUMBER".into())
}
