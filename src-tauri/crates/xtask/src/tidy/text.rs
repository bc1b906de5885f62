//! What a file may hold: one small rule a habit, over the file's path and text alone.

use super::Breach;

pub struct File<'a> {
    /// Relative to the clone, with `/`.
    pub path: &'a str,
    pub text: &'a str,
}

/// One rule: which files it looks at, and what is wrong in one, as line (0 for the whole file) and message.
pub struct Rule {
    pub name: &'static str,
    pub concerns: fn(&File<'_>) -> bool,
    pub find: fn(&File<'_>) -> Vec<(usize, String)>,
}

const LONGEST: usize = 400;

pub const RULES: &[Rule] = &[
    Rule {
        name: "header",
        concerns: |file| is_rust(file) && !is_test(file),
        find: |file| match file.text.starts_with("//!") {
            true => Vec::new(),
            false => vec![(1, "begin with //! and say what the file owns and never does".to_owned())],
        },
    },
    Rule {
        name: "length",
        concerns: |file| is_rust(file) && !is_test(file),
        find: |file| match code(file).count() {
            lines if lines > LONGEST => vec![(0, format!("{lines} lines; split it, {LONGEST} is the most"))],
            _ => Vec::new(),
        },
    },
    Rule {
        name: "module files",
        concerns: |file| file.path.ends_with("/mod.rs"),
        find: |_| vec![(0, "name it after its module, beside the module's folder".to_owned())],
    },
    Rule {
        name: "a library never prints, exits or reads the environment",
        concerns: |file| is_library(file) && !is_test(file),
        find: |file| {
            const FORBIDDEN: &[&str] = &[
                "print!(",
                "println!(",
                "eprint!(",
                "eprintln!(",
                "dbg!(",
                "env::var",
                "env::home_dir",
                "env::args",
                "process::exit",
            ];
            lines_with(code(file), FORBIDDEN, "is for the shells; take what you need as an argument")
        },
    },
    Rule {
        name: "nothing half done",
        // A lab's starter is unfinished on purpose, and lock files are not ours.
        concerns: |file| is_ours(file) && !file.path.starts_with("labs/"),
        find: |file| {
            const FORBIDDEN: &[&str] = &["todo!(", "unimplemented!("];
            // At the head of a comment: a text may speak of the mark.
            let marked = |line: &str| {
                let mut at = ["TODO", "FIXME"].into_iter().filter_map(|mark| line.find(mark));
                at.any(|at| line[..at].trim_end().ends_with(['/', '#', '*', '-']))
            };
            let advice = "finish it or leave it out";
            let marks = numbered(file).filter(|(_, line)| marked(line)).map(|(number, _)| (number, advice.to_owned()));
            lines_with(numbered(file), FORBIDDEN, advice).into_iter().chain(marks).collect()
        },
    },
    Rule {
        name: "no machine's paths",
        concerns: is_ours,
        find: |file| {
            // The learners of our examples; nobody's home.
            let example = |path: &str| ["/home/ada", "/home/learner"].iter().any(|home| path.starts_with(home));
            let on_a_machine = |line: &str| {
                ["/home/", "/root/", "/work/"].into_iter().find(|path| {
                    let inside = |before: char| before.is_alphanumeric() || "_-.~}/*".contains(before);
                    line.match_indices(path).any(|(at, _)| !line[..at].ends_with(inside) && !example(&line[at..]))
                })
            };
            numbered(file)
                .filter_map(|(line, text)| {
                    Some((line, format!("names a folder of one machine: {}", on_a_machine(text)?)))
                })
                .collect()
        },
    },
    Rule {
        name: "one folder knows the shell",
        concerns: |file| file.path.starts_with("ui/src/") && !file.path.starts_with("ui/src/backend/"),
        find: |file| lines_with(numbered(file), &["@tauri-apps", "__TAURI"], "belongs in ui/src/backend only"),
    },
    Rule {
        name: "names say what a thing is",
        concerns: is_rust,
        find: |file| {
            numbered(file)
                .filter_map(|(line, text)| Some((line, public_name(text)?)))
                .filter(|(_, name)| ["Manager", "Helper", "Util"].iter().any(|vague| name.contains(vague)))
                .map(|(line, name)| (line, format!("{name} says nothing; name what it is")))
                .collect()
        },
    },
    Rule {
        name: "only those who own a table know SQL",
        concerns: |file| {
            const KNOW: &[&str] = &[
                "src-tauri/crates/journal/",
                "src-tauri/crates/retrieval/",
                "src-tauri/crates/selection/src/contender/pgvector.rs",
                "tests/cli/compare",
            ];
            is_rust(file) && is_ours(file) && !KNOW.iter().any(|knows| file.path.starts_with(knows))
        },
        find: |file| {
            const FORBIDDEN: &[&str] = &["CREATE TABLE", "INSERT INTO", "SELECT * FROM", "PRAGMA"];
            lines_with(code(file), FORBIDDEN, "belongs in the crate journal or retrieval")
        },
    },
];

pub fn breaches(file: &File<'_>) -> Vec<Breach> {
    let mut breaches = Vec::new();
    for rule in RULES.iter().filter(|rule| (rule.concerns)(file)) {
        for (line, message) in (rule.find)(file) {
            let place = if line == 0 { file.path.to_owned() } else { format!("{}:{line}", file.path) };
            breaches.push(Breach { place, message: format!("{message} ({})", rule.name) });
        }
    }
    breaches
}

fn is_rust(file: &File<'_>) -> bool {
    file.path.ends_with(".rs")
}

/// A file that is nothing but tests, or that only tests build.
fn is_test(file: &File<'_>) -> bool {
    let path = file.path;
    path.ends_with("/tests.rs") || path.starts_with("tests/") || path.contains("/tests/") || path.contains("/examples/")
}

/// A crate that both shells may call. The shells, the tools and the fixtures are not.
fn is_library(file: &File<'_>) -> bool {
    let Some((name, inside)) = file.path.strip_prefix("src-tauri/crates/").and_then(|path| path.split_once('/')) else {
        return false;
    };
    is_rust(file) && inside.starts_with("src/") && !["cli", "testkit", "xtask"].contains(&name)
}

/// Text that we write: no lock file, nothing generated, and not these rules, which name what they forbid.
fn is_ours(file: &File<'_>) -> bool {
    let generated = ["Cargo.lock", "package-lock.json", ".gen.ts"].iter().any(|end| file.path.ends_with(end));
    !generated && !file.path.starts_with("src-tauri/crates/xtask/src/tidy")
}

fn numbered<'a>(file: &File<'a>) -> impl Iterator<Item = (usize, &'a str)> {
    file.text.lines().enumerate().map(|(index, line)| (index + 1, line))
}

/// A Rust file's lines before its inline tests.
fn code<'a>(file: &File<'a>) -> impl Iterator<Item = (usize, &'a str)> {
    let lines: Vec<&'a str> = file.text.lines().collect();
    let tests = lines
        .windows(2)
        .position(|two| two[0] == "#[cfg(test)]" && two[1].starts_with("mod ") && two[1].ends_with('{'));
    let end = tests.unwrap_or(lines.len());
    lines.into_iter().take(end).enumerate().map(|(index, line)| (index + 1, line))
}

