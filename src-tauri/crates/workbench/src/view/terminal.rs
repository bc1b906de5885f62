//! What a terminal needs to know of the screen that draws it.

use serde::Deserialize;
use specta::Type;

/// In characters.
#[derive(Debug, Clone, Copy, PartialEq, Deserialize, Type)]
#[serde(rename_all = "camelCase")]
pub struct TerminalSize {
    pub columns: u16,
    pub rows: u16,
}
