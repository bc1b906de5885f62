//! `groundwork doctor` and `groundwork folders`.

use console::style;
use serde_json::json;
use workbench::{
    Problem,
    view::{Finding, FindingState, FolderKind},
};

use crate::{Ended, Run};

pub async fn doctor(run: &mut Run, repair: bool) -> Result<Ended, Problem> {
    let mut findings = run.workbench.doctor().await;
    if repair {
        for repair in findings.iter().filter_map(|finding| finding.repair.clone()) {
            let task = run.workbench.repair(repair);
            // What cannot be mended keeps nothing else from being mended.
            if let Err(problem) = run.see_through(task).await {
                run.draw.problem(&problem);
            }
        }
        findings = run.workbench.doctor().await;
    }
    findings.iter().for_each(|finding| show(run, finding));
    let bad = findings.iter().any(|finding| finding.state == FindingState::Bad);
    Ok(if bad { Ended::YourMove } else { Ended::Well })
}

fn show(run: &Run, finding: &Finding) {
    run.draw.json("finding", finding);
    let mark = match finding.state {
        FindingState::Good => style("good   ").green(),
        FindingState::Warning => style("warning").yellow(),
        FindingState::Bad => style("bad    ").red().bold(),
    };
    run.draw.say(format!("{mark}  {:<12} {}", finding.name, finding.detail));
    if let Some(next) = &finding.next_step {
        let repair = if finding.repair.is_some() { " Or have it mended: groundwork doctor --repair" } else { "" };
        run.draw.say(format!("         {} {next}{repair}", style("next").cyan()));
    }
}

pub async fn folders(run: &Run) -> Result<Ended, Problem> {
    for folder in run.workbench.folders() {
        let bytes = run.workbench.folder_bytes(folder.kind).await?;
        run.draw.json("folder", &json!({ "kind": folder.kind, "path": folder.path, "bytes": bytes }));
        let what = match folder.kind {
            FolderKind::Workspaces => "workspaces",
            FolderKind::Data => "data",
            FolderKind::Models => "models",
            FolderKind::Portfolio => "portfolio",
        };
        let size = if folder.exists { format!("{:.1} MB", bytes / 1e6) } else { "nothing".into() };
        run.draw.say(format!("{what:<12} {size:>11}  {}", folder.path));
    }
    Ok(Ended::Well)
}
