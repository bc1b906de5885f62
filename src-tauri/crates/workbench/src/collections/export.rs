//! A collection as a file of JSON lines, one point each: `{"namespace", "id", "vector", "payload"}`.

use std::{
    fs::File,
    io::{self, BufWriter, Write},
    path::{Path, PathBuf},
    sync::Arc,
};

use retrieval::{Collection, Include};
use serde_json::json;
use task::{Cancellation, Progress, Reporter, Unit};

use crate::{
    Problem, TaskId, Workbench,
    keeping::on_disk,
    replace::{draft, place},
};

const PAGE: usize = 500;

impl Workbench {
    /// Writes every point to `file`, which is replaced whole or not at all.
    pub fn export_collection(self: &Arc<Self>, name: String, file: PathBuf) -> TaskId {
        let workbench = self.clone();
        self.tasks.start("Writing a collection out", |handle| async move {
            let collection = workbench.collection(&name).await?;
            on_disk(move || {
                let points = export(&collection, &file, &handle, &handle.cancellation)?;
                handle.output(&format!("{points} points written to {}.", file.display()));
                Ok(())
            })
            .await
        })
    }
}

fn export(
    collection: &Collection,
    file: &Path,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
) -> Result<u64, Problem> {
    let failed = |error: io::Error| {
        let message = format!("{} could not be written: {error}.", file.display());
        Problem::new("export.unwritable", message, "Free some space, or choose another file.")
    };
    let draft = draft(file, 0o666).map_err(failed)?;
    let points = write(collection, draft.as_file(), reporter, cancellation, &failed)?;
    place(draft, file).map_err(failed)?;
    Ok(points)
}

fn write(
    collection: &Collection,
    draft: &File,
    reporter: &dyn Reporter,
    cancellation: &Cancellation,
    failed: &dyn Fn(io::Error) -> Problem,
) -> Result<u64, Problem> {
    let mut lines = BufWriter::new(draft);
    let (total, mut done) = (collection.describe()?.points, 0);
    for namespace in collection.namespaces()? {
        let mut from = None;
        loop {
            let page = collection.scroll(&namespace.name, None, from.as_ref(), PAGE, Include::ALL)?;
            for record in page.items {
                let line = json!({
                    "namespace": namespace.name, "id": record.id, "vector": record.vector, "payload": record.payload,
                });
                writeln!(lines, "{line}").map_err(failed)?;
                done += 1;
            }
            let what = collection.name().to_owned();
            reporter.progress(Progress { what, done, total: Some(total.max(done)), unit: Unit::Steps });
            if cancellation.is_cancelled() {
                return Err(Problem::cancelled());
            }
            from = page.next;
            if from.is_none() {
                break;
            }
        }
    }
    lines.flush().map_err(failed)?;
    Ok(done)
}
