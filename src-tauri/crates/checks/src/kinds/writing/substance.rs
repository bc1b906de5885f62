//! Whether a part of a document is long enough and says what it must.

use regex::Regex;

use super::{Writing, document::Block, figures::Finder};
use crate::{Place, excerpt::count, finding::Failure, settings::Pattern};

/// A part of the document and how it is called in a sentence.
pub struct Part<'a> {
    pub name: String,
    pub line: Option<u32>,
    pub blocks: &'a [Block],
}

impl Writing {
    /// A part is shorter than it may be, or lacks what it must say.
    pub fn too_thin(
        &self,
        part: &Part<'_>,
        min_words: usize,
        mentions: &[Pattern],
        min_figures: usize,
        finder: &Finder,
    ) -> Option<Failure> {
        let path = &self.path.0;
        let at = |line: Option<u32>| Place::file(path, line);
        let words: usize = part.blocks.iter().map(Block::words).sum();
        if words < min_words {
            let what = if words == 0 { "is empty".to_owned() } else { format!("has {}", count(words, "word")) };
            return Some(
                Failure::new(format!("{} {what}.", part.name))
                    .expected(format!("at least {}", count(min_words, "word")))
                    .actual(count(words, "word"))
                    .at(at(part.line))
                    .next(format!("Write {} more.", count(min_words - words, "word"))),
            );
        }
        for pattern in mentions {
            let matches = |regex: &Regex| {
                part.blocks.iter().find(|block| regex.is_match(&block.flat()) || regex.is_match(&block.text))
            };
            if matches(&pattern.regex).is_some() {
                continue;
            }
            let wish = pattern.means.clone().unwrap_or_else(|| format!("`{}`", pattern.regex));
            let failure = Failure::new(format!("{} does not mention {wish}.", part.name)).expected(wish);
            return Some(match pattern.any_case().and_then(|regex| matches(&regex)) {
                Some(near) => failure
                    .actual(near.text.as_str())
                    .at(at(Some(near.line)))
                    .next("It comes close here: write it in the same upper and lower case."),
                None => failure
                    .actual(format!("{} without it", count(words, "word")))
                    .at(at(part.line))
                    .next("Say what it asks for, in your own words."),
            });
        }
        let figures: usize = part.blocks.iter().map(|block| finder.count(block)).sum();
        if figures >= min_figures {
            return None;
        }
        let near = finder.without_unit(part.blocks);
        let next = match near {
            Some(block) if self.units.is_empty() => {
                format!("Line {} has a number without a unit: give it one.", block.line)
            }
            Some(block) => {
                let units = self.units.join(", ");
                format!("Line {} has a number without one of the units that count: {units}.", block.line)
            }
            None => format!("Measure and write down {} more, with units.", min_figures - figures),
        };
        let failure = Failure::new(format!("{} has {}.", part.name, with_units(figures)))
            .expected(format!("at least {}", with_units(min_figures)))
            .actual(near.map_or_else(|| with_units(figures), |block| block.text.clone()));
        Some(failure.at(at(near.map(|block| block.line).or(part.line))).next(next))
    }
}

fn with_units(figures: usize) -> String {
    match figures {
        1 => "1 figure with a unit".to_owned(),
        figures => format!("{figures} figures with units"),
    }
}
