//! Folders of a pack that several labs lay into their workspaces. Decides where a file of a workspace comes from.

use std::path::{Path, PathBuf};

use schemars::JsonSchema;
use serde::{Deserialize, Serialize};
use walkdir::WalkDir;

use super::{Lab, Role};
use crate::{Place, Problem, document::Document, path::leaves};

/// The pack's folder that holds them.
pub(crate) const FOLDER: &str = "shared";

/// A folder of the pack's folder `shared`, laid into the workspace beside the starter. Its files are restored before a
/// check.
#[derive(Debug, Clone, Serialize, Deserialize, JsonSchema)]
#[serde(deny_unknown_fields)]
pub struct Shared {
    /// A folder inside `shared`.
    pub from: String,
    /// Where it stands in the workspace.
    pub to: String,
}

impl Lab {
    /// The folders that a workspace is made of: each with the path that it has there, the starter's being empty.
    pub fn sources(&self) -> Vec<(PathBuf, &str)> {
        let starter = (self.folder.join("starter"), "");
        let shared = self.shared.iter().map(|shared| (self.shared_folder().join(&shared.from), shared.to.as_str()));
        std::iter::once(starter).chain(shared).collect()
    }

    /// The file of the pack that a workspace's file `path` is a copy of, whether it is there or not.
    pub fn original(&self, path: &str) -> PathBuf {
        let shared = self.shared.iter().find_map(|shared| {
            let rest = path.strip_prefix(&shared.to)?.strip_prefix('/')?;
            Some(self.shared_folder().join(&shared.from).join(rest))
        });
        shared.unwrap_or_else(|| self.folder.join("starter").join(path))
    }

    /// Whether a file is restored from the pack before a check.
    pub fn is_fixed(&self, path: &str) -> bool {
        self.files.iter().any(|file| file.path == path && file.role == Role::Fixed)
            || self.shared.iter().any(|shared| path.strip_prefix(&shared.to).is_some_and(|rest| rest.starts_with('/')))
    }

    /// The files of a workspace that are restored from the pack before a check.
    pub fn fixed(&self) -> Vec<String> {
        let own = self.files.iter().filter(|file| file.role == Role::Fixed).map(|file| file.path.clone());
        let shared = self.shared.iter().flat_map(|shared| {
            let folder = self.shared_folder().join(&shared.from);
            files(&folder).into_iter().map(move |path| format!("{}/{path}", shared.to))
        });
        own.chain(shared).collect()
    }

    fn shared_folder(&self) -> PathBuf {
        self.folder.parent().unwrap_or(&self.folder).join(FOLDER)
    }
}

/// The files of a folder, by their paths in it with `/`, sorted.
fn files(folder: &Path) -> Vec<String> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let files = entries.filter(|entry| entry.file_type().is_file());
    let paths = files.filter_map(|entry| {
        let relative = entry.path().strip_prefix(folder).ok()?;
        Some(relative.iter().map(|part| part.to_string_lossy()).collect::<Vec<_>>().join("/"))
    });
    paths.collect()
}

/// What is wrong with the folders that a lab shares.
pub(super) fn problems(pack: &Path, slug: &str, shared: &[Shared], document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    for (index, Shared { from, to }) in shared.iter().enumerate() {
        let at = |key: &str| format!("shared[{index}].{key}");
        let unfit = [("from", from), ("to", to)].map(|(key, path)| document.unfit_path(&at(key), path));
        if unfit.iter().any(Option::is_some) {
            problems.extend(unfit.into_iter().flatten());
            continue;
        }
        let folder = pack.join(FOLDER).join(from);
        if !folder.is_dir() {
            let message = format!("the pack has no folder `{FOLDER}/{from}`");
            let next_step = format!("Make {FOLDER}/{from}, or name a folder inside `{FOLDER}`.");
            problems.push(document.problem("curriculum.missing", &at("from"), message, next_step));
        }
        if pack.join(slug).join("starter").join(to).exists() {
            let message = format!("the starter has `{to}` as well");
            let next_step = "Choose another place in the workspace.";
            problems.push(document.problem("curriculum.duplicate", &at("to"), message, next_step));
        }
        for earlier in shared[..index].iter().filter(|earlier| overlap(&earlier.to, to)) {
            let message = format!("`{to}` overlaps with `{}`, where another shared folder stands", earlier.to);
            let next_step = "Choose another place in the workspace.";
            problems.push(document.problem("curriculum.duplicate", &at("to"), message, next_step));
        }
        problems.extend(links_out(pack, &folder));
    }
    problems
}

/// Whether two paths are the same, or one lies below the other.
fn overlap(one: &str, other: &str) -> bool {
    let (short, long) = if one.len() < other.len() { (one, other) } else { (other, one) };
    long.strip_prefix(short).is_some_and(|rest| rest.is_empty() || rest.starts_with('/'))
}

/// Links inside `folder` that lead out of it.
pub(super) fn links_out(pack: &Path, folder: &Path) -> Vec<Problem> {
    let entries = WalkDir::new(folder).sort_by_file_name().into_iter().flatten();
    let leaving = entries.filter(|entry| entry.path_is_symlink() && leaves(folder, entry.path()));
    let problem = |path: &Path| Problem {
        code: "curriculum.path",
        message: "this link leads out of its folder, or nowhere".to_owned(),
        place: Place { file: path.strip_prefix(pack).unwrap_or(path).to_owned(), line: 1, column: 1 },
        next_step: "Replace the link by the file itself.".to_owned(),
    };
    leaving.map(|entry| problem(entry.path())).collect()
}
