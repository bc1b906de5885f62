//! `groundwork narrative` and `groundwork export`: what the learner tells, and the page that holds it.

use std::path::Path;

use serde_json::json;
use workbench::Problem;

use crate::{Ended, Run};

pub fn narrative(run: &Run, lab: Option<&str>, from: Option<&Path>, replaces: Option<u32>) -> Result<Ended, Problem> {
    let narrative = match from {
        None => run.workbench.narrative(lab)?,
        Some(file) => run.workbench.keep_narrative_of(lab, file, replaces)?,
    };
    run.draw.json("narrative", &narrative);
    match (from, narrative.text.is_empty()) {
        (Some(_), _) => run.draw.say(format!(
            "{} bytes are kept, as revision {}. `groundwork export` writes the page with them.",
            narrative.text.len(),
            narrative.revision
        )),
        (None, true) => run.draw.say("Nothing is written yet."),
        (None, false) => run.draw.say(narrative.text.trim_end()),
    }
    Ok(Ended::Well)
}

pub fn export(run: &Run, format: &str, output: Option<&Path>) -> Result<Ended, Problem> {
    if output == Some(Path::new("-")) {
        let text = run.workbench.render_write_up(format)?;
        run.draw.json("writeUp", &json!({ "format": format, "text": text }));
        run.draw.say(text.trim_end());
        return Ok(Ended::Well);
    }
    let path = run.workbench.save_write_up(format, output)?;
    run.draw.json("writeUp", &json!({ "format": format, "path": path }));
    run.draw.say(format!("Written to {path}"));
    Ok(Ended::Well)
}
