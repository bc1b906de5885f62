//! The learner's record as one file: written out, and taken in in place of the one that is there. What the record does not
//! hold, workspaces and models, stays where it is.

use std::path::{Path, PathBuf};

use jiff::Timestamp;
use journal::Journal;

use crate::{Options, Problem, Workbench, consent, editor, keeping::on_disk, view};

/// Settings that let something run here. A file from elsewhere has no say in them.
const OF_THIS_MACHINE: [&str; 2] = [editor::CHOSEN, consent::ALLOWED];

impl Workbench {
    pub async fn transfer(&self) -> Result<view::Transfer, Problem> {
        let (suggested, path) = (self.suggested().display().to_string(), self.journal.path().to_owned());
        on_disk(move || Ok(view::Transfer { suggested, waiting: journal::laid_in(&path)?.map(Into::into) })).await
    }

    /// Writes the record to `file`, or beside the workspaces. Replaces an earlier record, and nothing else.
    pub async fn export_record(&self, file: Option<PathBuf>) -> Result<view::ExportedRecord, Problem> {
        let file = whole(file.unwrap_or_else(|| self.suggested()));
        let (journal, workspaces) = (self.journal.clone(), self.options.workspaces.clone());
        on_disk(move || {
            let holds = journal.export(&file, &workspaces)?.into();
            Ok(view::ExportedRecord { file: file.display().to_string(), holds })
        })
        .await
    }

    /// Has the record in `file` take the place of this one at the next start that finds no other Groundwork at work.
    pub async fn lay_in_record(&self, file: PathBuf) -> Result<view::RecordSummary, Problem> {
        let (path, workspaces) = (self.journal.path().to_owned(), self.options.workspaces.clone());
        on_disk(move || Ok(journal::lay_in(&path, &whole(file), &workspaces, &OF_THIS_MACHINE)?.into())).await
    }

    /// Leaves this record where it is after all.
    pub fn call_off_import(&self) -> Result<(), Problem> {
        Ok(journal::call_off(self.journal.path())?)
    }

    fn suggested(&self) -> PathBuf {
        let today = self.options.time_zone.to_datetime(Timestamp::now()).date();
        self.options.workspaces.join(format!("groundwork-record-{today}.db"))
    }
}

/// Takes the record of `file` in, in place of the one that is there. Nobody may have that one open.
pub fn import_record(options: &Options, file: &Path) -> Result<view::ImportedRecord, Problem> {
    let path = options.journal();
    let holds = journal::lay_in(&path, &whole(file.to_owned()), &options.workspaces, &OF_THIS_MACHINE)?.into();
    let taken = Journal::open(&path).map(|journal| journal.imported().cloned());
    let error = match taken {
        Ok(Some(imported)) => {
            let before = imported.before.map(|before| before.display().to_string());
            return Ok(view::ImportedRecord { holds, before });
        }
        Ok(None) => journal::Error::Open { path: path.clone() },
        Err(error) => error,
    };
    journal::call_off(&path)?;
    Err(error.into())
}

fn whole(file: PathBuf) -> PathBuf {
    std::path::absolute(&file).unwrap_or(file)
}
