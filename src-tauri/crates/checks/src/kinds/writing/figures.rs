//! Figures with their units: `12.5 ms`, `45 %`, `$3`, and numbers below a table head that names the unit.

use regex::Regex;

use super::document::{Block, Sort};

/// What counts as a unit where the author names none.
const UNITS: &[&str] = &[
    "ns",
    "µs",
    "us",
    "ms",
    "s",
    "sec",
    "second",
    "seconds",
    "min",
    "minute",
    "minutes",
    "h",
    "hour",
    "hours",
    "%",
    "B",
    "kB",
    "KB",
    "MB",
    "GB",
    "KiB",
    "MiB",
    "GiB",
    "bytes",
    "tokens",
    "token",
    "tokens/s",
    "tok/s",
    "requests/s",
    "req/s",
    "rps",
    "queries/s",
    "qps",
    "USD",
    "EUR",
    "GBP",
    "W",
    "Wh",
    "kWh",
    "dimensions",
];

/// Finds figures of certain units.
#[derive(Debug)]
pub struct Finder {
    with_unit: Regex,
    unit: Regex,
    bare: Regex,
}

impl Finder {
    /// With no units, the usual ones.
    pub fn new(units: &[String]) -> Option<Self> {
        let named: Vec<&str> = match units.is_empty() {
            true => UNITS.to_vec(),
            false => units.iter().map(String::as_str).collect(),
        };
        let mut escaped: Vec<String> = named.iter().map(|unit| regex::escape(unit)).collect();
        // Of two that fit, the longer is meant.
        escaped.sort_by_key(|unit| std::cmp::Reverse(unit.len()));
        let any = escaped.join("|");
        let money = if units.is_empty() { r"|[$€£]\s?\d[\d,.]*" } else { "" };
        Some(Self {
            with_unit: Regex::new(&format!(r"\b\d[\d,.]*\s?(?:{any})(?:[^\w/%]|$){money}")).ok()?,
            unit: Regex::new(&format!(r"(?:^|[^\w/])(?:{any})(?:[^\w/]|$)")).ok()?,
            bare: Regex::new(r"^[~≈<>±+-]?\s?\d[\d,.]*$").ok()?,
        })
    }

    pub fn count(&self, block: &Block) -> usize {
        if matches!(block.sort, Sort::Code | Sort::Html | Sort::Heading) {
            return 0;
        }
        let found = self.with_unit.find_iter(&block.text).count();
        let below_unit = || block.column.as_ref().is_some_and(|head| self.unit.is_match(head));
        usize::from(found == 0 && self.is_bare(block) && below_unit()).max(found)
    }

    /// Whether a table's cell is a number alone.
    fn is_bare(&self, block: &Block) -> bool {
        block.sort == Sort::Cell && self.bare.is_match(block.text.trim())
    }

    /// The first number that stands without a unit, to be told of.
    pub fn without_unit<'a>(&self, blocks: &'a [Block]) -> Option<&'a Block> {
        let number = |block: &&Block| {
            matches!(block.sort, Sort::Prose | Sort::Cell) && block.text.contains(|c: char| c.is_ascii_digit())
        };
        blocks.iter().filter(number).find(|block| self.count(block) == 0)
    }
}
