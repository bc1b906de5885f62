//! Rules that more than one file of a pack keeps: ids, UUIDs, paths, circles.

use std::collections::BTreeSet;

use uuid::Uuid;

use super::Document;
use crate::{Problem, path::unfit};

impl Document {
    pub fn uuid(&self, at: &str, text: &str) -> Result<Uuid, Problem> {
        match Uuid::parse_str(text) {
            Ok(id) if !id.is_nil() => Ok(id),
            _ => Err(self.problem(
                "curriculum.id",
                at,
                format!("`{text}` is not a UUID"),
                "Write a fresh one: `python3 -c \"import uuid; print(uuid.uuid4())\"` prints one.",
            )),
        }
    }

    /// Outcomes and links name things by their ids, so an id is made of lower-case words joined by hyphens.
    pub fn unfit_id(&self, at: &str, id: &str) -> Option<Problem> {
        let word = |word: &str| !word.is_empty() && word.bytes().all(|b| b.is_ascii_lowercase() || b.is_ascii_digit());
        (!id.split('-').all(word)).then(|| {
            self.problem(
                "curriculum.id",
                at,
                format!("`{id}` is not a name of lower-case words joined by hyphens"),
                "Write it like \"first-answer\".",
            )
        })
    }

    pub fn repeated<'a>(&self, at: &str, name: &'a str, seen: &mut BTreeSet<&'a str>) -> Option<Problem> {
        (!seen.insert(name)).then(|| {
            let message = format!("`{name}` is already used above");
            self.problem("curriculum.duplicate", at, message, "Give this one another name.")
        })
    }

    pub fn unfit_path(&self, at: &str, path: &str) -> Option<Problem> {
        let reason = unfit(path)?;
        let next_step = "Write a path relative to the workspace, such as \"src/main.py\".";
        Some(self.problem("curriculum.path", at, format!("the path `{path}` {reason}"), next_step))
    }

    pub fn circle(&self, code: &'static str, at: &str, verb: &str, members: &[&str]) -> Problem {
        let round: Vec<String> = members.iter().chain(members.first()).map(|name| format!("`{name}`")).collect();
        self.problem(code, at, round.join(&format!(" {verb} ")), "Take one of these out of the circle.")
    }
}
