//! `groundwork key …`.

use serde_json::json;
use workbench::Problem;

use crate::{Ended, Run, arguments::KeyCommand};

pub async fn run(run: &Run, command: KeyCommand) -> Result<Ended, Problem> {
    match command {
        KeyCommand::List => list(run),
        KeyCommand::Renew { lab } => {
            run.workbench.renew_key(&lab).await?;
            run.draw.json("renewed", &json!({ "lab": lab }));
            run.draw.say(format!(
                "{lab} has a fresh key, in its .groundwork/activate. What still runs with the one of before gets 401: start it again."
            ));
            Ok(Ended::Well)
        }
    }
}

fn list(run: &Run) -> Result<Ended, Problem> {
    let keys = run.workbench.keys()?;
    for key in &keys {
        run.draw.json("key", key);
        let used = key.last_used.as_ref().map_or_else(|| "never used".into(), |at| format!("last used {at}"));
        run.draw.say(format!("{:<24} {}…  {used}", key.lab, key.begins));
    }
    if keys.is_empty() {
        run.draw.say("No workspace has a key yet. Each gets one when its lab is started.");
    }
    Ok(Ended::Well)
}
