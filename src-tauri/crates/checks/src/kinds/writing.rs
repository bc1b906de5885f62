//! `writing`: a Markdown document's sections, their substance, and that nothing in it is left from the template.

mod document;
mod figures;
mod link;
mod substance;
mod template;

use std::collections::BTreeSet;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use self::{
    document::{Block, Document, Section, Sort},
    figures::Finder,
    substance::Part,
};
use crate::{
    Context, Place,
    excerpt::{count, inline},
    files,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    settings::{FilePath, Many, Pattern, one},
};

const MENTIONS: Setting = Setting::new(
    "mentions",
    "pattern or list of patterns",
    "Each must match somewhere in the text or its code. Write { pattern, means } to tell the learner what it stands for.",
);
const FIGURES: Setting =
    Setting::new("figures", "whole number", "The fewest numbers that stand with a unit, such as `12.5 ms`.");

pub const KIND: Kind = Kind {
    name: "writing",
    doc: "A Markdown document has the sections and the substance that it should, and nothing of its template left.",
    settings: &[
        Setting::required("path", "path", "The document, from the top of the workspace."),
        Setting::new("sections", "list of tables", "Sections that it must have, at any level.").fields(&[
            Setting::required(
                "heading",
                "text",
                "Upper and lower case, numbers before and colons after do not matter.",
            ),
            Setting::new("min_words", "whole number", "The fewest words in it, code left out. 1 where left out."),
            MENTIONS,
            FIGURES,
        ]),
        Setting::new("in_order", "true or false", "Whether they must stand in this order. False where left out."),
        Setting::new("min_words", "whole number", "The fewest words of the whole, code and headings left out."),
        MENTIONS,
        FIGURES,
        Setting::new(
            "units",
            "list of texts",
            "The units that count. The usual ones of time, size, rate and money where left out.",
        ),
        Setting::new("starter_text", "text or list of texts", "Sentences of the starter that must be gone."),
        Setting::new(
            "placeholders",
            "true or false",
            "Whether TODO, lorem ipsum and the like may stay. False where left out.",
        ),
        Setting::new(
            "links",
            "true or false",
            "Whether links into the workspace must lead somewhere. True where left out.",
        ),
    ],
    read: read::<Writing>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Writing {
    path: FilePath,
    #[serde(default)]
    sections: Vec<Wanted>,
    #[serde(default)]
    in_order: bool,
    #[serde(default)]
    min_words: usize,
    #[serde(default)]
    mentions: Many<Pattern>,
    #[serde(default)]
    figures: usize,
    #[serde(default)]
    units: Vec<String>,
    #[serde(default)]
    starter_text: Many<String>,
    #[serde(default)]
    placeholders: bool,
    #[serde(default = "yes")]
    links: bool,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Wanted {
    heading: String,
    #[serde(default = "one")]
    min_words: usize,
    #[serde(default)]
    mentions: Many<Pattern>,
    #[serde(default)]
    figures: usize,
}

fn yes() -> bool {
    true
}

#[async_trait]
impl Judge for Writing {
    fn sources(&self) -> Sources {
        Sources { files: vec![self.path.0.clone()], ..Sources::default() }
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        let mut seen = BTreeSet::new();
        for (at, section) in self.sections.iter().enumerate() {
            let at = format!("sections[{at}].heading");
            if plain(&section.heading).is_empty() {
                wrong.push(Wrong::new(at, "the heading is empty", "Write the section's heading."));
            } else if !seen.insert(plain(&section.heading)) {
                let message = format!("the section `{}` is asked for twice", section.heading);
                wrong.push(Wrong::new(at, message, "Take one of the two out."));
            }
        }
        if self.in_order && self.sections.len() < 2 {
            wrong.push(Wrong::new("in_order", "there are no two sections to be in order", "Take it out."));
        }
        if !self.units.is_empty() && self.figures == 0 && self.sections.iter().all(|section| section.figures == 0) {
            wrong.push(Wrong::new("units", "no figures are asked for", "Add `figures`, or take the units out."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let path = &self.path.0;
        let text = files::text(context.probe, path).await?;
        let document = Document::read(&text);
        let words: usize = document.blocks.iter().map(Block::words).sum();
        if words == 0 && document.sections.is_empty() {
            return Err(Failure::new(format!("`{path}` is empty."))
                .expected("a document in Markdown")
                .actual("nothing")
                .at(Place::file(path, Some(1)))
                .next("Write it.")
                .into());
        }
        if let Some(failure) = self.first_wrong(&document) {
            return Err(failure.into());
        }
        if self.links {
            let files = context.probe.list("").await?;
            if let Some(failure) = link::first_broken(&document, path, context.probe, &files).await? {
                return Err(failure.into());
            }
        }
        let sections = match self.sections.len() {
            0 => String::new(),
            asked => format!(", {}", count(asked, "section")),
        };
        Ok(Passed::new(format!("`{path}` has what it should: {}{sections}.", count(words, "word"))).measured(
            "words",
            words.to_string(),
            "",
        ))
    }
}

impl Writing {
    fn first_wrong(&self, document: &Document) -> Option<Failure> {
        let mut found = Vec::new();
        for wanted in &self.sections {
            let fits = |section: &&Section| plain(&section.heading) == plain(&wanted.heading);
            match document.sections.iter().find(fits) {
                Some(section) => found.push((wanted, section)),
                None => return Some(self.no_section(&wanted.heading, document)),
            }
        }
        if let Some(pair) = found.windows(2).find(|pair| self.in_order && pair[0].1.line > pair[1].1.line) {
            let (before, after) = (pair[0].1, pair[1].1);
            return Some(
                Failure::new(format!("“{}” stands after “{}”.", before.heading, after.heading))
                    .expected(self.sections.iter().map(|one| one.heading.as_str()).collect::<Vec<_>>().join(", "))
                    .actual(found_order(&found))
                    .at(Place::file(&self.path.0, Some(before.line)))
                    .next(format!("Move the section “{}” up, before “{}”.", before.heading, after.heading)),
            );
        }
        if let Some(left) = self.left_over(document) {
            return Some(left);
        }
        let finder = Finder::new(&self.units)?;
        for (wanted, section) in found {
            let part = Part {
                name: format!("The section “{}”", section.heading),
                line: Some(section.line),
                blocks: document.blocks_of(section),
            };
            let wrong = self.too_thin(&part, wanted.min_words, &wanted.mentions.0, wanted.figures, &finder);
            if wrong.is_some() {
                return wrong;
            }
        }
        let whole = Part { name: format!("`{}`", self.path.0), line: None, blocks: &document.blocks };
        self.too_thin(&whole, self.min_words, &self.mentions.0, self.figures, &finder)
    }

    /// A section is not there; does something come close?
    fn no_section(&self, heading: &str, document: &Document) -> Failure {
        let path = &self.path.0;
        let failure = |what: &str, line: Option<u32>| {
            Failure::new(format!("`{path}` has no section “{heading}”{what}."))
                .expected(format!("a heading “{heading}”"))
                .at(Place::file(path, line))
        };
        let mut prose = document.blocks.iter().filter(|block| block.sort == Sort::Prose);
        let same = |block: &&Block| plain(block.text.trim_start_matches('#')) == plain(heading);
        if let Some(block) = prose.find(same) {
            let (what, next) = match block.text.starts_with('#') {
                true => (", for want of a space", "Put a space after the `#`.".to_owned()),
                false => (": the words are there, but not as a heading", format!("Write it as `## {heading}`.")),
            };
            return failure(what, Some(block.line)).actual(block.text.as_str()).next(next);
        }
        let names = || document.sections.iter().map(|section| section.heading.as_str());
        let longer = |other: &&str| plain(other).contains(&plain(heading));
        let all: Vec<String> = names().map(plain).collect();
        let near = curriculum::nearest(&plain(heading), all.iter().map(String::as_str));
        let near = near.and_then(|near| all.iter().position(|other| other == near));
        let section = near.or_else(|| names().position(|name| longer(&name))).and_then(|at| document.sections.get(at));
        if let Some(section) = section {
            return failure(&format!(", but one called “{}”", section.heading), Some(section.line))
                .actual(section.heading.as_str())
                .next(format!("Call it “{heading}”."));
        }
        let headings = names().collect::<Vec<_>>().join(", ");
        failure("", None)
            .actual(if headings.is_empty() { "no headings".to_owned() } else { inline(&headings) })
            .next(format!("Add a heading `## {heading}` and write the section."))
    }
}

/// A heading without what does not matter.
fn plain(heading: &str) -> String {
    let text = heading.trim().trim_end_matches([':', '.']).to_lowercase();
    let numbered = text.split_once(' ').filter(|(first, _)| {
        first.starts_with(|c: char| c.is_ascii_digit()) && first.chars().all(|c| c.is_ascii_digit() || ".)".contains(c))
    });
    let text = numbered.map_or(text.as_str(), |(_, rest)| rest);
    text.split_whitespace().collect::<Vec<_>>().join(" ")
}

fn found_order(found: &[(&Wanted, &Section)]) -> String {
    let mut sections: Vec<&Section> = found.iter().map(|(_, section)| *section).collect();
    sections.sort_by_key(|section| section.line);
    sections.iter().map(|section| section.heading.as_str()).collect::<Vec<_>>().join(", ")
}
