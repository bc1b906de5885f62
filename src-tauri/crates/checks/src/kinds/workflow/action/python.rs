//! `actions/setup-python`: an environment of its own with the one Python that is here, where that is what was asked for.

use serde_json::Value;

use super::{
    Done, With,
    version::{Words, fits},
};
use crate::{
    Exit,
    data::{Format, parse},
    finding::Halt,
    kinds::workflow::job::Running,
};

const HOME: &str = "/__t/python";

pub async fn set_up(with: &With, running: &mut Running<'_>) -> Result<Result<Done, String>, Halt> {
    let (mut wanted, mut words) = (with.lines("python-version"), Words::Range);
    let file = with.get("python-version-file").filter(|_| wanted.is_empty());
    let file = file.as_deref().map(|file| file.trim_start_matches("./"));
    if let Some(file) = file {
        let Some(text) = running.file(file).await? else { return Ok(Err(format!("there is no file `{file}`"))) };
        (wanted, words) = match of_file(file, &text) {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
    }
    let asked = running.run_program(&["python3", "-c", "import platform; print(platform.python_version())"]).await?;
    let here = asked.stdout.trim().to_owned();
    if asked.exit != Exit::Code(0) {
        return Ok(Err("the job's image has no `python3`".to_owned()));
    }
    for text in &wanted {
        let why = match fits(text, &here, words) {
            Ok(true) => continue,
            Ok(false) => format!("it asks for Python {text}, and {here} is here"),
            Err(part) => format!("it asks for Python {text}, and `{part}` cannot be read here"),
        };
        let minor = here.rsplit_once('.').map_or(here.as_str(), |(minor, _)| minor);
        let next = match file {
            Some(file) => format!("change `{file}` so that it asks for {minor}"),
            None => format!("write `python-version: \"{minor}\"`"),
        };
        let hint = if text == "3.1" { " (without quotation marks, 3.10 is the number 3.1)" } else { "" };
        return Ok(Err(format!("{why}; {next}{hint}")));
    }
    let made = running.run_program(&["python3", "-m", "venv", HOME]).await?;
    if made.exit != Exit::Code(0) {
        return Ok(Err(format!("no environment could be made: {}", made.stdout.trim())));
    }
    running.paths.insert(0, format!("{HOME}/bin"));
    running.exported.insert("pythonLocation".to_owned(), HOME.to_owned());
    let path = format!("{HOME}/bin/python");
    let outputs = [("python-version", here.clone()), ("python-path", path), ("cache-hit", String::new())];
    let outputs = outputs.map(|(name, value)| (name.to_owned(), value)).into();
    Ok(Ok(Done { log: format!("Python {here}"), outputs }))
}

/// The versions that a file asks for, in whose words; none where it says nothing of Python. The error says why it is of no use.
fn of_file(path: &str, text: &str) -> Result<(Vec<String>, Words), String> {
    let name = path.rsplit('/').next().unwrap_or(path);
    if name.ends_with(".toml") {
        let tree = parse(text, Format::Toml)
            .map_err(|wrong| format!("`{path}` is not TOML from line {} on: {}", wrong.line, wrong.reason))?;
        let own = tree.pointer("/project/requires-python");
        return match own.or_else(|| tree.pointer("/tool/poetry/dependencies/python")) {
            None => Ok((Vec::new(), Words::Specifier)),
            Some(Value::String(wanted)) => Ok((vec![wanted.clone()], Words::Specifier)),
            Some(_) => Err(format!("`{path}` does not say by a text which Python it asks for")),
        };
    }
    let lines = text.lines().map(|line| line.split('#').next().unwrap_or_default().trim());
    let versions = match name {
        ".tool-versions" => lines.filter_map(version_of_python).map(str::to_owned).collect(),
        _ => lines.filter(|line| !line.is_empty()).map(str::to_owned).collect(),
    };
    Ok((versions, Words::Range))
}

/// The first version of a line `python 3.11.2 3.10.1`, which is the one that is used.
fn version_of_python(line: &str) -> Option<&str> {
    let mut words = line.split_whitespace();
    words.next().filter(|tool| *tool == "python")?;
    words.next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_ask_for_versions() {
        let project = "[project]\nrequires-python = \">=3.10\"\n";
        let poetry = "[tool.poetry.dependencies]\npython = \"^3.9\"\n";
        let both = format!("{poetry}{project}");
        for (path, text, expected) in [
            ("pyproject.toml", project, Ok(vec![">=3.10"])),
            ("api/pyproject.toml", poetry, Ok(vec!["^3.9"])),
            ("pyproject.toml", both.as_str(), Ok(vec![">=3.10"])),
            ("pyproject.toml", "[project]\nname = \"x\"\n", Ok(vec![])),
            ("pyproject.toml", "[project\n", Err("`pyproject.toml` is not TOML from line")),
            ("pyproject.toml", "[project]\nrequires-python = 3.1\n", Err("`pyproject.toml` does not say by a text")),
            (".tool-versions", "# here\nnodejs 20.1\npython 3.11.2 3.10.1 # both\n", Ok(vec!["3.11.2"])),
            (".tool-versions", "nodejs 20.1\n", Ok(vec![])),
            (".python-version", "# pinned\n\n3.11\n", Ok(vec!["3.11"])),
        ] {
            match (of_file(path, text), expected) {
                (Ok((versions, _)), Ok(expected)) => assert_eq!(versions, expected, "{path}: {text}"),
                (Err(reason), Err(expected)) => assert!(reason.starts_with(expected), "{reason}"),
                (found, _) => panic!("{path}: {text}: {found:?}"),
            }
        }
    }
}
