//! The models that the product ships with. They must be there: a test that skips itself proves nothing.

use std::path::{Path, PathBuf};

use crate::Manifest;

pub fn manifest() -> Manifest {
    shipped("smollm2-135m-instruct")
}

// Only the integration tests embed.
#[allow(dead_code)]
pub fn embedding_manifest() -> Manifest {
    shipped("all-minilm-l6-v2")
}

fn shipped(id: &str) -> Manifest {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/models");
    Manifest::load(&folder.join(id).with_extension("toml")).unwrap()
}

pub fn folder() -> PathBuf {
    let home = || std::env::home_dir().unwrap().join(".cache/groundwork/models");
    std::env::var_os("GROUNDWORK_MODELS").map_or_else(home, PathBuf::from)
}

pub fn file() -> PathBuf {
    let file = folder().join(manifest().file);
    assert!(file.exists(), "{} is not there: `cargo xtask test` sets it up", file.display());
    file
}
