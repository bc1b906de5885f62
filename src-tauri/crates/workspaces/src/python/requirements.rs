//! A lab's list of packages: every one pinned and hashed, or none is installed. Of pip's options a list may have one alone,
//! that nothing is built, which holds for every list anyway. pip is given what was read here, written anew: its own reading
//! of the file could find more than a reader of the list was shown.

use std::path::Path;

use super::PythonError;
use crate::Error;

/// What a requirements file asks for.
#[derive(Debug)]
pub(super) struct Requirements {
    /// For pip: a line a package, with the condition under which it is wanted and its hashes.
    pub text: String,
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
        let read = std::str::from_utf8(&bytes).map_err(|error| wrong(format!("{}: {error}", path.display())))?;
        let (mut text, mut packages) = (String::new(), Vec::new());
        for line in lines(read) {
            let words: Vec<&str> = line.split_whitespace().collect();
            match words.as_slice() {
                [] | ["--only-binary", _] => continue,
                [option] if option.starts_with("--only-binary=") => continue,
                [option, ..] if option.starts_with('-') => {
                    return Err(wrong(format!(
                        "`{}` is no package; of pip's options a list may have --only-binary alone",
                        words.join(" ")
                    )));
                }
                _ => {}
            }
            let options = words.iter().position(|word| word.starts_with('-')).unwrap_or(words.len());
            let (wanted, options) = words.split_at(options);
            let wanted = wanted.join(" ");
            let (package, condition) = wanted.split_once(';').unwrap_or((wanted.as_str(), ""));
            let (package, condition) = (package.trim(), condition.trim());
            if !pinned(package) || options.is_empty() {
                return Err(wrong(format!("{package} is not pinned to a version and a SHA-256 hash")));
            }
            if let Some(other) = options.iter().find(|option| !is_hash(option)) {
                return Err(wrong(format!("`{other}` stands beside {package}, where its SHA-256 hashes alone may")));
            }
            if !condition.chars().all(|c| matches!(c, ' '..='~') && !matches!(c, '$' | '\\' | '#')) {
                return Err(wrong(format!("the condition of {package} has a character that no condition needs")));
            }
            let condition = if condition.is_empty() { String::new() } else { format!(" ; {condition}") };
            text += &format!("{package}{condition} {}\n", options.join(" "));
            packages.push(package.to_owned());
        }
        Ok(Self { text, packages })
    }
}

/// The lines as pip joins them, without comments: a backslash at the end goes on with the next line, but not where the whole
/// line is a comment.
fn lines(text: &str) -> Vec<String> {
    let (mut lines, mut begun) = (Vec::new(), String::new());
    for line in text.lines() {
        let comment = line.trim_start().starts_with('#');
        if let Some(line) = line.strip_suffix('\\').filter(|_| !comment) {
            begun.push_str(line);
            continue;
        }
        if !comment {
            begun.push_str(line);
        }
        lines.push(without_comment(&begun).to_owned());
        begun.clear();
    }
    lines.push(without_comment(&begun).to_owned());
    lines
}

fn without_comment(line: &str) -> &str {
    let begins = |at: usize| line[..at].chars().next_back().is_none_or(char::is_whitespace);
    line.match_indices('#').find(|(at, _)| begins(*at)).map_or(line, |(at, _)| &line[..at])
}

fn is_hash(option: &str) -> bool {
    let hash = option.strip_prefix("--hash=sha256:");
    hash.is_some_and(|hash| !hash.is_empty() && hash.bytes().all(|byte| byte.is_ascii_hexdigit()))
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
                Err("a @ http://elsewhere/a==1.whl is not pinned to a version and a SHA-256 hash"),
            ),
            ("openai\n", Err("openai is not pinned to a version and a SHA-256 hash")),
            (
                &format!("a==1 {hash}\nhttpx>=0.2 {hash}\n"),
                Err("httpx>=0.2 is not pinned to a version and a SHA-256 hash"),
            ),
            ("a==1\n", Err("a==1 is not pinned to a version and a SHA-256 hash")),
            // A comment is never continued.
            (&format!("# pinned below \\\nhidden==2 {hash}\n"), Ok(vec!["hidden==2"])),
            (&format!("a==1 \\\n  {hash}\\\n# why \\\nhidden==2 {hash}\n"), Ok(vec!["a==1", "hidden==2"])),
            (
                "# more \\\n--extra-index-url http://elsewhere\n",
                Err(
                    "`--extra-index-url http://elsewhere` is no package; of pip's options a list may have --only-binary alone",
                ),
            ),
            (
                "--only-binary :all: -r more.txt\n",
                Err(
                    "`--only-binary :all: -r more.txt` is no package; of pip's options a list may have --only-binary alone",
                ),
            ),
            (
                &format!("a==1 {hash} \\\n-r more.txt\n"),
                Err("`-r` stands beside a==1, where its SHA-256 hashes alone may"),
            ),
            (
                &format!("a==1\u{2028}hidden==2 {hash}\n"),
                Err("a==1 hidden==2 is not pinned to a version and a SHA-256 hash"),
            ),
            (
                &format!("a==1 ; python_version < '${{HOME}}' {hash}\n"),
                Err("the condition of a==1 has a character that no condition needs"),
            ),
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

    /// Each of these ends a line for pip, and the second line says that the file is in UTF-7.
    #[test]
    fn pip_is_given_what_was_read_and_no_more() {
        let hash = "--hash=sha256:aa";
        for hidden in ["\u{2028}", "\r", "\u{c}", "+AAo-"] {
            let file = tempfile::NamedTempFile::new().unwrap();
            let list = format!(
                "--only-binary :none:\n# coding: utf-7\n\
                 shown[more]==1; python_version < '3.11' {hash} \\\n    {hash}\t# why {hidden}hidden==2 {hash}\n"
            );
            std::fs::write(file.path(), list).unwrap();
            let text = Requirements::read(file.path()).unwrap().text;
            assert_eq!(text, format!("shown[more]==1 ; python_version < '3.11' {hash} {hash}\n"), "{hidden:?}");
        }
    }
}
