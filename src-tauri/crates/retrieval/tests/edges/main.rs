//! The crate from outside, at its edges: processes that are killed.

#[cfg(test)]
mod kill;
