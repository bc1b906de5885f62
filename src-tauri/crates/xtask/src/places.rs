//! Where things lie: the clone, and the cache that all clones share. Makes no folder.

use std::path::{Path, PathBuf};

use anyhow::{Context, Result};

#[derive(Debug, Clone)]
pub struct Places {
    /// The clone.
    pub root: PathBuf,
    /// Downloads and builds that every clone of this user shares.
    pub cache: PathBuf,
    /// Cargo's target folder. It lies outside the clone, so a new clone starts with warm dependencies.
    pub target: PathBuf,
}

impl Places {
    pub fn find() -> Result<Self> {
        let crate_folder = Path::new(env!("CARGO_MANIFEST_DIR"));
        let root = crate_folder.ancestors().nth(3).context("the xtask crate has moved")?.to_path_buf();
        let variable = |name| std::env::var_os(name).filter(|value| !value.is_empty()).map(|value| root.join(value));
        let cache = match variable("GROUNDWORK_CACHE") {
            Some(cache) => cache,
            None => std::env::home_dir().context("no home folder; set GROUNDWORK_CACHE")?.join(".cache/groundwork"),
        };
        let target = variable("CARGO_TARGET_DIR").unwrap_or_else(|| cache.join("target"));
        Ok(Self { root, cache, target })
    }

    pub fn ui(&self) -> PathBuf {
        self.root.join("ui")
    }

    pub fn models(&self) -> PathBuf {
        self.cache.join("models")
    }

    pub fn wheelhouse(&self) -> PathBuf {
        self.cache.join("wheelhouse")
    }

    /// Programs that set-up built or made, on the search path of every child.
    pub fn tools(&self) -> PathBuf {
        self.cache.join("tools")
    }

    /// What an installed product would find beside its executable. It belongs to the clone: two clones
    /// may run at once and each must see its own labs.
    pub fn resources(&self) -> PathBuf {
        self.root.join("target/resources")
    }

    /// What `cargo xtask bundle` makes of this clone.
    pub fn bundles(&self) -> PathBuf {
        self.root.join("target/bundle")
    }

    /// Remembers what was already done for this clone.
    pub fn stamps(&self) -> PathBuf {
        self.root.join("target/stamps")
    }

    pub fn debug_binary(&self, name: &str) -> PathBuf {
        self.target.join("debug").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }

    pub fn release_binary(&self, name: &str) -> PathBuf {
        self.target.join("release").join(format!("{name}{}", std::env::consts::EXE_SUFFIX))
    }
}
