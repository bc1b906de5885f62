//! What must hold of a lab beyond its syntax: names are unique and known, nothing waits in a circle, paths stay
//! inside, patterns can be used.

use std::{
    collections::{BTreeMap, BTreeSet},
    path::Path,
};

use super::{
    Role, Service, injection,
    read::{CheckFile, LabFile},
    shared::links_out,
};
use crate::{Problem, document::Document, nearest, order::circle, path::unfit};

/// The longest that a learner waits for a service to answer.
const LONGEST_START_S: u32 = 600;

pub fn problems(lab: &LabFile, document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    let mut paths = BTreeSet::new();
    for (index, file) in lab.files.iter().enumerate() {
        let at = format!("files[{index}].path");
        problems.extend(document.unfit_path(&at, &file.path));
        problems.extend(document.repeated(&at, &file.path, &mut paths));
    }
    let mut names = BTreeSet::new();
    for (index, service) in lab.services.iter().enumerate() {
        let at = format!("services[{index}]");
        problems.extend(document.repeated(&format!("{at}.name"), &service.name, &mut names));
        problems.extend(service_problems(service, &at, document));
    }
    let mut ids = BTreeSet::new();
    for (index, step) in lab.steps.iter().enumerate() {
        let at = format!("steps[{index}].id");
        problems.extend(document.unfit_id(&at, &step.id));
        problems.extend(document.repeated(&at, &step.id, &mut ids));
    }
    problems.extend(check_problems(lab, document));
    problems
}

fn service_problems(service: &Service, at: &str, document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    problems.extend(document.unfit_id(&format!("{at}.name"), &service.name));
    if service.command.first().is_none_or(String::is_empty) {
        let next_step = "Write the program and its arguments: [\"python\", \"main.py\"].";
        problems.push(document.problem(
            "curriculum.command",
            &format!("{at}.command"),
            "the command is empty",
            next_step,
        ));
    }
    if !service.ready.path.starts_with('/') {
        let message = format!("the path `{}` does not begin with a slash", service.ready.path);
        let next_step = "Write the path of a request, such as \"/health\".";
        problems.push(document.problem("curriculum.path", &format!("{at}.ready.path"), message, next_step));
    }
    if !(1..=LONGEST_START_S).contains(&service.ready.within_s) {
        let next_step = format!("Write a number of seconds from 1 to {LONGEST_START_S}.");
        let message = format!("nobody waits {} seconds for a service", service.ready.within_s);
        problems.push(document.problem("curriculum.range", &format!("{at}.ready.within_s"), message, next_step));
    }
    for (index, glob) in service.restart_on.iter().enumerate() {
        problems.extend(unfit_glob(&format!("{at}.restart_on[{index}]"), glob, document));
    }
    problems
}

fn check_problems(lab: &LabFile, document: &Document) -> Vec<Problem> {
    let mut problems = Vec::new();
    let checks: Vec<(String, &CheckFile)> = lab
        .steps
        .iter()
        .enumerate()
        .flat_map(|(step, file)| file.checks.iter().enumerate().map(move |(check, file)| (step, check, file)))
        .map(|(step, check, file)| (format!("steps[{step}].checks[{check}]"), file))
        .collect();
    let known: BTreeSet<&str> = checks.iter().map(|(_, check)| check.id.as_str()).collect();
    let unknown = |at: &str, id: &str| {
        let near = nearest(id, known.iter().copied());
        let next_step = near.map_or("Name a check of this lab.".to_owned(), |near| format!("Did you mean `{near}`?"));
        document.problem("curriculum.after", at, format!("no check of this lab is called `{id}`"), next_step)
    };
    let mut ids = BTreeSet::new();
    for (at, check) in &checks {
        problems.extend(document.unfit_id(&format!("{at}.id"), &check.id));
        problems.extend(document.repeated(&format!("{at}.id"), &check.id, &mut ids));
        for (index, id) in check.after.iter().enumerate().filter(|(_, id)| !known.contains(id.as_str())) {
            problems.push(unknown(&format!("{at}.after[{index}]"), id));
        }
        for (index, glob) in check.watches.iter().enumerate() {
            problems.extend(unfit_glob(&format!("{at}.watches[{index}]"), glob, document));
        }
        problems.extend(injection::problems(&check.faults, &format!("{at}.faults"), document));
        for (index, hint) in check.hint_when.iter().enumerate() {
            if let Err(error) = regex::Regex::new(&hint.actual) {
                let text = error.to_string();
                let reason = text.lines().last().unwrap_or_default().trim().trim_start_matches("error: ");
                problems.push(document.problem(
                    "curriculum.pattern",
                    &format!("{at}.hint_when[{index}].actual"),
                    format!("this is not a regular expression: {reason}"),
                    "Correct the pattern; a backslash in front takes a character as it is.",
                ));
            }
        }
    }
    let waits: BTreeMap<&str, Vec<&str>> = checks
        .iter()
        .rev() // of two checks with one id, the first counts
        .map(|(_, check)| (check.id.as_str(), check.after.iter().map(String::as_str).collect()))
        .collect();
    if let Some(members) = circle(&waits)
        && let Some((at, _)) = checks.iter().find(|(_, check)| members.first() == Some(&check.id.as_str()))
    {
        problems.push(document.circle("curriculum.after", &format!("{at}.after"), "waits for", &members));
    }
    if !known.contains(lab.starter_fails_on.as_str()) {
        problems.push(unknown("starter_fails_on", &lab.starter_fails_on));
    }
    problems
}

/// What the lab's folder must hold, and links in it that lead out of it.
pub fn folder_problems(pack: &Path, slug: &str, lab: &LabFile, document: &Document) -> Vec<Problem> {
    let folder = pack.join(slug);
    let starter = folder.join("starter");
    let mut problems = Vec::new();
    if !starter.is_dir() {
        let next_step = format!("Make {slug}/starter with what a learner starts from.");
        problems.push(document.problem("curriculum.missing", "", "the lab has no folder `starter`", next_step));
    } else {
        for (index, file) in lab.files.iter().enumerate() {
            let missing =
                file.role == Role::Fixed && unfit(&file.path).is_none() && !starter.join(&file.path).is_file();
            if missing {
                let message = format!("the fixed file `{}` is not in the starter", file.path);
                let next_step = format!("Add {slug}/starter/{}, or give it the role \"edit\".", file.path);
                problems.push(document.problem(
                    "curriculum.missing",
                    &format!("files[{index}].path"),
                    message,
                    next_step,
                ));
            }
        }
    }
    problems.extend(links_out(pack, &folder));
    problems
}

fn unfit_glob(at: &str, glob: &str, document: &Document) -> Option<Problem> {
    let reason = unfit(glob)
        .map(str::to_owned)
        .or_else(|| globset::Glob::new(glob).err().map(|error| format!("cannot be used: {}", error.kind())))?;
    let next_step = "Write a pattern for paths of the workspace, such as \"src/**/*.py\".";
    Some(document.problem("curriculum.pattern", at, format!("the pattern `{glob}` {reason}"), next_step))
}
