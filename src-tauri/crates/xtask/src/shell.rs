//! Starting other programs: with an environment that Cargo has not coloured, output shown as it comes,
//! and failures that name the command.

use std::ffi::{OsStr, OsString};
use std::io::{BufRead, BufReader, IsTerminal, Write};
use std::path::{Path, PathBuf};
use std::process::{Command, ExitStatus, Stdio};

use anyhow::{Context, Result, bail};

use crate::places::Places;

/// Variables that `cargo run` sets for xtask itself. Handed on, they would make build scripts that read
/// them run again, and every build after `cargo xtask` would differ from one started by hand.
const FROM_CARGO: &[&str] = &[
    "CARGO",
    "CARGO_MANIFEST_DIR",
    "CARGO_MANIFEST_LINKS",
    "CARGO_MANIFEST_PATH",
    "CARGO_BIN_NAME",
    "CARGO_CRATE_NAME",
    "CARGO_PRIMARY_PACKAGE",
    "OUT_DIR",
    "RUST_RECURSION_COUNT",
];

/// A command with a clean environment, its own tools first on the search path, and no standard input.
pub fn command(places: &Places, program: impl AsRef<OsStr>) -> Command {
    let mut command = Command::new(program);
    for (name, _) in std::env::vars_os() {
        let text = name.to_string_lossy();
        if FROM_CARGO.contains(&text.as_ref()) || text.starts_with("CARGO_PKG_") {
            command.env_remove(&name);
        }
    }
    for name in ["LD_LIBRARY_PATH", "DYLD_FALLBACK_LIBRARY_PATH"] {
        if let Some(value) = std::env::var_os(name) {
            let own = std::env::current_exe().ok().and_then(|exe| exe.parent().map(Path::to_path_buf));
            match without_cargo(&value, own.as_deref()) {
                Some(value) => command.env(name, value),
                None => command.env_remove(name),
            };
        }
    }
    let paths = std::env::var_os("PATH").unwrap_or_default();
    let paths = std::iter::once(places.tools().join("bin")).chain(std::env::split_paths(&paths));
    if let Ok(path) = std::env::join_paths(paths) {
        command.env("PATH", path);
    }
    command.current_dir(&places.root).stdin(Stdio::null());
    command
}

/// A library path without the folders that `cargo run` puts in front; `None` when nothing is left.
fn without_cargo(value: &OsStr, own: Option<&Path>) -> Option<OsString> {
    let from_cargo = |path: &PathBuf| {
        own.is_some_and(|own| path.starts_with(own)) || path.components().any(|part| part.as_os_str() == "toolchains")
    };
    let kept: Vec<PathBuf> = std::env::split_paths(value).filter(|path| !from_cargo(path)).collect();
    if kept.is_empty() { None } else { std::env::join_paths(kept).ok() }
}

/// A command of the superuser, where that takes no password.
pub fn as_root(places: &Places, program: &str) -> Result<Command> {
    if read(command(places, "id").arg("-u"))? == "0" {
        return Ok(command(places, program));
    }
    let mut sudo = command(places, "sudo");
    let quiet = command(places, "sudo").args(["-n", "true"]).output().is_ok_and(|output| output.status.success());
    if !quiet {
        bail!("this user is not root, and sudo would ask for a password");
    }
    sudo.args(["-n", program]);
    Ok(sudo)
}

/// Cargo, building into the shared target folder.
pub fn cargo(places: &Places) -> Command {
    let mut command = command(places, "cargo");
    command.env("CARGO_TARGET_DIR", &places.target);
    command
}

/// The first file of this name on the children's search path.
pub fn find(places: &Places, program: &str) -> Option<PathBuf> {
    let paths = std::env::var_os("PATH").unwrap_or_default();
    std::iter::once(places.tools().join("bin"))
        .chain(std::env::split_paths(&paths))
        .map(|folder| folder.join(format!("{program}{}", std::env::consts::EXE_SUFFIX)))
        .find(|file| file.is_file())
}

/// The command as one would type it.
pub fn shown(command: &Command) -> String {
    let words = std::iter::once(command.get_program()).chain(command.get_args());
    words.map(|word| word.to_string_lossy()).collect::<Vec<_>>().join(" ")
}

