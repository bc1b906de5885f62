//! The crate from outside, at its edges: processes that are killed.

#[cfg(test)]
#[cfg(unix)]
mod kill;
