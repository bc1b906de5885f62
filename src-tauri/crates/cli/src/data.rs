//! `groundwork data …`.

use std::path::Path;

use workbench::{
    Options, Problem, import_record,
    view::{ExportedRecord, ImportedRecord, RecordSummary},
};

use crate::{Ended, Run, arguments::DataCommand, draw::Draw, pack::count};

pub async fn run(run: &Run, command: DataCommand) -> Result<Ended, Problem> {
    match command {
        DataCommand::Export { file } => {
            let written = run.workbench.export_record(file).await?;
            run.draw.json("exported", &written);
            let ExportedRecord { file, holds } = written;
            run.draw.say(format!("{file} holds {}. Workspaces and models are not in it.", told(&holds)));
        }
        // Done before anything was opened.
        DataCommand::Import { .. } => {}
    }
    Ok(Ended::Well)
}

/// Before the journal is opened.
pub fn import(draw: Draw, options: &Options, file: &Path) -> Result<Ended, Problem> {
    let imported = import_record(options, file)?;
    draw.json("imported", &imported);
    let ImportedRecord { holds, before } = imported;
    draw.say(format!("Your record holds {} now.", told(&holds)));
    if let Some(before) = before {
        draw.say(format!("The one of before is kept. To go back: groundwork data import {before}"));
    }
    Ok(Ended::Well)
}

fn told(holds: &RecordSummary) -> String {
    let (workspaces, outcomes) = (holds.workspaces as usize, holds.outcomes as usize);
    format!("{} and {}", count(workspaces, "workspace"), count(outcomes, "outcome"))
}