/// Says what comes next.
pub fn announce(text: &str) {
    println!("==> {text}");
    let _ = std::io::stdout().flush();
}

pub fn status(command: &mut Command) -> Result<ExitStatus> {
    let _ = std::io::stdout().flush();
    command.status().with_context(|| format!("could not start `{}`", shown(command)))
}

/// Runs a command whose output goes to the terminal.
pub fn run(command: &mut Command) -> Result<()> {
    let status = status(command)?;
    if !status.success() {
        bail!("`{}` failed ({status})", shown(command));
    }
    Ok(())
}

/// Runs a command and gives what it wrote to standard output, without the last line break.
pub fn read(command: &mut Command) -> Result<String> {
    let output = command.output().with_context(|| format!("could not start `{}`", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("`{}` failed ({})\n{}", shown(command), output.status, said.trim_end());
    }
    Ok(String::from_utf8_lossy(&output.stdout).trim_end().to_owned())
}

/// Runs a command, passes its output on as it comes, and gives the last line that `closing` accepts:
/// a test runner's own word on how it ended.
pub fn run_to_closing_line(command: &mut Command, closing: fn(&str) -> bool) -> Result<String> {
    if std::io::stdout().is_terminal() {
        command.env("CARGO_TERM_COLOR", "always").env("FORCE_COLOR", "1").env("PY_COLORS", "1");
    }
    let mut child = command
        .stdout(Stdio::piped())
        .stderr(Stdio::piped())
        .spawn()
        .with_context(|| format!("could not start `{}`", shown(command)))?;
    let (out, err) = (child.stdout.take(), child.stderr.take());
    let found = std::thread::scope(|scope| {
        let out = scope.spawn(move || out.and_then(|pipe| pass_on(pipe, &mut std::io::stdout(), closing)));
        let err = scope.spawn(move || err.and_then(|pipe| pass_on(pipe, &mut std::io::stderr(), closing)));
        let (out, err) = (out.join().ok().flatten(), err.join().ok().flatten());
        out.or(err)
    });
    let status = child.wait()?;
    let said = found.unwrap_or_default();
    if !status.success() {
        bail!("`{}` failed ({status}) {said}", shown(command));
    }
    Ok(said)
}

/// Copies lines from a pipe as they come; gives the last one that `closing` accepts.
fn pass_on(pipe: impl std::io::Read, to: &mut impl Write, closing: fn(&str) -> bool) -> Option<String> {
    let mut pipe = BufReader::new(pipe);
    let (mut line, mut found) = (Vec::new(), None);
    while pipe.read_until(b'\n', &mut line).is_ok_and(|read| read > 0) {
        let _ = to.write_all(&line);
        let _ = to.flush();
        let text = plain(&String::from_utf8_lossy(&line));
        if closing(text.trim()) {
            found = Some(text.trim().to_owned());
        }
        line.clear();
    }
    found
}

/// Text without terminal escapes.
fn plain(text: &str) -> String {
    let (mut out, mut characters) = (String::new(), text.chars());
    while let Some(character) = characters.next() {
        if character != '\u{1b}' {
            out.push(character);
        } else if characters.next() == Some('[') {
            characters.by_ref().find(char::is_ascii_alphabetic);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_do_not_hide_a_closing_line() {
        let text = "\u{1b}[32;1m     Summary\u{1b}[0m [   1.2s] 3 tests run\n";
        let found = pass_on(text.as_bytes(), &mut Vec::new(), |line| line.starts_with("Summary ["));
        assert_eq!(found.as_deref(), Some("Summary [   1.2s] 3 tests run"));
    }

    #[test]
    fn cargos_library_folders_are_dropped_and_the_users_kept() {
        let value = OsStr::new("/t/debug/deps:/t/debug:/r/toolchains/stable/lib:/opt/lib");
        assert_eq!(without_cargo(value, Some(Path::new("/t/debug"))), Some(OsString::from("/opt/lib")));
        assert_eq!(without_cargo(OsStr::new("/t/debug"), Some(Path::new("/t/debug"))), None);
    }

    #[test]
    fn a_failing_command_is_named() {
        let failure = run(&mut Command::new("false")).unwrap_err().to_string();
        assert!(failure.contains("`false` failed"), "{failure}");
    }
}
