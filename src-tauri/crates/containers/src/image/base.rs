//! The image that labs build theirs from: always the same name, whether it was fetched, read from a file, or made here.

use std::path::Path;

use bollard::query_parameters::CreateImageOptions;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use task::{Cancellation, Progress, Reporter, Unit};
use tokio_util::io::ReaderStream;

use crate::engine::unless_cancelled;
use crate::{Engine, Error};

/// Debian with Python 3.11, pip and venv.
pub const BASE: &str = "groundwork/python:3.11";
/// What an imported file system does not say of itself.
const CHANGES: &str = "ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin\nCMD [\"python3\"]";

impl Engine {
    /// Takes in the base image from a file: an image that was saved, or the archive of its file system.
    pub async fn import_base(
        &self,
        file: &Path,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<(), Error> {
        let (repository, tag) = BASE.split_once(':').unwrap_or((BASE, "latest"));
        if is_saved_image(file)? {
            let names = self.load_images(file, reporter, cancellation).await?;
            if !names.iter().any(|name| name == BASE) {
                return Err(Error::NotBase { path: file.into(), names: names.join(", ") });
            }
        } else {
            let opened = tokio::fs::File::open(file).await.map_err(Error::disk(file))?;
            let what = format!("Reading {}", file.display());
            reporter.progress(Progress { what, done: 0, total: None, unit: Unit::Bytes });
            let body = bollard::body_try_stream(ReaderStream::with_capacity(opened, 64 * 1024).map_ok(Bytes::from));
            let options = CreateImageOptions {
                from_src: Some("-".into()),
                repo: Some(repository.into()),
                tag: Some(tag.into()),
                changes: CHANGES.lines().map(str::to_owned).collect(),
                ..CreateImageOptions::default()
            };
            let mut told = std::pin::pin!(self.docker.create_image(Some(options), Some(body), None));
            while let Some(info) = unless_cancelled(cancellation, async { Ok(told.next().await) }).await? {
                if let Some(status) = info?.status {
                    reporter.output(&status);
                }
            }
        }
        let options = bollard::query_parameters::TagImageOptions {
            repo: Some(repository.to_owned()),
            tag: Some("latest".to_owned()),
        };
        Ok(self.docker.tag_image(BASE, Some(options)).await?)
    }
}

/// Saved images begin with their parts and have a list of them; a file system has neither.
fn is_saved_image(file: &Path) -> Result<bool, Error> {
    let opened = std::fs::File::open(file).map_err(Error::disk(file))?;
    let mut archive = tar::Archive::new(opened);
    for entry in archive.entries().map_err(Error::disk(file))? {
        let entry = entry.map_err(Error::disk(file))?;
        let path = entry.path().map_err(Error::disk(file))?.to_string_lossy().into_owned();
        if path == "manifest.json" || path == "oci-layout" {
            return Ok(true);
        }
        if path.trim_start_matches("./").starts_with("etc/") {
            return Ok(false);
        }
    }
    Ok(false)
}
