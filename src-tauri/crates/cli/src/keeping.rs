//! `groundwork lab reset`, `snapshots`, `restore` and `update`: what takes the place of a learner's files.

use serde_json::json;
use workbench::{
    Problem,
    view::{Snapshot, SnapshotReason, Updated},
};

use crate::{Ended, Run, lab};

/// Files of a snapshot that are named at most; `--json` names them all.
const NAMED: usize = 12;

pub async fn reset(run: &Run, slug: &str) -> Result<Ended, Problem> {
    let snapshot = run.workbench.reset_lab(slug).await?;
    run.draw.json("reset", &json!({ "lab": slug, "snapshot": snapshot }));
    run.draw.say(format!("The starter files are back. {}", kept(slug, &snapshot)));
    Ok(Ended::Well)
}

pub async fn snapshots(run: &Run, slug: &str) -> Result<Ended, Problem> {
    let found = run.workbench.snapshots(slug).await?;
    for snapshot in &found {
        run.draw.json("snapshot", snapshot);
        let files = format!("{} {}", snapshot.files.len(), if snapshot.files.len() == 1 { "file" } else { "files" });
        run.draw.say(format!("{:<22} {:<36} {files:>9} {:>10}", snapshot.id, why(snapshot), size(snapshot.bytes)));
        for file in snapshot.files.iter().take(NAMED) {
            run.draw.say(format!("    {}", file.path));
        }
        if snapshot.files.len() > NAMED {
            run.draw.say(format!("    and {} more", snapshot.files.len() - NAMED));
        }
    }
    if found.is_empty() {
        run.draw.say("No snapshots yet. One is made before a reset, an update or a restore.");
    }
    Ok(Ended::Well)
}

pub async fn restore(run: &Run, slug: &str, snapshot: &str, file: Option<&str>) -> Result<Ended, Problem> {
    let restored = run.workbench.restore_lab(slug, snapshot, file).await?;
    run.draw.json("restored", &restored);
    let what = match restored.files.as_slice() {
        [file] => format!("{file} is back"),
        files => format!("{} files are back", files.len()),
    };
    run.draw.say(format!("{what}. {}", kept(slug, &restored.kept)));
    Ok(Ended::Well)
}

pub async fn update(run: &mut Run, slug: &str) -> Result<Ended, Problem> {
    run.workbench.open_gateway().await;
    let updated = run.workbench.update_lab(slug).await?;
    run.draw.json("updated", &updated);
    for line in told(slug, &updated) {
        run.draw.say(line);
    }
    run.draw.say("");
    lab::check(run, slug).await
}

/// Says that the pack has a newer version, where it has.
pub async fn new_version(run: &Run, slug: &str) -> Result<(), Problem> {
    let Some(version) = run.workbench.new_version(slug).await? else { return Ok(()) };
    run.draw.json("newVersion", &json!({ "lab": slug, "from": version.from, "to": version.to }));
    run.draw.say(format!(
        "Version {} of this lab is here; your files are of version {}. `groundwork lab update {}` brings it in and keeps \
         what you wrote.",
        version.to, version.from, slug
    ));
    Ok(())
}

fn told(slug: &str, updated: &Updated) -> Vec<String> {
    let mut lines = vec![format!("Version {} is here. {}", updated.to, kept(slug, &updated.kept))];
    lines.extend(updated.added.iter().map(|file| format!("  new        {file}")));
    lines.extend(updated.replaced.iter().map(|file| format!("  replaced   {file}")));
    lines.extend(updated.beside.iter().map(|file| format!("  beside     {file}, because you changed yours")));
    for step in &updated.stale {
        lines.push(format!("  runs again {}: {}", step.title, step.checks.join("; ")));
    }
    lines
}

fn kept(slug: &str, snapshot: &str) -> String {
    format!("What you had is kept: `groundwork lab restore {slug} {snapshot}` brings it back.")
}

fn why(snapshot: &Snapshot) -> &'static str {
    match snapshot.reason {
        SnapshotReason::Reset => "before a reset",
        SnapshotReason::Update => "before an update",
        SnapshotReason::Restore => "before a restore",
        SnapshotReason::Fixed => "a fixed file as you changed it",
        SnapshotReason::Meanwhile => "saved while files were exchanged",
        SnapshotReason::Earlier => "by an earlier Groundwork",
    }
}

/// Decimal units, as in the window.
fn size(bytes: f64) -> String {
    match bytes {
        ..1e3 => format!("{bytes:.0} B"),
        ..1e6 => format!("{:.1} kB", bytes / 1e3),
        _ => format!("{:.1} MB", bytes / 1e6),
    }
}
