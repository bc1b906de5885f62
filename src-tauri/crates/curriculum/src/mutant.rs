//! The mutants of a lab: mistakes that people make, laid over the solution, and the checks that each must fail.

use std::{
    fs,
    path::{Path, PathBuf},
};

use serde::Deserialize;

use crate::{Lab, Place, Problem, document::Document, nearest};

/// One mistake: the files of `folder`, but for `mutant.toml`, are laid over the solution.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Mutant {
    /// The folder's name.
    pub name: String,
    /// Ids of the checks that fail, and no others do.
    pub fails: Vec<String>,
    pub folder: PathBuf,
}

/// `mutant.toml`.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct MutantFile {
    fails: Vec<String>,
}

/// The mutants of a lab of the pack in the folder `pack`, by name, and what is wrong with the others.
pub fn mutants(pack: &Path, lab: &Lab) -> (Vec<Mutant>, Vec<Problem>) {
    let folder = Path::new(&lab.slug).join("mutants");
    let mut names: Vec<String> = fs::read_dir(pack.join(&folder))
        .into_iter()
        .flat_map(|entries| entries.flatten())
        .filter(|entry| entry.path().is_dir())
        .map(|entry| entry.file_name().to_string_lossy().into_owned())
        .collect();
    names.sort();
    let (mut mutants, mut problems) = (Vec::new(), Vec::new());
    for name in names {
        match read(pack, &folder.join(&name), lab) {
            Ok(fails) => mutants.push(Mutant { folder: pack.join(&folder).join(&name), name, fails }),
            Err(wrong) => problems.extend(wrong),
        }
    }
    (mutants, problems)
}

fn read(pack: &Path, folder: &Path, lab: &Lab) -> Result<Vec<String>, Vec<Problem>> {
    let document = Document::read_part(pack, &folder.join("mutant.toml")).map_err(|problem| vec![problem])?;
    let file: MutantFile = document.get().map_err(|problem| vec![problem])?;
    let ids = || lab.steps.iter().flat_map(|step| &step.checks).map(|check| check.id.as_str());
    let mut problems = Vec::new();
    for (index, id) in file.fails.iter().enumerate().filter(|(_, id)| !ids().any(|known| known == id.as_str())) {
        problems.push(document.problem(
            "curriculum.mutant",
            &format!("fails[{index}]"),
            format!("no check of this lab is called `{id}`"),
            nearest(id, ids()).map_or("Name a check of this lab.".into(), |near| format!("Did you mean `{near}`?")),
        ));
    }
    if file.fails.is_empty() {
        let next_step = "Name the checks that this mistake fails.";
        problems.push(document.problem("curriculum.mutant", "fails", "a mutant has to fail a check", next_step));
    }
    if let Some(problem) = changes_nothing(pack, folder) {
        problems.push(problem);
    }
    if problems.is_empty() { Ok(file.fails) } else { Err(problems) }
}

fn changes_nothing(pack: &Path, folder: &Path) -> Option<Problem> {
    let mut entries = fs::read_dir(pack.join(folder)).ok()?.flatten();
    entries.all(|entry| entry.file_name() == "mutant.toml").then(|| Problem {
        code: "curriculum.mutant",
        message: "the mutant has no file beside its mutant.toml".into(),
        place: Place { file: folder.join("mutant.toml"), line: 1, column: 1 },
        next_step: "Add the file with the mistake in it.".into(),
    })
}
