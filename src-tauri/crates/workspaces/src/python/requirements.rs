//! A lab's list of packages: every one pinned and hashed, or none is installed.

use std::path::Path;

use super::PythonError;
use crate::Error;

/// What a requirements file asks for.
#[derive(Debug)]
pub(super) struct Requirements {
    pub bytes: Vec<u8>,
    /// How many packages it names.
    pub packages: u64,
}

impl Requirements {
    pub fn read(path: &Path) -> Result<Self, PythonError> {
        let bytes = std::fs::read(path).map_err(Error::at(path))?;
        let wrong = |detail| PythonError::Requirements { detail };
        let text = std::str::from_utf8(&bytes).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
        let packages: Vec<_> = joined
            .lines()
            .map(|line| line.split_once(" #").map_or(line, |(before, _)| before).trim())
            .filter(|line| !line.is_empty() && !line.starts_with(['#', '-']))
            .collect();
        if let Some(loose) = packages.iter().find(|line| !line.contains("==") || !line.contains("--hash=sha256:")) {
            let package = loose.split_whitespace().next().unwrap_or(loose);
            return Err(wrong(format!("{package} is not pinned to a version and a SHA-256 hash")));
        }
        let count = packages.len() as u64;
        Ok(Self { packages: count, bytes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_and_hashed() {
        let hash = "--hash=sha256:aa";
        for (text, expected) in [
            ("", Ok(0)),
            ("# nothing\n\n--only-binary :all:\n", Ok(0)),
            (&format!("a==1 {hash} # via b\n"), Ok(1)),
            (&format!("a==1 \\\n    {hash} \\\n    {hash}\nb==2 ; python_version < '3.11' \\\n    {hash}\n"), Ok(2)),
            ("openai\n", Err("openai is not pinned to a version and a SHA-256 hash")),
            (
                &format!("a==1 {hash}\nhttpx>=0.2 {hash}\n"),
                Err("httpx>=0.2 is not pinned to a version and a SHA-256 hash"),
            ),
            ("a==1\n", Err("a==1 is not pinned to a version and a SHA-256 hash")),
        ] {
            let file = tempfile::NamedTempFile::new().unwrap();
            std::fs::write(file.path(), text).unwrap();
            let found = Requirements::read(file.path()).map(|found| found.packages).map_err(|error| match error {
                PythonError::Requirements { detail } => detail,
                other => other.to_string(),
            });
            assert_eq!(found, expected.map_err(str::to_owned), "{text:?}");
        }
    }
}
