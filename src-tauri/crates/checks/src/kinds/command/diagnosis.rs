//! Why a program did not end as it should, from its exit and its last words.

use super::Program;
use crate::{
    Exit, Place, Ran,
    excerpt::tail,
    files,
    finding::Failure,
    program::signal,
    python::{advice, traceback},
};

pub fn wrong_end(program: &Program, line: &str, ran: &Ran, files: &[String]) -> Failure {
    let last_words = if ran.stderr.trim().is_empty() { &ran.stdout } else { &ran.stderr };
    let said = if last_words.trim().is_empty() { "it printed nothing".to_owned() } else { tail(last_words.trim_end()) };
    let here = Place::Command { command: line.to_owned() };
    let failure =
        |summary: String, next: &str| Failure::new(summary).expected(ends_with(program.exit)).at(here).next(next);
    match &ran.exit {
        Exit::NotFound => {
            let name = program.run.first().map_or("", String::as_str);
            let next = if name.starts_with("python") {
                "Start the lab again, so that its Python environment is made."
            } else {
                "Install it, or check the spelling of its name."
            };
            failure(format!("There is no program `{name}`."), next).actual(format!("no program `{name}` was found"))
        }
        Exit::TimedOut => failure(
            format!("`{line}` did not end within {} s and was stopped.", program.timeout_s),
            "Look for a loop without an end, or for something it waits for.",
        )
        .expected(format!("{}, within {} s", ends_with(program.exit), program.timeout_s))
        .actual(said),
        Exit::OutOfMemory => failure(
            format!("`{line}` wanted more than {} MiB of memory.", program.memory_mb),
            "Look for what it keeps that it does not need; read large things piece by piece.",
        )
        .actual(said),
        Exit::Signal(number) => {
            let next = match number {
                9 => "It probably took too much memory: read large things piece by piece.",
                _ => "Run it by hand and see what it does last.",
            };
            failure(format!("`{line}` was ended by {}.", signal(*number)), next).actual(said)
        }
        Exit::Code(code) => stopped(program, line, *code, &said, ran, files, failure),
    }
}

fn stopped(
    program: &Program,
    line: &str,
    code: i32,
    said: &str,
    ran: &Ran,
    files: &[String],
    failure: impl FnOnce(String, &str) -> Failure,
) -> Failure {
    if let Some(missing) = unopened(program, &ran.stderr) {
        return files::missing(&missing, files);
    }
    let Some(found) = traceback(&ran.stderr, files) else {
        let next = if code == 0 {
            "It should end with an error here: see that it does not take what is wrong for right."
        } else if ran.stderr.trim().is_empty() && ran.stdout.trim().is_empty() {
            "Run it by hand and see what it does last."
        } else {
            "Look at its last words."
        };
        return failure(format!("`{line}` ended with exit code {code}."), next).actual(if code == 0 {
            "exit code 0".to_owned()
        } else {
            format!("exit code {code}\n{said}")
        });
    };
    let next = advice(&found.error).unwrap_or("Open the place and correct what the error names.");
    let (what, place) = match found.place {
        Some((file, line)) => (format!("line {line} of `{file}`"), Some(Place::file(&file, Some(line)))),
        None => (format!("`{line}`"), None),
    };
    let mut failure = failure(format!("Stopped at {what}: {}.", found.error.trim_end_matches('.')), next).actual(said);
    failure.place = place.or(failure.place);
    failure
}

/// The script that Python could not open.
fn unopened(program: &Program, stderr: &str) -> Option<String> {
    let named = stderr.contains("can't open file") && stderr.contains("No such file");
    let script = program.run.iter().skip(1).find(|argument| !argument.starts_with('-'));
    script.filter(|script| named && stderr.contains(script.as_str())).cloned()
}

fn ends_with(code: i32) -> String {
    format!("it ends with exit code {code}")
}
