//! What a pack may run, so that a learner can decide before anything of it does.

use curriculum::{Lab, Pack};

use crate::{Problem, doctor, pack, view};

/// The code of the refusal.
pub const NOT_ALLOWED: &str = "pack.not_allowed";

/// Begins the names of settings that keep what is allowed.
pub const ALLOWED: &str = "allowed.";

/// The setting that keeps which content of this pack is allowed.
pub fn key(pack: &Pack) -> String {
    format!("{ALLOWED}{}", pack.id)
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
    Ok(view::MayRun {
        slug: lab.slug.clone(),
        title: lab.title.clone(),
        services: lab.services.iter().map(|service| service.command.join(" ")).collect(),
        programs,
        packages: pack::packages(lab)?,
    })
}
