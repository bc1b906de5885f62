//! What a pack may run, so that a learner can decide before anything of it does.

use curriculum::{Lab, Pack};

use crate::{Problem, doctor, labs::REQUIREMENTS, pack, view};

/// The code of the refusal.
pub const NOT_ALLOWED: &str = "pack.not_allowed";

/// The setting that keeps which content of this pack is allowed.
pub fn key(pack: &Pack) -> String {
    format!("allowed.{}", pack.id)
}

pub fn view(pack: &Pack, digest: &str) -> Result<view::Consent, Problem> {
    Ok(view::Consent {
        title: pack.title.clone(),
        version: pack.version,
        authors: pack.authors.clone(),
        digest: digest.to_owned(),
        labs: pack.labs.iter().map(runs).collect::<Result<_, _>>()?,
        confinement: doctor::confinement().to_owned(),
    })
}

fn runs(lab: &Lab) -> Result<view::MayRun, Problem> {
    let prepared = checks::prepare(lab).map_err(pack::problem)?;
    let mut programs: Vec<String> = prepared.iter().filter_map(checks::Prepared::runs).collect();
    programs.sort();
    programs.dedup();
    let requirements = std::fs::read_to_string(lab.folder.join(REQUIREMENTS)).unwrap_or_default();
    Ok(view::MayRun {
        slug: lab.slug.clone(),
        title: lab.title.clone(),
        services: lab.services.iter().map(|service| service.command.join(" ")).collect(),
        programs,
        packages: packages(&requirements),
    })
}

/// The names and versions in a requirements file: `openai==1.2.3`, without hashes and comments.
fn packages(requirements: &str) -> Vec<String> {
    let names = requirements.lines().filter(|line| line.starts_with(|c: char| c.is_ascii_alphanumeric()));
    names.filter_map(|line| line.split([' ', ';', '\\']).next()).map(str::to_owned).collect()
}

#[cfg(test)]
mod tests {
    #[test]
    fn packages_are_named_without_their_hashes() {
        let text =
            "# pinned\nopenai==1.2.3 \\\n    --hash=sha256:00\nanyio==4.1 ; python_version < '3.11'\n\nh11==0.16\n";
        assert_eq!(super::packages(text), ["openai==1.2.3", "anyio==4.1", "h11==0.16"]);
    }
}
