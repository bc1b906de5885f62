//! `groundwork editor …`.

use serde_json::json;
use workbench::{Problem, view::Editors};

use crate::{Ended, Run, arguments::EditorCommand};

pub async fn run(run: &Run, command: EditorCommand) -> Result<Ended, Problem> {
    match command {
        EditorCommand::List => Ok(list(run, &run.workbench.editors()?)),
        EditorCommand::Use { command } => Ok(list(run, &run.workbench.use_editor(command.as_deref())?)),
        EditorCommand::Try => {
            let name = run.workbench.try_editor().await?;
            run.draw.json("opened", &json!({ "editor": name }));
            run.draw.say(format!("{name} has a file open."));
            Ok(Ended::Well)
        }
    }
}

fn list(run: &Run, editors: &Editors) -> Ended {
    run.draw.json("editors", editors);
    for editor in &editors.installed {
        let terminal = if editor.in_terminal { ", in a terminal" } else { "" };
        run.draw.say(format!("{:<20} {}{terminal}", editor.command, editor.name));
    }
    match (&editors.problem, &editors.chosen, &editors.usual) {
        (Some(problem), ..) => {
            run.draw.problem(problem);
            return Ended::YourMove;
        }
        (None, Some(chosen), _) => run.draw.say(format!("{chosen} is used: you chose it.")),
        (None, None, usual) => {
            let name = usual.as_deref().unwrap_or_default();
            run.draw.say(format!("{name} is used. To choose another: groundwork editor use COMMAND"));
        }
    }
    Ended::Well
}
