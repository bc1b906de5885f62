//! Images as files: how a workshop hands them out where there is no network.

use std::path::Path;

use bollard::query_parameters::ImportImageOptions;
use bytes::Bytes;
use futures::{StreamExt, TryStreamExt};
use task::{Cancellation, Progress, Reporter, Unit};
use tokio::io::AsyncWriteExt;
use tokio_util::io::ReaderStream;

use crate::engine::unless_cancelled;
use crate::lines::Lines;
use crate::{Engine, Error};

impl Engine {
    /// Writes an image with all its layers to a file, which appears only once it is whole.
    pub async fn save_image(
        &self,
        name: &str,
        file: &Path,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<u64, Error> {
        if self.image_id(name).await?.is_none() {
            return Err(Error::NoImage { name: name.into() });
        }
        let folder = file.parent().filter(|folder| !folder.as_os_str().is_empty()).unwrap_or(Path::new("."));
        let aside = tempfile::Builder::new().prefix(".groundwork-").tempfile_in(folder).map_err(Error::disk(folder))?;
        let mut to = tokio::fs::File::from_std(aside.reopen().map_err(Error::disk(file))?);
        let (mut chunks, mut done) = (std::pin::pin!(self.docker.export_image(name)), 0);
        while let Some(chunk) = unless_cancelled(cancellation, async { Ok(chunks.next().await) }).await? {
            let chunk = chunk?;
            to.write_all(&chunk).await.map_err(Error::disk(file))?;
            done += chunk.len() as u64;
            let what = format!("Writing {name}");
            reporter.progress(Progress { what, done, total: None, unit: Unit::Bytes });
        }
        to.flush().await.map_err(Error::disk(file))?;
        to.sync_all().await.map_err(Error::disk(file))?;
        aside.persist(file).map_err(|error| Error::disk(file)(error.error))?;
        Ok(done)
    }

    /// Takes in the images of a file, and gives their names.
    pub async fn load_images(
        &self,
        file: &Path,
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<Vec<String>, Error> {
        let opened = tokio::fs::File::open(file).await.map_err(Error::disk(file))?;
        let total = opened.metadata().await.map_err(Error::disk(file))?.len();
        let what = format!("Reading {}", file.display());
        reporter.progress(Progress { what, done: 0, total: Some(total), unit: Unit::Bytes });
        let body = bollard::body_try_stream(ReaderStream::with_capacity(opened, 64 * 1024).map_ok(Bytes::from));
        let mut told = std::pin::pin!(self.docker.import_image(ImportImageOptions::default(), body, None));
        let (mut lines, mut names) = (Lines::default(), Vec::<String>::new());
        let mut hear = |line: String| {
            reporter.output(&line);
            let found = line.strip_prefix("Loaded image: ").or_else(|| line.strip_prefix("Loaded image ID: "));
            // Docker says a line for each, Podman one for all, without its end.
            names.extend(found.into_iter().flat_map(|all| all.split(',')).map(|name| super::familiar(name.trim())));
        };
        while let Some(info) = unless_cancelled(cancellation, async { Ok(told.next().await) }).await? {
            lines.push(info?.stream.unwrap_or_default().as_bytes()).into_iter().for_each(&mut hear);
        }
        lines.rest().into_iter().for_each(&mut hear);
        match names.is_empty() {
            true => Err(Error::Disk { path: file.into(), detail: "no image is in it".into() }),
            false => Ok(names),
        }
    }
}
