//! What was saved while nobody watched: read from the files' times when a lab is opened again.

use std::{collections::BTreeSet, fs::Metadata};

use checks::Status;
use jiff::Timestamp;

use super::Session;

impl Session {
    /// The checks of files that changed, or went away, after those checks last ran; all of them in a workspace that was never
    /// checked.
    pub(super) fn missed(&self) -> Vec<usize> {
        let latest = self.state().latest.clone();
        if latest.is_empty() {
            return (0..self.prepared.len()).collect();
        }
        let folder = &self.workspace.folder;
        let work = workspaces::work(folder).unwrap_or_default();
        let there = work.iter().filter_map(|path| {
            let changed = changed(&folder.join(path).symlink_metadata().ok()?)?;
            Some((workspaces::path_text(path), changed, true))
        });
        // A file that went away left its mark on the folder that held it, and turns what passed.
        let gone = self.lab.files.iter().filter_map(|file| {
            let place = folder.join(&file.path);
            let holder = place.ancestors().skip(1).find(|holder| holder.exists())?;
            let changed = changed(&holder.metadata().ok()?)?;
            (!place.exists()).then(|| (file.path.clone(), changed, false))
        });
        let mut due = BTreeSet::new();
        for (path, changed, exists) in there.chain(gone) {
            let concerned = checks::concerned(&self.prepared, &path);
            let before = |index: &usize| {
                let outcome = latest.get(self.prepared[*index].id());
                outcome.is_some_and(|it| it.started_at < changed && (exists || it.status == Status::Passed))
            };
            if concerned.iter().any(before) {
                due.extend(concerned);
            }
        }
        due.into_iter().collect()
    }
}

/// When it last changed: its content, or, where the system notes that, its name or its place. A copy or a renamed file may
/// have kept the time of its content.
fn changed(found: &Metadata) -> Option<Timestamp> {
    let modified = Timestamp::try_from(found.modified().ok()?).ok()?;
    #[cfg(unix)]
    let modified = {
        use std::os::unix::fs::MetadataExt as _;
        let nanoseconds = i32::try_from(found.ctime_nsec()).ok()?;
        modified.max(Timestamp::new(found.ctime(), nanoseconds).ok()?)
    };
    Some(modified)
}
