//! `.dockerignore`, as Docker's own builder reads it: patterns from the folder's root, the last one that matches decides, and
//! what lies below a match goes with it. Unlike a `.gitignore`, no pattern floats.

use std::path::Path;

use globset::{GlobBuilder, GlobMatcher};

use crate::Error;

#[derive(Debug, Default)]
pub struct Ignored {
    rules: Vec<(GlobMatcher, bool)>,
}

impl Ignored {
    /// Reads the rules beside a Dockerfile (`NAME.dockerignore`), else the folder's own; none where there is no file.
    pub fn read(folder: &Path, dockerfile: &Path) -> Result<Self, Error> {
        let own = dockerfile.with_file_name(match dockerfile.file_name() {
            Some(name) => format!("{}.dockerignore", name.to_string_lossy()),
            None => String::new(),
        });
        let file = if own.is_file() { own } else { folder.join(".dockerignore") };
        match std::fs::read_to_string(&file) {
            Ok(text) => Self::parse(&text, &file),
            Err(error) if error.kind() == std::io::ErrorKind::NotFound => Ok(Self::default()),
            Err(error) => Err(Error::disk(&file)(error)),
        }
    }

    fn parse(text: &str, file: &Path) -> Result<Self, Error> {
        let mut rules = Vec::new();
        for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
            let fail = |detail: String| Error::Ignore { path: file.into(), line: number + 1, detail };
            let line = line.trim();
            if line.is_empty() || line.starts_with('#') {
                continue;
            }
            let (pattern, keeps) = match line.strip_prefix('!') {
                Some(pattern) => (pattern.trim(), true),
                None => (line, false),
            };
            let pattern = clean(pattern);
            if pattern.is_empty() {
                return Err(fail(format!("{line:?} names nothing")));
            }
            let glob = GlobBuilder::new(&pattern).literal_separator(true).build();
            rules.push((glob.map_err(|error| fail(error.to_string()))?.compile_matcher(), keeps));
        }
        Ok(Self { rules })
    }

    /// Whether a path, relative to the folder, stays out.
    pub fn leaves_out(&self, path: &Path) -> bool {
        let decided = self.rules.iter().rev().find(|(glob, _)| {
            path.ancestors().filter(|part| !part.as_os_str().is_empty()).any(|part| glob.is_match(part))
        });
        decided.is_some_and(|(_, keeps)| !keeps)
    }

    /// Whether nothing below a folder that stays out can be let in again.
    pub fn is_final(&self) -> bool {
        self.rules.iter().all(|(_, keeps)| !keeps)
    }
}

/// A pattern without what says nothing: `./`, double slashes, a slash at either end, and `..` with what it takes back.
fn clean(pattern: &str) -> String {
    let mut parts: Vec<&str> = Vec::new();
    for part in pattern.split('/') {
        match part {
            "" | "." => {}
            ".." => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    // In globset alternates are a feature; in Docker's patterns braces are letters.
    parts.join("/").replace('{', "[{]").replace('}', "[}]")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn patterns_mean_what_they_mean_to_docker() {
        for (rules, out, kept) in [
            ("node_modules", vec!["node_modules", "node_modules/a/b.js"], vec!["src/node_modules/a.js"]),
            ("**/node_modules", vec!["node_modules/a.js", "src/x/node_modules/a.js"], vec!["node_modules.txt"]),
            ("*.md\n!README.md", vec!["a.md"], vec!["README.md", "docs/a.md"]),
            ("!README.md\n*.md", vec!["README.md"], vec![]),
            ("docs\n!docs/keep.txt", vec!["docs/a.txt"], vec!["docs/keep.txt"]),
            ("/.env\n./build/", vec![".env", "build/x"], vec!["app/.env"]),
            ("# a comment\n\n  *.pyc  ", vec!["a.pyc"], vec!["# a comment", "x/a.pyc"]),
            ("**/*.pyc", vec!["a.pyc", "x/y/a.pyc"], vec!["a.py"]),
            ("a?c", vec!["abc"], vec!["ac", "a/c"]),
            ("{a,b}", vec!["{a,b}"], vec!["a", "b"]),
            ("*\n!app", vec!["x", "y/z"], vec!["app", "app/main.py"]),
        ] {
            let ignored = Ignored::parse(rules, Path::new(".dockerignore")).unwrap();
            out.iter().for_each(|path| assert!(ignored.leaves_out(Path::new(path)), "{rules:?} leaves {path} out"));
            kept.iter().for_each(|path| assert!(!ignored.leaves_out(Path::new(path)), "{rules:?} keeps {path}"));
        }
    }

    #[test]
    fn a_pattern_that_cannot_be_read_is_named_by_its_line() {
        let error = Ignored::parse("ok\n\n[z-", Path::new("/w/.dockerignore")).unwrap_err().to_string();
        assert!(error.starts_with("/w/.dockerignore line 3: "), "{error}");
    }
}
