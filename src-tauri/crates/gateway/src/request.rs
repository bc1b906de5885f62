//! What the interfaces have in common in how they ask: single fields, the parameters that shape an answer, what holds an
//! answer to a form, and tools.
//!
//! Never knows a path or how an answer is worded.

pub(crate) mod choices;
pub(crate) mod constraint;
pub(crate) mod content;
pub(crate) mod field;
pub(crate) mod pairs;
pub(crate) mod parameter;
pub(crate) mod prompts;
pub(crate) mod sampling;
pub(crate) mod streaming;
pub(crate) mod tools;
