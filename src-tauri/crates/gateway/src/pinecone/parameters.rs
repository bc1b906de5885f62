//! What stands in the address of a request, and the token that leads to the next page.

use axum::extract::{Query, rejection::QueryRejection};
use base64::{Engine as _, engine::general_purpose::URL_SAFE_NO_PAD};

use super::refused::invalid;
use crate::refusal::Refusal;

pub(super) type Asked = Result<Query<Vec<(String, String)>>, QueryRejection>;

/// The query of an address; a name may stand there several times.
pub(super) struct Parameters(Vec<(String, String)>);

impl Parameters {
    /// Refuses what is not among `known`.
    pub fn read(asked: Asked, known: &[&str]) -> Result<Self, Refusal> {
        let Query(pairs) = asked.map_err(|error| invalid("invalid_query", format!("The address: {error}.")))?;
        match pairs.iter().find(|(name, _)| !known.contains(&name.as_str())) {
            Some((name, _)) => {
                let message = format!("There is no parameter {name:?} here, but {}.", known.join(", "));
                Err(invalid("unknown_parameter", message))
            }
            None => Ok(Self(pairs)),
        }
    }

    pub fn all(&self, name: &str) -> impl Iterator<Item = &str> {
        self.0.iter().filter(move |(known, _)| known == name).map(|(_, value)| value.as_str())
    }

    pub fn get(&self, name: &str) -> Option<&str> {
        self.all(name).last()
    }

    /// Entries of a page at most, 1 to `most`.
    pub fn limit(&self, most: usize) -> Result<usize, Refusal> {
        let Some(text) = self.get("limit") else { return Ok(most) };
        text.parse().ok().filter(|limit| (1..=most).contains(limit)).ok_or_else(|| limit_of(text, most))
    }

    /// Where the page begins that was asked for.
    pub fn start(&self) -> Result<Option<String>, Refusal> {
        self.get("paginationToken").filter(|token| !token.is_empty()).map(start).transpose()
    }
}

pub(super) fn limit_of(found: &str, most: usize) -> Refusal {
    invalid("limit_out_of_range", format!("'limit' is 1 to {most}, not {found}."))
}

/// Leads to the page that begins with `first`.
pub(super) fn token(first: &str) -> String {
    URL_SAFE_NO_PAD.encode(first)
}

pub(super) fn start(token: &str) -> Result<String, Refusal> {
    let bytes = URL_SAFE_NO_PAD.decode(token).ok();
    let first = bytes.and_then(|bytes| String::from_utf8(bytes).ok());
    first.ok_or_else(|| {
        invalid("invalid_pagination_token", "Invalid pagination token: give back the one that a page came with.")
    })
}
