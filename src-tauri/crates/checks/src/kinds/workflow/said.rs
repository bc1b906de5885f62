//! What a step says to its runner: by the files that are named in its variables, and by lines of its output.

use std::collections::BTreeMap;

/// The names and values of a file such as `$GITHUB_OUTPUT`: `name=value`, or lines up to a word of one's own, `name<<WORD`.
pub fn pairs(text: &str) -> Result<Vec<(String, String)>, String> {
    let (mut pairs, mut lines) = (Vec::new(), text.lines());
    while let Some(line) = lines.next() {
        if line.trim().is_empty() {
            continue;
        }
        let (equals, heredoc) = (line.find('='), line.find("<<"));
        match (equals, heredoc) {
            (equals, Some(at)) if equals.is_none_or(|equals| at < equals) => {
                let (name, word) = (&line[..at], &line[at + 2..]);
                let mut inner = Vec::new();
                loop {
                    match lines.next() {
                        Some(line) if line == word => break,
                        Some(line) => inner.push(line),
                        None => return Err(format!("`{name}<<{word}` is not ended by a line `{word}`")),
                    }
                }
                pairs.push((name.to_owned(), inner.join("\n")));
            }
            (Some(at), _) if at > 0 => pairs.push((line[..at].to_owned(), line[at + 1..].to_owned())),
            _ => return Err(format!("it holds `{line}`, which is not `name=value`")),
        }
    }
    Ok(pairs)
}

/// Commands that GitHub has switched off, or is about to, with what took their place.
const GONE: [(&str, &str); 4] = [
    ("set-output", "GITHUB_OUTPUT"),
    ("save-state", "GITHUB_STATE"),
    ("set-env", "GITHUB_ENV"),
    ("add-path", "GITHUB_PATH"),
];

/// What the lines of an output command.
#[derive(Debug, Default, PartialEq)]
pub struct Commands {
    /// Texts that no log may show.
    pub masks: Vec<String>,
    /// `app.py:3: it is wrong`, for each `::error`.
    pub errors: Vec<String>,
    /// The first one that is not to be used any more, with what took its place.
    pub gone: Option<(&'static str, &'static str)>,
}

pub fn commands(log: &str) -> Commands {
    let mut found = Commands::default();
    for line in log.lines() {
        let Some((head, message)) = line.trim_start().strip_prefix("::").and_then(|rest| rest.split_once("::")) else {
            continue;
        };
        let (name, rest) = head.split_once(' ').unwrap_or((head, ""));
        match name {
            "add-mask" if !message.trim().is_empty() => found.masks.push(message.trim().to_owned()),
            "error" => {
                let with: BTreeMap<_, _> = rest.split(',').filter_map(|pair| pair.trim().split_once('=')).collect();
                let line = with.get("line").map(|line| format!(":{line}")).unwrap_or_default();
                let place = with.get("file").map(|file| format!("{file}{line}: ")).unwrap_or_default();
                found.errors.push(format!("{place}{}", plain(message)));
            }
            _ => found.gone = found.gone.or(GONE.iter().find(|(gone, _)| *gone == name).copied()),
        }
    }
    found
}

/// A message as it was meant.
fn plain(message: &str) -> String {
    message.replace("%0A", "\n").replace("%0D", "").replace("%25", "%")
}

/// A log without what it may not show.
pub fn masked(log: &str, masks: &[String]) -> String {
    let long = masks.iter().flat_map(|mask| mask.lines()).filter(|mask| mask.len() > 2);
    long.fold(log.to_owned(), |log, mask| log.replace(mask, "***"))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pairs_stand_in_one_line_or_between_words() {
        let pair = |name: &str, value: &str| (name.to_owned(), value.to_owned());
        assert_eq!(
            pairs("a=1\n\nb=x=y\nc<<END\none\ntwo=2\nEND\nd=<<\n"),
            Ok(vec![pair("a", "1"), pair("b", "x=y"), pair("c", "one\ntwo=2"), pair("d", "<<")])
        );
        assert_eq!(pairs("score 0.9"), Err("it holds `score 0.9`, which is not `name=value`".to_owned()));
        assert_eq!(pairs("a<<END\n1\n"), Err("`a<<END` is not ended by a line `END`".to_owned()));
    }

    #[test]
    fn lines_command() {
        let found =
            commands("plain\n::error file=app.py,line=3::it is%0Awrong\n::add-mask::hunter2\n::set-output name=a::1\n");
        assert_eq!(found.errors, ["app.py:3: it is\nwrong"]);
        assert_eq!(found.gone, Some(("set-output", "GITHUB_OUTPUT")));
        assert_eq!(masked("the word hunter2", &found.masks), "the word ***");
    }
}