/// The lines, comments aside, that hold one of `forbidden` as a word of its own.
fn lines_with<'a>(
    lines: impl Iterator<Item = (usize, &'a str)>,
    forbidden: &[&str],
    advice: &str,
) -> Vec<(usize, String)> {
    let word = |line: &str, what: &str| {
        line.match_indices(what)
            .any(|(at, _)| !line[..at].ends_with(|before: char| before.is_alphanumeric() || before == '_'))
    };
    lines
        .filter_map(|(number, line)| {
            let what = forbidden.iter().find(|what| word(line, what))?;
            Some((number, format!("{} {advice}", what.trim_end_matches('('))))
        })
        .collect()
}

/// The name that a line makes public.
fn public_name(line: &str) -> Option<String> {
    const KINDS: &[&str] = &["struct", "enum", "trait", "type", "fn", "mod"];
    let rest = line.trim_start().strip_prefix("pub")?;
    let rest = if rest.starts_with('(') { rest.split_once(')')?.1 } else { rest };
    let mut words = rest.split(|character: char| !character.is_alphanumeric() && character != '_');
    words.find(|word| KINDS.contains(word))?;
    let name: String = words.next()?.split('_').map(capitalized).collect();
    Some(name)
}

/// `Util` is found in `path_util` and in `PathUtil` alike.
fn capitalized(word: &str) -> String {
    let mut characters = word.chars();
    characters.next().map_or_else(String::new, |first| first.to_uppercase().chain(characters).collect())
}
