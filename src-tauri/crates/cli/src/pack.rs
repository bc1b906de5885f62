//! `groundwork pack …`.

use std::path::Path;

use console::style;
use serde_json::json;
use workbench::{
    Problem,
    authoring::{self, Described},
};

use crate::{
    Ended,
    arguments::{DescribedFile, PackCommand},
    draw::Draw,
};

/// What needs neither journal nor model, so that it works on any machine; `None` for the rest.
pub fn alone(draw: Draw, command: &PackCommand) -> Option<Result<Ended, Problem>> {
    match command {
        PackCommand::Lint { folder } => Some(Ok(lint(draw, folder))),
        PackCommand::Kinds => Some(Ok(kinds(draw))),
        PackCommand::Schema { file } => {
            let described = match file {
                DescribedFile::Lab => Described::Lab,
                DescribedFile::Pack => Described::Pack,
            };
            draw.raw(authoring::schema(described).trim_end());
            Some(Ok(Ended::Well))
        }
    }
}

fn lint(draw: Draw, folder: &Path) -> Ended {
    let judged = authoring::lint(folder);
    for flaw in &judged.flaws {
        draw.json("flaw", flaw);
        let place = format!("{}:{}:{}:", folder.join(&flaw.file).display(), flaw.line, flaw.column);
        draw.say(format!("{} {}\n    {} {}", style(place).bold(), flaw.message, style("next:").cyan(), flaw.next_step));
    }
    let flaws = judged.flaws.len();
    draw.json("linted", &json!({ "labs": judged.labs, "checks": judged.checks, "flaws": flaws }));
    let size = format!("{}, {}", count(judged.labs, "lab"), count(judged.checks, "check"));
    if flaws == 0 {
        draw.say(format!("Nothing to mend: {size}."));
        return Ended::Well;
    }
    draw.say(format!("\n{} to mend ({size})", count(flaws, "thing")));
    Ended::YourMove
}

fn kinds(draw: Draw) -> Ended {
    for kind in authoring::kinds_for_programs() {
        draw.json("kind", &kind);
    }
    draw.say(authoring::kinds().trim_end());
    Ended::Well
}

fn count(number: usize, noun: &str) -> String {
    format!("{number} {noun}{}", if number == 1 { "" } else { "s" })
}
