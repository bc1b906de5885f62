//! A lab's list of packages: every one pinned and hashed, or none is installed. Of pip's options a list may have one alone,
//! that nothing is built: the others would install what a reader of the list does not see.

use std::path::Path;

use super::PythonError;
use crate::Error;

/// What a requirements file asks for.
#[derive(Debug)]
pub(super) struct Requirements {
    pub bytes: Vec<u8>,
    /// Each as `openai==1.2.3`.
    pub packages: Vec<String>,
}

/// What a list of packages installs, each as `openai==1.2.3`; nothing where there is no list.
pub fn packages(requirements: &Path) -> Result<Vec<String>, PythonError> {
    if !requirements.exists() {
        return Ok(Vec::new());
    }
    Requirements::read(requirements).map(|read| read.packages)
}

impl Requirements {
    pub fn read(path: &Path) -> Result<Self, PythonError> {
        let bytes = std::fs::read(path).map_err(Error::at(path))?;
        let wrong = |detail| PythonError::Requirements { detail };
        let text = std::str::from_utf8(&bytes).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        let joined = text.replace("\\\r\n", " ").replace("\\\n", " ");
        let lines = joined.lines().map(|line| line.split_once(" #").map_or(line, |(before, _)| before).trim());
        let mut packages = Vec::new();
        for line in lines.filter(|line| !line.is_empty() && !line.starts_with('#')) {
            if line.starts_with('-') {
                if line.split([' ', '=']).next() == Some("--only-binary") {
                    continue;
                }
                return Err(wrong(format!(
                    "`{line}` is no package; of pip's options a list may have --only-binary alone"
                )));
            }
            let package = line.split([' ', '\t', ';']).next().unwrap_or(line);
            if !pinned(package) || !line.contains("--hash=sha256:") {
                return Err(wrong(format!("{package} is not pinned to a version and a SHA-256 hash")));
            }
            packages.push(package.to_owned());
        }
        Ok(Self { packages, bytes })
    }
}

/// `name==1.2.3`, or with extras `name[more]==1.2.3`: no address, no range.
fn pinned(package: &str) -> bool {
    let Some((name, version)) = package.split_once("==") else { return false };
    let part = |text: &str, others: &str| {
        text.starts_with(|c: char| c.is_ascii_alphanumeric())
            && text.chars().all(|c| c.is_ascii_alphanumeric() || others.contains(c))
    };
    part(name, "._-[],") && part(version, ".!+")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_package_is_pinned_and_hashed() {
        let hash = "--hash=sha256:aa";
        for (text, expected) in [
            ("", Ok(vec![])),
            ("# nothing\n\n--only-binary :all:\n", Ok(vec![])),
            (&format!("a==1 {hash} # via b\n"), Ok(vec!["a==1"])),
            (
                &format!("a==1 \\\n    {hash} \\\n    {hash}\nb[c]==2.0 ; python_version < '3.11' \\\n    {hash}\n"),
                Ok(vec!["a==1", "b[c]==2.0"]),
            ),
            // What pip reads although it stands further right.
            (&format!("  a==1 {hash}\n"), Ok(vec!["a==1"])),
            ("-r more.txt\n", Err("`-r more.txt` is no package; of pip's options a list may have --only-binary alone")),
            (
                " --index-url http://elsewhere\n",
                Err(
                    "`--index-url http://elsewhere` is no package; of pip's options a list may have --only-binary alone",
                ),
            ),
            (
                &format!("a @ http://elsewhere/a==1.whl {hash}\n"),
                Err("a is not pinned to a version and a SHA-256 hash"),
            ),
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
            let expected = expected.map(|names: Vec<&str>| names.into_iter().map(str::to_owned).collect::<Vec<_>>());
            assert_eq!(found, expected.map_err(str::to_owned), "{text:?}");
        }
    }
}
