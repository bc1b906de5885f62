//! A page in CommonMark with GitHub's tables.

#[cfg(test)]
mod tests;

use crate::{Part, Portfolio, parts};

/// Writes the page. It ends with a newline.
pub fn markdown(portfolio: &Portfolio) -> String {
    let parts: Vec<String> =
        parts(portfolio).into_iter().map(|Part { markdown, .. }| markdown).filter(|text| !text.is_empty()).collect();
    parts.join("\n")
}
