//! How a page of a guide reads, in figures that an author can look at: how long it is, how long its sentences, how much of
//! its code runs. Judges by fixed bounds; what is said on the page is for people to judge.

use std::path::Path;

use comrak::{
    Arena,
    nodes::{AstNode, NodeValue},
    parse_document,
};
use serde::Serialize;

use super::{options, place, words};
use crate::{Place, Problem};

/// A step that is read in one go, and long enough to teach something.
const WORDS: std::ops::RangeInclusive<usize> = 120..=1400;
/// Years of school that a page may ask for; a page of technical terms lies above a novel.
const HARDEST: f64 = 14.0;
/// Words of one sentence, beyond which its reader begins again.
const LONGEST: usize = 50;
/// Languages whose blocks a reader would type into a shell.
const SHELLS: [&str; 4] = ["sh", "bash", "shell", "console"];
/// What a comment above such a block begins with where no proof runs it; the reason follows.
const NOT_RUN: &str = "<!-- not run: ";

/// The figures of one page.
#[derive(Debug, Clone, PartialEq, Serialize)]
#[serde(rename_all = "camelCase")]
pub struct PageStyle {
    /// `orientation/guide/01-workspace.md`
    pub page: String,
    /// Of the text, without code.
    pub words: usize,
    pub sentences: usize,
    /// Flesch-Kincaid grade level (Kincaid et al. 1975): years of school.
    pub grade: f64,
    /// Words of the longest sentence.
    pub longest: usize,
    /// Blocks for a shell, and those of them that a proof runs.
    pub commands: usize,
    pub run: usize,
}

/// A page's figures, and what of them is out of bounds.
pub fn style(file: &Path, text: &str) -> (PageStyle, Vec<Problem>) {
    let arena = Arena::new();
    let lines: Vec<&str> = text.lines().collect();
    let mut counts = Counts::default();
    for node in parse_document(&arena, text, &options()).descendants() {
        let at = place(file, &lines, node.data().sourcepos.start);
        counts.take(node, at);
    }
    let sentences = counts.sentences.max(1) as f64;
    let words = counts.words.max(1) as f64;
    let grade = 0.39 * words / sentences + 11.8 * counts.syllables as f64 / words - 15.59;
    let page = PageStyle {
        page: file.display().to_string(),
        words: counts.words,
        sentences: counts.sentences,
        grade,
        longest: counts.longest.as_ref().map_or(0, |(words, _)| *words),
        commands: counts.commands,
        run: counts.run,
    };
    let problems = judged(&page, counts, file);
    (page, problems)
}

fn judged(page: &PageStyle, counts: Counts, file: &Path) -> Vec<Problem> {
    let top = || Place { file: file.to_owned(), line: 1, column: 1 };
    let problem = |place: Place, message: String, next_step: &str| Problem {
        code: "curriculum.style",
        message,
        place,
        next_step: next_step.to_owned(),
    };
    let mut problems = Vec::new();
    if !WORDS.contains(&page.words) {
        let message = format!("the page has {} words; a step has {} to {}", page.words, WORDS.start(), WORDS.end());
        problems.push(problem(top(), message, "Cut the step in two, or say what is missing."));
    }
    if page.grade > HARDEST {
        let message = format!("the page reads at grade {:.1}, above {HARDEST}", page.grade);
        problems.push(problem(top(), message, "Shorten sentences first, then words."));
    }
    if let Some((words, place)) = counts.longest.filter(|(words, _)| *words > LONGEST) {
        let message = format!("a sentence here has {words} words, more than {LONGEST}");
        problems.push(problem(place, message, "Make two of it."));
    }
    for place in counts.unexplained {
        let next_step =
            format!("Write `sh run`, or say why not in a comment above it: `{NOT_RUN}it needs an account -->`.");
        problems.push(problem(place, "no proof runs this block, and nothing says why".to_owned(), &next_step));
    }
    problems
}

#[derive(Default)]
struct Counts {
    words: usize,
    sentences: usize,
    syllables: usize,
    longest: Option<(usize, Place)>,
    commands: usize,
    run: usize,
    /// Blocks for a shell that no proof runs, without a reason.
    unexplained: Vec<Place>,
}

