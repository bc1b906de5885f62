//! The shipped pack: read once, judged by `curriculum` and by the check kinds.

use std::{path::Path, sync::Arc};

use curriculum::{Lab, Pack, Place};
use task::Fault as _;

use crate::{Problem, labs::REQUIREMENTS};

/// Reads the pack and everything its checks say, or tells the first thing that is wrong with it.
pub fn load(folder: &Path) -> Result<Arc<Pack>, Problem> {
    if !folder.join("pack.toml").exists() {
        let message = format!("There is no pack in {}.", folder.display());
        return Err(Problem::new("pack.missing", message, "Install Groundwork again, or run `cargo xtask setup`."));
    }
    let pack = curriculum::load(folder).map_err(problem)?;
    let wrong: Vec<_> = pack.labs.iter().flat_map(checks::lint).collect();
    if wrong.is_empty() { Ok(Arc::new(pack)) } else { Err(problem(wrong)) }
}

/// What a lab installs for Python, each as `openai==1.2.3`.
pub fn packages(lab: &Lab) -> Result<Vec<String>, curriculum::Problem> {
    workspaces::packages(&lab.folder.join(REQUIREMENTS)).map_err(|error| curriculum::Problem {
        code: error.code(),
        message: error.to_string(),
        place: Place { file: Path::new(&lab.slug).join(REQUIREMENTS), line: 1, column: 1 },
        next_step: "Write each as `name==version` with its hashes, as `uv pip compile --generate-hashes` does.".into(),
    })
}

/// The first of several problems, and how many more there are.
pub fn problem(problems: Vec<curriculum::Problem>) -> Problem {
    let more = problems.len().saturating_sub(1);
    let Some(first) = problems.into_iter().next() else {
        return Problem::broken("A pack was refused without a reason.");
    };
    let mut problem = Problem::from(first);
    if more > 0 {
        problem.message = format!("{} ({more} more after this one)", problem.message);
    }
    problem
}

/// A lab by its slug; an unknown one names the nearest.
pub fn lab(pack: &Pack, slug: &str) -> Result<Arc<Lab>, Problem> {
    if let Some(lab) = pack.lab(slug) {
        return Ok(Arc::new(lab.clone()));
    }
    if pack.plan.labs.iter().any(|planned| planned.slug == slug) {
        let message = format!("The lab {slug} is planned, but this version of the pack does not have it yet.");
        return Err(Problem::new("lab.not_in_pack", message, "Pick a lab that `groundwork lab list` shows."));
    }
    let near = curriculum::nearest(slug, pack.labs.iter().map(|lab| lab.slug.as_str()));
    let next_step = match near {
        Some(near) => format!("Did you mean {near}?"),
        None => "Run `groundwork lab list` to see the labs.".into(),
    };
    Err(Problem::new("lab.unknown", format!("There is no lab called {slug}."), next_step))
}
