//! What a learner tells others of their work: an introduction to the page, and a text about each lab. Kept as it is typed, in
//! the journal; two who write at once never take each other's words away unseen.

use std::path::Path;

use curriculum::{Lab, Pack};
use jiff::Timestamp;
use journal::Journal;
use uuid::Uuid;

use crate::{Problem, Workbench, view};

/// Bytes of one text: about ten thousand words.
const MOST: usize = 64_000;

impl Workbench {
    /// What the learner tells of a started lab, or of the whole.
    pub fn narrative(&self, lab: Option<&str>) -> Result<view::Narrative, Problem> {
        let lab = lab.map(|slug| self.recorded(slug)).transpose()?;
        self.told(&*self.pack()?, lab.as_ref().map(|(lab, _)| &**lab))
    }

    /// How the page would show such a text.
    pub fn preview_narrative(&self, lab: Option<&str>, text: &str) -> Result<String, Problem> {
        fits(text)?;
        Ok(shown(lab.is_some(), text))
    }

    /// Keeps a text in place of the one with this revision, 0 where there was none. Refuses where another one was kept
    /// meanwhile.
    pub fn keep_narrative(&self, slug: Option<&str>, text: String, revision: u32) -> Result<view::Narrative, Problem> {
        fits(&text)?;
        let lab = slug.map(|slug| self.recorded(slug)).transpose()?;
        let lab = lab.as_ref().map(|(lab, _)| &**lab);
        let about = about(&*self.pack()?, lab);
        let next = journal::Narrative { revision: revision.saturating_add(1), text, at: Timestamp::now() };
        if self.journal.record_narrative(about, &next)? {
            return Ok(as_seen(about, lab, Some(next)));
        }
        match self.journal.narrative(about)? {
            // Both have written the same.
            Some(kept) if kept.text == next.text => Ok(as_seen(about, lab, Some(kept))),
            kept => Err(changed(slug, kept.map_or(0, |kept| kept.revision))),
        }
    }

    /// Keeps what a file holds. A text that is there already has to be named by its revision.
    pub fn keep_narrative_of(
        &self,
        lab: Option<&str>,
        file: &Path,
        replaces: Option<u32>,
    ) -> Result<view::Narrative, Problem> {
        let text = std::fs::read_to_string(file).map_err(|error| {
            let message = format!("{} cannot be read: {error}.", file.display());
            Problem::new("narrative.file", message, "Name a text file in UTF-8. The text of before is still there.")
        })?;
        let before = self.narrative(lab)?;
        let nothing = before.text.trim().is_empty();
        self.keep_narrative(lab, text, replaces.unwrap_or(if nothing { before.revision } else { 0 }))
    }

    pub(super) fn told(&self, pack: &Pack, lab: Option<&Lab>) -> Result<view::Narrative, Problem> {
        let about = about(pack, lab);
        Ok(as_seen(about, lab, self.journal.narrative(about)?))
    }
}

/// The introduction is the pack's.
fn about(pack: &Pack, lab: Option<&Lab>) -> Uuid {
    lab.map_or(pack.id, |lab| lab.id)
}

fn as_seen(about: Uuid, lab: Option<&Lab>, kept: Option<journal::Narrative>) -> view::Narrative {
    let (revision, at) = kept.as_ref().map_or((0, None), |kept| (kept.revision, Some(kept.at.to_string())));
    let text = kept.map(|kept| kept.text).unwrap_or_default();
    view::Narrative {
        id: about.to_string(),
        lab: lab.map(|lab| lab.slug.clone()),
        title: lab.map(|lab| lab.title.clone()).unwrap_or_default(),
        markdown: shown(lab.is_some(), &text),
        text,
        revision,
        at,
    }
}

/// What is kept about a pack or a lab; empty where there is nothing.
pub(super) fn text(journal: &Journal, about: Uuid) -> Result<String, Problem> {
    Ok(journal.narrative(about)?.map(|kept| kept.text).unwrap_or_default())
}

fn shown(of_lab: bool, text: &str) -> String {
    if of_lab { portfolio::reflection(text) } else { portfolio::introduction(text) }
}

fn fits(text: &str) -> Result<(), Problem> {
    if text.len() <= MOST {
        return Ok(());
    }
    let message = format!("The text is longer than {} kB and was not kept.", MOST / 1000);
    Err(Problem::new("narrative.long", message, "Shorten it, or put a part into a document that it links to."))
}

fn changed(slug: Option<&str>, revision: u32) -> Problem {
    let (what, command) = match slug {
        Some(slug) => (format!("text about {slug}"), format!("groundwork narrative {slug}")),
        None => ("introduction".to_owned(), "groundwork narrative".to_owned()),
    };
    let message = format!("There is another {what} by now (revision {revision}), so yours was not kept.");
    let next_step = format!(
        "Choose which one stays. In a terminal, `{command}` prints what is there and `--replaces {revision}` puts yours in its \
         place."
    );
    Problem::new("narrative.changed", message, next_step)
}
