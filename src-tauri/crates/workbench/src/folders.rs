//! Where the learner's things lie, how much room they take, and the way there.

use std::path::{Path, PathBuf};

use walkdir::WalkDir;

use crate::{
    Problem, Workbench,
    keeping::on_disk,
    view::{Folder, FolderKind},
};

const ALL: [FolderKind; 4] = [FolderKind::Workspaces, FolderKind::Data, FolderKind::Models, FolderKind::Portfolio];

impl Workbench {
    pub fn folders(&self) -> Vec<Folder> {
        let folder = |kind| {
            let path = self.folder(kind);
            let exists = match kind {
                FolderKind::Portfolio => self.pages().next().is_some(),
                _ => path.is_dir(),
            };
            Folder { kind, path: path.display().to_string(), exists }
        };
        ALL.map(folder).into()
    }

    /// Bytes of all files in it. Reads a whole tree, so it may take some seconds.
    pub async fn folder_bytes(&self, kind: FolderKind) -> Result<f64, Problem> {
        if kind == FolderKind::Portfolio {
            return Ok(self.pages().map(|page| bytes(&page)).sum::<u64>() as f64);
        }
        // Models are counted by themselves.
        let without = (kind == FolderKind::Data).then(|| self.options.model_store());
        let folder = self.folder(kind);
        on_disk(move || Ok(tree(&folder, without.as_deref()) as f64)).await
    }

    /// Shows it in the system's file manager.
    pub async fn open_folder(&self, kind: FolderKind) -> Result<(), Problem> {
        let folder = self.folder(kind);
        if !folder.is_dir() {
            let message = format!("{} is not there yet.", folder.display());
            let next_step = "It is made when something goes there: start a lab, fetch a model, export the portfolio.";
            return Err(Problem::new("folder.missing", message, next_step));
        }
        Ok(workspaces::show_folder(&self.options.search_path, &folder).await?)
    }

    fn folder(&self, kind: FolderKind) -> PathBuf {
        match kind {
            FolderKind::Workspaces | FolderKind::Portfolio => self.options.workspaces.clone(),
            FolderKind::Data => self.options.data.clone(),
            FolderKind::Models => self.options.model_store(),
        }
    }

    /// The exported pages that are there.
    fn pages(&self) -> impl Iterator<Item = PathBuf> {
        let formats = portfolio::formats().iter();
        formats.map(move |format| self.options.portfolio_page(format.extension)).filter(|page| page.is_file())
    }
}

fn tree(folder: &Path, without: Option<&Path>) -> u64 {
    let entries = WalkDir::new(folder).into_iter().filter_entry(|entry| Some(entry.path()) != without);
    entries.flatten().filter(|entry| entry.file_type().is_file()).map(|entry| bytes(entry.path())).sum()
}

fn bytes(file: &Path) -> u64 {
    file.metadata().map_or(0, |metadata| metadata.len())
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn a_tree_is_counted_whole_without_what_is_counted_elsewhere() {
        let folder = tempfile::tempdir().unwrap();
        let models = folder.path().join("models");
        fs::create_dir_all(models.join("mine")).unwrap();
        fs::create_dir(folder.path().join("packs")).unwrap();
        fs::write(models.join("mine/weights"), [0; 1000]).unwrap();
        fs::write(folder.path().join("packs/one"), [0; 20]).unwrap();
        fs::write(folder.path().join("journal.db"), [0; 3]).unwrap();
        #[cfg(unix)]
        std::os::unix::fs::symlink(&models, folder.path().join("packs/link")).unwrap();
        assert_eq!(tree(folder.path(), Some(&models)), 23);
        assert_eq!(tree(folder.path(), None), 1023);
        assert_eq!(tree(&models, None), 1000);
        assert_eq!(tree(&folder.path().join("nowhere"), None), 0);
    }
}
