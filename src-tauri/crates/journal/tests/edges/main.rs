//! The journal against a killed process, a full disk and files that may not be written: with real processes.

#[cfg(test)]
#[cfg(unix)]
mod kill;
#[cfg(test)]
#[cfg(target_os = "linux")]
mod places;