impl Counts {
    fn take<'a>(&mut self, node: &'a AstNode<'a>, at: Place) {
        match &node.data().value {
            NodeValue::CodeBlock(block) if block.fenced => {
                let mut info = block.info.split_whitespace();
                if info.next().is_some_and(|language| SHELLS.contains(&language)) {
                    self.commands += 1;
                    if info.any(|word| word == "run") {
                        self.run += 1;
                    } else if !says_why(node) {
                        self.unexplained.push(at);
                    }
                }
            }
            // Cells of a table are no sentences, and its words no prose.
            NodeValue::Paragraph => self.paragraph(&words(node), &at),
            _ => {}
        }
    }

    fn paragraph(&mut self, text: &str, at: &Place) {
        for sentence in sentences(text) {
            let count = sentence.split_whitespace().filter(|word| word.chars().any(char::is_alphanumeric)).count();
            if count == 0 {
                continue;
            }
            self.sentences += 1;
            self.words += count;
            self.syllables += sentence.split_whitespace().map(syllables).sum::<usize>();
            if self.longest.as_ref().is_none_or(|(longest, _)| count > *longest) {
                self.longest = Some((count, at.clone()));
            }
        }
    }
}

/// Whether a comment above a block says why no proof runs it.
fn says_why<'a>(block: &'a AstNode<'a>) -> bool {
    block.previous_sibling().is_some_and(
        |above| matches!(&above.data().value, NodeValue::HtmlBlock(html) if html.literal.starts_with(NOT_RUN)),
    )
}

/// A sentence ends at a full stop, a question or an exclamation mark, a colon or a semicolon that white space follows.
fn sentences(text: &str) -> Vec<&str> {
    let mut found = Vec::new();
    let mut from = 0;
    for (at, letter) in text.char_indices() {
        let after = at + letter.len_utf8();
        let ends = ".!?:;".contains(letter) && text[after..].chars().next().is_none_or(char::is_whitespace);
        if ends {
            found.push(&text[from..after]);
            from = after;
        }
    }
    found.push(&text[from..]);
    found
}

/// Groups of vowels, without a silent `e` at the end: right for most English words.
fn syllables(word: &str) -> usize {
    let letters: String = word.chars().filter(|letter| letter.is_alphabetic()).collect::<String>().to_lowercase();
    if letters.is_empty() {
        return usize::from(word.chars().any(char::is_alphanumeric));
    }
    let vowel = |letter: char| "aeiouy".contains(letter);
    let mut groups = 0;
    let mut before = false;
    for letter in letters.chars() {
        groups += usize::from(vowel(letter) && !before);
        before = vowel(letter);
    }
    let silent = letters.ends_with('e') && !letters.ends_with("le") && groups > 1;
    (groups - usize::from(silent)).max(1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn syllables_are_counted_as_they_are_said() {
        for (word, expected) in
            [("the", 1), ("model", 2), ("service", 2), ("retrieval", 3), ("little", 2), ("429", 1), ("`a`", 1)]
        {
            assert_eq!(syllables(word), expected, "{word}");
        }
    }

    #[test]
    fn a_page_is_measured_without_its_code() {
        let text = "The queue is full. Try again: it may be shorter.\n\n```sh run\necho one two three\n```\n\n```sh\nls\n```\n\n<!-- not run: it shuts down -->\n```sh\nhalt\n```\n\n| a | b |\n|---|---|\n| not counted | here |\n";
        let (page, problems) = style(Path::new("guide/01.md"), text);
        assert_eq!((page.words, page.sentences, page.longest, page.commands, page.run), (10, 3, 4, 3, 1));
        // 0.39 x 10/3 + 11.8 x 12/10 - 15.59, with twelve syllables.
        assert!((page.grade - (-0.13)).abs() < 0.01, "{}", page.grade);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert_eq!(
            told,
            [
                "guide/01.md:1:1: the page has 10 words; a step has 120 to 1400",
                "guide/01.md:7:1: no proof runs this block, and nothing says why",
            ]
        );
    }

    #[test]
    fn a_hard_page_and_an_endless_sentence_are_told_with_their_places() {
        let long = "organizational interoperability considerations ".repeat(20);
        let text = format!("Short. {}\n\n{long}.\n", "Plain words are read. ".repeat(30));
        let (_, problems) = style(Path::new("guide/01.md"), &text);
        let told: Vec<String> = problems.iter().map(ToString::to_string).collect();
        assert!(told.iter().any(|line| line.starts_with("guide/01.md:3:1: a sentence here has 60 words")), "{told:?}");
        assert!(told.iter().any(|line| line.contains("the page reads at grade")), "{told:?}");
    }
}
