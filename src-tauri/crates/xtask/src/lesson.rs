//! The first lab in the terminal, from the untouched starter to the written page, on the real model and in a
//! home of its own that goes afterwards. Types the commands that a learner would type.

use std::io::Write;
use std::path::{Path, PathBuf};
use std::process::{Command, Stdio};

use anyhow::{Context, Result, bail};
use serde::Deserialize;

use crate::places::Places;
use crate::{files, shell};

const LAB: &str = "orientation";

pub fn play(places: &Places) -> Result<()> {
    let lesson = Lesson::new(places)?;
    println!("\nThere is no display, so here is the first lab in the terminal, played from start to end.");
    lesson.groundwork(&["doctor"], &[0, 1])?;
    lesson.groundwork(&["lab", "start", LAB, "--no-editor"], &[0])?;
    println!("\nNothing is written yet, so the checks say what is missing:");
    lesson.groundwork(&["lab", "check", LAB], &[1])?;
    println!("\nNow the work itself. Here the shipped solution is saved, file by file:");
    lesson.save_solution()?;
    println!(
        "\nIts figures are of another machine, and a check compares them with the gateway's record. So they are measured here:"
    );
    lesson.in_its_shell("python measure.py")?;
    for (check, options) in quizzes(&places.root.join("labs").join(LAB).join("lab.toml"))? {
        let mut words = vec!["lab", "answer", LAB, &check];
        words.extend(options.iter().map(String::as_str));
        lesson.groundwork(&words, &[0])?;
    }
    lesson.groundwork(&["lab", "check", LAB], &[0])?;
    lesson.groundwork(&["export", "--format", "markdown", "--output", "-"], &[0])?;
    println!("\nTo do it yourself, with your own editor beside it:\n");
    println!("  export GROUNDWORK_RESOURCES={}", places.resources().display());
    println!("  export PATH=\"{}:$PATH\"", places.target.join("debug").display());
    println!("  groundwork lab start {LAB}\n  groundwork lab watch {LAB}\n");
    println!("With a display, `cargo xtask run` opens the window.");
    Ok(())
}

struct Lesson<'a> {
    places: &'a Places,
    home: PathBuf,
}

impl<'a> Lesson<'a> {
    fn new(places: &'a Places) -> Result<Self> {
        let home = std::env::temp_dir().join(format!("groundwork-first-lab-{}", std::process::id()));
        std::fs::create_dir(&home).with_context(|| format!("could not make {}", home.display()))?;
        Ok(Self { places, home })
    }

    /// Types one command; its exit code must be one of `expected`.
    fn groundwork(&self, words: &[&str], expected: &[i32]) -> Result<()> {
        println!("\n$ groundwork {}", words.join(" "));
        let code = shell::status(&mut self.command(words))?.code();
        if !code.is_some_and(|code| expected.contains(&code)) {
            bail!("`groundwork {}` ended with {code:?}, expected {expected:?}", words.join(" "));
        }
        Ok(())
    }

    /// Types one line in the lab's shell, which is left then. Whether the line did its work, the checks after it tell.
    fn in_its_shell(&self, line: &str) -> Result<()> {
        println!("\n$ groundwork lab shell {LAB}\n$ {line}");
        let mut command = self.command(&["lab", "shell", LAB]);
        let mut shell = command.env("SHELL", "/bin/sh").stdin(Stdio::piped()).spawn()?;
        shell.stdin.take().context("no pipe")?.write_all(format!("exec {line}\n").as_bytes())?;
        match shell.wait()?.success() {
            true => Ok(()),
            false => bail!("`groundwork lab shell {LAB}` failed"),
        }
    }

    fn command(&self, words: &[&str]) -> Command {
        let mut command = shell::command(self.places, self.places.debug_binary("groundwork"));
        command
            .args(words)
            .env("GROUNDWORK_HOME", self.home.join("data"))
            .env("GROUNDWORK_WORKSPACES", self.home.join("workspaces"))
            .env("GROUNDWORK_RESOURCES", self.places.resources())
            // Any free port: a window that is open may hold the usual one.
            .env("GROUNDWORK_PORT", "0");
        command
    }

    fn save_solution(&self) -> Result<()> {
        let solution = format!("labs/{LAB}/solution/");
        for path in files::list(&self.places.root, &solution)? {
            let name = path.strip_prefix(&solution).unwrap_or(&path);
            let target = self.home.join("workspaces").join(LAB).join(name);
            if let Some(folder) = target.parent() {
                std::fs::create_dir_all(folder)?;
            }
            std::fs::copy(self.places.root.join(&path), &target).with_context(|| format!("could not save {name}"))?;
            println!("  saved {name}");
        }
        Ok(())
    }
}

impl Drop for Lesson<'_> {
    fn drop(&mut self) {
        let _ = std::fs::remove_dir_all(&self.home);
    }
}

/// Each quiz of a lab with the options that are right.
fn quizzes(lab: &Path) -> Result<Vec<(String, Vec<String>)>> {
    #[derive(Deserialize)]
    struct Lab {
        steps: Vec<Step>,
    }
    #[derive(Deserialize)]
    struct Step {
        #[serde(default)]
        checks: Vec<Check>,
    }
    #[derive(Deserialize)]
    struct Check {
        id: String,
        kind: String,
        #[serde(default)]
        answer: Vec<String>,
    }
    let text = std::fs::read_to_string(lab).with_context(|| format!("could not read {}", lab.display()))?;
    let lab: Lab =
        toml::from_str(&text).with_context(|| format!("{} has another form than the lesson knows", lab.display()))?;
    let checks = lab.steps.into_iter().flat_map(|step| step.checks);
    Ok(checks.filter(|check| check.kind == "quiz").map(|check| (check.id, check.answer)).collect())
}
