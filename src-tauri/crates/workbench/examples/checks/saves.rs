//! How long a save takes to the outcome of an `http` check on a FastAPI service, without and with a restart, up to
//! the event that a shell draws.

use std::{fs, path::Path, time::Instant};

use anyhow::{Context as _, Result, bail, ensure};
use serde_json::{Value, json};
use tokio::sync::mpsc::UnboundedReceiver;
use workbench::{Event, Options, TaskStep, Workbench};

use crate::Places;

const LAB: &str = "every-kind";
const SAVES: usize = 100;
const RESTARTS: usize = 30;

pub async fn measure(places: &Places) -> Result<Value> {
    let resources = places.folder.join("resources");
    copy(&places.pack, &resources.join("labs"))?;
    let options = Options {
        version: "bench".into(),
        data: places.folder.join("data"),
        workspaces: places.folder.join("workspaces"),
        resources,
        port: 0,
        memory: None,
        index: String::new(),
        mirror: None,
        device: "cpu".into(),
        surroundings: Default::default(),
        search_path: places.search_path()?,
        visual: None,
        editor: None,
        shell: "/bin/sh".into(),
        time_zone: jiff::tz::TimeZone::UTC,
    };
    let (sender, mut events) = tokio::sync::mpsc::unbounded_channel();
    let workbench = Workbench::open(options, sender).await?;
    workbench.start_lab(LAB, false)?;
    until(&mut events, |event| matches!(event, Event::Task { step: TaskStep::Finished, .. })).await?;
    workbench.lab(LAB).await?;
    until(&mut events, |event| matches!(event, Event::ReportFinished { .. })).await?;
    let folder = places.folder.join("workspaces").join(LAB);

    let mut warm = Vec::new();
    for round in 0..SAVES {
        let (greeting, status) = if round % 2 == 0 { ("goodbye\n", "failed") } else { ("hello\n", "passed") };
        warm.push(save(&mut events, &folder.join("greeting.txt"), greeting, status).await?);
    }
    let service = fs::read_to_string(folder.join("service.py"))?;
    let mut restart = Vec::new();
    for round in 0..RESTARTS {
        let changed = format!("{service}# {round}\n");
        restart.push(save(&mut events, &folder.join("service.py"), &changed, "passed").await?);
    }
    workbench.close().await;
    Ok(json!({ "warm": warm, "restart": restart }))
}

/// Milliseconds from a save to the outcome that it has to bring. Answers once all checks of the save have run.
async fn save(events: &mut UnboundedReceiver<Event>, path: &Path, content: &str, expected: &str) -> Result<f64> {
    let clock = Instant::now();
    fs::write(path, content)?;
    let mut elapsed = None;
    until(events, |event| match event {
        Event::CheckFinished { outcome, .. } if outcome.check == "http" => {
            elapsed = Some((clock.elapsed().as_secs_f64() * 1000.0, json!(outcome.status)));
            false
        }
        Event::ReportFinished { .. } => true,
        _ => false,
    })
    .await?;
    let (millis, status) = elapsed.context("the save brought no outcome")?;
    ensure!(status == expected, "the save brought {status} in place of {expected}");
    Ok(millis)
}

async fn until(events: &mut UnboundedReceiver<Event>, mut found: impl FnMut(&Event) -> bool) -> Result<()> {
    while let Some(event) = events.recv().await {
        if let Event::Task { step: TaskStep::Failed { problem }, .. } = &event {
            bail!("the lab did not start: {}", problem.message);
        }
        if found(&event) {
            return Ok(());
        }
    }
    bail!("the workbench closed")
}

fn copy(from: &Path, to: &Path) -> Result<()> {
    for entry in walkdir::WalkDir::new(from) {
        let entry = entry?;
        let target = to.join(entry.path().strip_prefix(from)?);
        if entry.file_type().is_dir() {
            fs::create_dir_all(target)?;
        } else {
            fs::copy(entry.path(), target)?;
        }
    }
    Ok(())
}
