//! The models that the product knows. They must be there: a test that skips itself proves nothing.

use std::path::{Path, PathBuf};

use crate::Manifest;

pub fn manifest() -> Manifest {
    described("smollm2-135m-instruct")
}

// Only the integration tests embed.
#[allow(dead_code)]
pub fn embedding_manifest() -> Manifest {
    described("all-minilm-l6-v2")
}

/// Not shipped: fetched for the tests alone.
#[allow(dead_code)]
pub fn gemma() -> (Manifest, PathBuf) {
    let manifest = described("gemma-3-270m");
    let file = there(folder().with_file_name("test-models").join(&manifest.file));
    (manifest, file)
}

fn described(id: &str) -> Manifest {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/models");
    Manifest::load(&folder.join(id).with_extension("toml")).unwrap()
}

pub fn folder() -> PathBuf {
    let home = || std::env::home_dir().unwrap().join(".cache/groundwork/models");
    std::env::var_os("GROUNDWORK_MODELS").map_or_else(home, PathBuf::from)
}

pub fn file() -> PathBuf {
    there(folder().join(manifest().file))
}

fn there(file: PathBuf) -> PathBuf {
    assert!(file.exists(), "{} is not there: `cargo xtask test` sets it up", file.display());
    file
}
