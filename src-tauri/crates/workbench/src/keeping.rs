//! What is kept of a learner's files when something takes their place: reset, restore, update, and the list of
//! snapshots. Each answers with the snapshot that holds the files of before.

use std::collections::BTreeMap;

use journal::{Journal, Standing};
use workspaces::{Kept, Reason, Workspace};

use crate::{
    Problem, Workbench,
    session::Session,
    view::{self, SnapshotReason},
};

impl Workbench {
    /// A started lab's snapshots, the newest first.
    pub async fn snapshots(&self, slug: &str) -> Result<Vec<view::Snapshot>, Problem> {
        let session = self.started(slug).await?;
        let found = on_disk(move || Ok(workspaces::snapshots(&session.workspace)?)).await?;
        Ok(found.iter().rev().map(shown).collect())
    }

    /// Puts the starter files back; answers with the snapshot that keeps what was there.
    pub async fn reset_lab(&self, slug: &str) -> Result<String, Problem> {
        let session = self.started(slug).await?;
        let at_work = session.clone();
        let kept = on_disk(move || Ok(workspaces::reset(&at_work.workspace, &at_work.lab)?)).await?;
        self.replaced(&session)?;
        Ok(kept.id)
    }

    /// Brings a snapshot back, or one file of it.
    pub async fn restore_lab(&self, slug: &str, id: &str, file: Option<&str>) -> Result<view::Restored, Problem> {
        let session = self.started(slug).await?;
        let (at_work, wanted, only) = (session.clone(), id.to_owned(), file.map(str::to_owned));
        let restored = on_disk(move || Ok(workspaces::restore(&at_work.workspace, &wanted, only.as_deref())?)).await?;
        self.replaced(&session)?;
        let files = restored.files.iter().map(|path| path.display().to_string()).collect();
        Ok(view::Restored { snapshot: id.to_owned(), kept: restored.kept.id, files })
    }

    /// Brings the newer starter in and runs every check again, so that no pass of before is shown for long.
    pub async fn update_lab(&self, slug: &str) -> Result<view::Updated, Problem> {
        let session = self.started(slug).await?;
        let at_work = session.clone();
        let done = on_disk(move || Ok(workspaces::update(&at_work.workspace, &at_work.lab)?)).await?;
        let stale = session.stale_steps();
        self.replaced(&session)?;
        let workspaces::Updated { from, to, kept, replaced, added, beside } = done;
        Ok(view::Updated { from, to, kept: kept.id, replaced, added, beside, stale })
    }

    /// The pack's version of a started lab, where it is newer than the workspace's files.
    pub async fn new_version(&self, slug: &str) -> Result<Option<view::NewVersion>, Problem> {
        new_version(&*self.started(slug).await?)
    }

    /// After files were exchanged: the journal knows which version they are of, and every check runs.
    fn replaced(&self, session: &Session) -> Result<(), Problem> {
        let version = now(session)?.lab_version;
        if let Some(known) = self.journal.workspace_of_lab(session.lab.id)?
            && known.lab_version != version
        {
            self.journal.record_workspace(&journal::Workspace { lab_version: version, ..known })?;
        }
        session.touch();
        session.ask_for_all();
        Ok(())
    }
}

fn now(session: &Session) -> Result<Workspace, Problem> {
    Ok(Workspace::known(&session.workspace.folder, session.workspace.id)?)
}

pub fn new_version(session: &Session) -> Result<Option<view::NewVersion>, Problem> {
    let (from, to) = (now(session)?.lab_version, session.lab.version);
    Ok((from < to).then_some(view::NewVersion { from, to }))
}

/// What the checks of these labs assert now, read when it is first asked for: the definition of a check by its id.
#[derive(Default)]
pub struct Definitions(BTreeMap<String, BTreeMap<String, String>>);

impl Definitions {
    /// Whether a check's pass is one of before the lab changed.
    pub fn stale(&mut self, lab: &curriculum::Lab, standing: &Standing) -> bool {
        // The same version is the same content: nothing is read.
        if standing.lab_version == lab.version {
            return false;
        }
        let now = self.0.entry(lab.slug.clone()).or_insert_with(|| {
            checks::prepare(lab).map(|prepared| checks::definitions(lab, &prepared)).unwrap_or_default()
        });
        now.get(&standing.check).is_some_and(|definition| standing.stale(lab.version, definition))
    }
}

/// The standings of one workspace.
pub fn standings(journal: &Journal, workspace: &Workspace) -> Result<Vec<Standing>, Problem> {
    let all = journal.standings()?;
    Ok(all.into_iter().filter(|standing| standing.workspace == workspace.id).collect())
}

/// Runs what waits for the disk where it holds up nothing else, the window least of all.
pub async fn on_disk<T: Send + 'static>(
    work: impl FnOnce() -> Result<T, Problem> + Send + 'static,
) -> Result<T, Problem> {
    tokio::task::spawn_blocking(work).await.map_err(|error| Problem::broken(&error.to_string()))?
}

fn shown(snapshot: &workspaces::Snapshot) -> view::Snapshot {
    let file = |kept: &Kept| view::SnapshotFile { path: kept.path.display().to_string(), bytes: kept.bytes() as f64 };
    view::Snapshot {
        id: snapshot.id.clone(),
        at: snapshot.at.to_string(),
        reason: match snapshot.reason {
            Reason::Reset => SnapshotReason::Reset,
            Reason::Update => SnapshotReason::Update,
            Reason::Restore => SnapshotReason::Restore,
            Reason::Fixed => SnapshotReason::Fixed,
            Reason::Meanwhile => SnapshotReason::Meanwhile,
            Reason::Earlier => SnapshotReason::Earlier,
        },
        lab_version: snapshot.lab_version,
        whole: snapshot.reason.whole(),
        files: snapshot.files.iter().map(file).collect(),
        bytes: snapshot.files.iter().map(|file| file.bytes() as f64).sum(),
    }
}

impl Session {
    /// The steps with checks that passed before the lab changed them.
    pub fn stale_steps(&self) -> Vec<view::StaleStep> {
        let steps = self.lab.steps.iter().map(|step| view::StaleStep {
            id: step.id.clone(),
            title: step.title.clone(),
            checks: step
                .checks
                .iter()
                .filter(|check| self.is_stale(&check.id))
                .map(|check| check.title.clone())
                .collect(),
        });
        steps.filter(|step| !step.checks.is_empty()).collect()
    }
}
