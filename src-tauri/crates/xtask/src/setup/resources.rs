//! The resources folder: what an installed product has beside its executable, as links into the clone and
//! the cache. A learner's edit of a lab is seen without a build.

use std::path::PathBuf;

use anyhow::Context;

use super::Need;
use crate::places::Places;

pub const RESOURCES: Need = Need {
    name: "resources folder",
    tests_only: false,
    missing: |places| {
        let wrong = |(name, target): &(&str, PathBuf)| {
            std::fs::read_link(places.resources().join(name)).ok().as_ref() != Some(target)
        };
        let missing: Vec<&str> = links(places).iter().filter(|link| wrong(link)).map(|(name, _)| *name).collect();
        Ok((!missing.is_empty()).then(|| missing.join(" ")))
    },
    mend: Some(|places| {
        std::fs::create_dir_all(places.resources())?;
        for (name, target) in links(places) {
            let link = places.resources().join(name);
            if link.symlink_metadata().is_ok() {
                std::fs::remove_file(&link).with_context(|| format!("could not replace {}", link.display()))?;
            }
            std::fs::create_dir_all(&target)?;
            symlink(&target, &link).with_context(|| format!("could not link {}", link.display()))?;
        }
        Ok(())
    }),
    by_hand: |places| format!("link labs, assets, models and wheelhouse into {}", places.resources().display()),
};

fn links(places: &Places) -> [(&'static str, PathBuf); 4] {
    [
        ("labs", places.root.join("labs")),
        ("assets", places.root.join("assets")),
        ("models", places.models()),
        ("wheelhouse", places.wheelhouse()),
    ]
}

#[cfg(unix)]
fn symlink(target: &std::path::Path, link: &std::path::Path) -> std::io::Result<()> {
    std::os::unix::fs::symlink(target, link)
}

#[cfg(windows)]
fn symlink(target: &std::path::Path, link: &std::path::Path) -> std::io::Result<()> {
    std::os::windows::fs::symlink_dir(target, link)
}
