//! What is wrong at one place of a compose file.

use std::path::Path;

use crate::Error;

#[derive(Debug, PartialEq)]
pub struct Bad {
    /// `services.web.ports[0]`
    pub place: String,
    pub detail: String,
    pub next: String,
}

impl Bad {
    pub fn new(place: impl Into<String>, detail: impl Into<String>, next: impl Into<String>) -> Self {
        Self { place: place.into(), detail: detail.into(), next: next.into() }
    }

    pub fn of(self, file: &Path) -> Error {
        Error::Compose { file: file.into(), place: self.place, detail: self.detail, next: self.next }
    }
}
