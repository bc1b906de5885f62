//! `actions/upload-artifact` and `actions/download-artifact`: files that one job of a run leaves for another.

use std::collections::BTreeMap;

use globset::Glob;

use super::{Done, With, glob};
use crate::{Files, finding::Halt, kinds::workflow::job::Running};

/// The artifacts of a run, by their names; each holds its files by their paths in it.
pub type Artifacts = BTreeMap<String, Files>;

pub async fn upload(with: &With, running: &mut Running<'_>) -> Result<Result<Done, String>, Halt> {
    let name = with.get("name").unwrap_or_else(|| "artifact".to_owned());
    let patterns = with.lines("path");
    if patterns.is_empty() {
        return Ok(Err("it wants `path`: the files that are kept".to_owned()));
    }
    if name.contains(['"', ':', '<', '>', '|', '*', '?', '\\', '/', '\r', '\n']) {
        return Ok(Err(format!("an artifact cannot be called `{name}`")));
    }
    let (mut found, roots) = match glob::find(&patterns, running).await? {
        Ok(found) => found,
        Err(reason) => return Ok(Err(reason)),
    };
    if !with.is_true("include-hidden-files") {
        let hidden = |path: &str| path.split('/').any(|part| part.starts_with('.'));
        let home = running.place("");
        found.retain(|path, _| !hidden(path.strip_prefix(&home).unwrap_or(path)));
    }
    if found.is_empty() {
        let told = format!("No files were found with the provided path: {}", patterns.join(", "));
        return Ok(match with.get("if-no-files-found").as_deref() {
            Some("error") => Err(told),
            _ => Ok(Done::said(told)),
        });
    }
    if running.artifacts.contains_key(&name) && !with.is_true("overwrite") {
        return Ok(Err(format!("the run has an artifact `{name}` already; give each job's a name of its own")));
    }
    let top = match (found.len(), roots.as_slice()) {
        (1, [root]) if found.contains_key(root) => root.rsplit_once('/').map_or("", |(folder, _)| folder).to_owned(),
        _ => common(&roots),
    };
    let below = |path: &String| path.strip_prefix(&top).unwrap_or(path).trim_start_matches('/').to_owned();
    let files: Files = found.iter().map(|(path, content)| (below(path), content.clone())).collect();
    let bytes: usize = running.artifacts.values().chain([&files]).flat_map(Files::values).map(Vec::len).sum();
    if bytes as u64 > glob::MOST {
        return Ok(Err(format!("the artifacts of this run have more than {} MiB", glob::MOST >> 20)));
    }
    let log = format!("{} in the artifact `{name}`", crate::excerpt::count(files.len(), "file"));
    running.artifacts.insert(name, files);
    Ok(Ok(Done::said(log)))
}

/// The folder in which all of these lie.
fn common(roots: &[String]) -> String {
    let mut parts: Vec<&str> = roots.first().map(|root| root.split('/').collect()).unwrap_or_default();
    for root in roots {
        let same = root.split('/').zip(&parts).take_while(|(own, part)| own == *part).count();
        parts.truncate(same);
    }
    parts.join("/")
}

pub async fn download(with: &With, running: &mut Running<'_>) -> Result<Result<Done, String>, Halt> {
    let folder = running.place(with.get("path").unwrap_or_default().trim_start_matches("./").trim_end_matches('/'));
    let all = &running.artifacts;
    let there = || if all.is_empty() { "none".to_owned() } else { all.keys().cloned().collect::<Vec<_>>().join(", ") };
    let mut files = Files::new();
    if let Some(name) = with.get("name") {
        let Some(artifact) = all.get(&name) else {
            return Ok(Err(format!("there is no artifact `{name}`: jobs before this one have kept {}", there())));
        };
        files.extend(artifact.iter().map(|(path, content)| (format!("{folder}/{path}"), content.clone())));
    } else {
        let pattern = with.get("pattern").unwrap_or_else(|| "*".to_owned());
        let Ok(matcher) = Glob::new(&pattern).map(|glob| glob.compile_matcher()) else {
            return Ok(Err(format!("`{pattern}` is no pattern of names")));
        };
        for (name, artifact) in all.iter().filter(|(name, _)| matcher.is_match(name)) {
            let inside = if with.is_true("merge-multiple") { String::new() } else { format!("/{name}") };
            files.extend(artifact.iter().map(|(path, content)| (format!("{folder}{inside}/{path}"), content.clone())));
        }
    }
    let log = format!("{} into {folder}", crate::excerpt::count(files.len(), "file"));
    running.machine.write(&files).await?;
    let outputs = [("download-path".to_owned(), folder)].into();
    Ok(Ok(Done { log, outputs }))
}
