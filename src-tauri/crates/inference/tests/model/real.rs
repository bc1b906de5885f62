//! The model that the product ships with. It must be there: a test that skips itself proves nothing.

use std::path::{Path, PathBuf};

use crate::Manifest;

pub fn manifest() -> Manifest {
    let path = Path::new(env!("CARGO_MANIFEST_DIR")).join("../../../assets/models/smollm2-135m-instruct.toml");
    Manifest::load(&path).unwrap()
}

pub fn file() -> PathBuf {
    let home = || std::env::home_dir().unwrap().join(".cache/groundwork/models");
    let folder = std::env::var_os("GROUNDWORK_MODELS").map_or_else(home, PathBuf::from);
    let file = folder.join(manifest().file);
    assert!(file.exists(), "{} is not there: `cargo xtask test` sets it up", file.display());
    file
}
