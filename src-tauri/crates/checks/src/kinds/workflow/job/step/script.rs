//! A step's script: put into a file, run by its shell, and what it told by its files and lines.

use std::{collections::BTreeMap, time::Duration};

use serde_json::Value;

use super::{Time, Whose, Worked};
use crate::{
    Exit, Files, Program, Read,
    finding::Halt,
    kinds::workflow::{
        contexts::{COMMANDS, TEMP},
        expression::text,
        job::Running,
        plan::Step,
        said::{commands, pairs},
    },
};

/// Bytes of what a step may tell by a file.
const MOST_TOLD: u64 = 1 << 20;
/// The files by which a step tells something.
const TOLD: [&str; 5] = ["output", "env", "path", "step_summary", "state"];

/// How a script is to be run.
struct Wanted {
    script: String,
    shell: Option<String>,
    folder: String,
}

impl Running<'_> {
    pub(super) async fn script(
        &mut self,
        step: &Step,
        own: &BTreeMap<String, String>,
        time: Time,
    ) -> Result<Result<Worked, String>, Halt> {
        let wanted = match self.wanted(step).await? {
            Ok(wanted) => wanted,
            Err(reason) => return Ok(Err(reason)),
        };
        let (file, argv) = match shell_of(wanted.shell.as_deref()) {
            Ok(found) => found,
            Err(reason) => return Ok(Err(reason)),
        };
        let mut files: Files = TOLD.iter().map(|name| (format!("{COMMANDS}/{name}"), Vec::new())).collect();
        files.insert(file, wanted.script.into_bytes());
        self.machine.write(&files).await?;
        let mut environment = self.variables.clone();
        environment.extend(TOLD.map(|name| (format!("GITHUB_{}", name.to_uppercase()), format!("{COMMANDS}/{name}"))));
        environment.extend(self.environment.clone());
        environment.extend(self.exported.clone());
        environment.extend(own.clone());
        let argv = wrapped(&wanted.folder, &self.paths, time.left, argv);
        let within = time.left + Duration::from_secs(10);
        let ran = self.machine.run(&Program { argv, environment, within }).await?;
        let over = matches!(ran.exit, Exit::Code(124 | 137) | Exit::TimedOut) && ran.elapsed >= time.left;
        let why = match ran.exit {
            _ if over => Some(self.why_stopped(step, time)?),
            Exit::Code(0) => None,
            Exit::Code(137) => Some("exit code 137: it was killed, most often for want of memory".to_owned()),
            Exit::Code(code) => Some(format!("exit code {code}")),
            Exit::Signal(number) => Some(format!("signal {number}")),
            Exit::TimedOut => Some("it did not end".to_owned()),
            Exit::NotFound => Some("the machine has no shell".to_owned()),
            Exit::OutOfMemory => Some("it wanted more memory than there is".to_owned()),
        };
        let mut worked = self.left_behind(ran.stdout, why).await?;
        worked.cancelled = over && time.whose == Whose::Job;
        Ok(Ok(worked))
    }

    async fn wanted(&mut self, step: &Step) -> Result<Result<Wanted, String>, Halt> {
        let form = &step.form;
        let script = Value::String(form.run.clone().unwrap_or_default());
        let shell = self.setting(form.shell.as_ref(), "shell");
        let folder = self.setting(form.working_directory.as_ref(), "working-directory");
        let mut filled = Vec::new();
        for written in [script, shell, folder] {
            match self.filled(&written).await? {
                Ok(value) => filled.push(text(&value)),
                Err(reason) => return Ok(Err(reason)),
            }
        }
        let mut next = filled.into_iter().map(|text| (!text.is_empty()).then_some(text));
        let mut take = || next.next().flatten();
        let (script, shell, folder) = (take().unwrap_or_default(), take(), take());
        let folder = self.place(folder.as_deref().unwrap_or_default().trim_start_matches("./"));
        Ok(Ok(Wanted { script, shell, folder }))
    }

    /// A setting of the step, of its job's `defaults`, or of the workflow's, as it is written.
    fn setting(&self, own: Option<&String>, name: &str) -> Value {
        let of = |around: Option<&Value>| around?.get("run")?.get(name).cloned();
        let written = own.map(|own| Value::String(own.clone())).or_else(|| of(self.job.body.get("defaults")));
        written.or_else(|| of(self.document.tree.get("defaults"))).unwrap_or_default()
    }

    /// Takes in what a script told by its files and its lines.
    async fn left_behind(&mut self, log: String, mut failed: Option<String>) -> Result<Worked, Halt> {
        let said = commands(&log);
        self.masks.extend(said.masks);
        if let Some((gone, instead)) = said.gone {
            failed = failed.or(Some(format!("`::{gone}` is not to be used any more; write to `${instead}`")));
        }
        let log = [&[log.trim_end().to_owned()][..], &said.errors].concat().join("\n");
        let files = match self.machine.read(COMMANDS, MOST_TOLD).await? {
            Read::Folder(files) => files,
            Read::TooLarge => {
                let why = "it wrote more than 1 MiB to the files that tell its outputs".to_owned();
                return Ok(Worked { log, failed: failed.or(Some(why)), ..Worked::default() });
            }
            Read::Nothing | Read::File(_) => Files::new(),
        };
        let written = |name: &str| String::from_utf8_lossy(files.get(name).map_or(&[][..], Vec::as_slice)).into_owned();
        let mut read = |name: &str| {
            pairs(&written(name)).unwrap_or_else(|reason| {
                failed.get_or_insert(format!("`$GITHUB_{}` cannot be read: {reason}", name.to_uppercase()));
                Vec::new()
            })
        };
        let (outputs, exported) = (read("output"), read("env"));
        self.exported.extend(exported);
        for path in written("path").lines().filter(|line| !line.trim().is_empty()) {
            self.paths.insert(0, path.trim().to_owned());
        }
        Ok(Worked { log, outputs: outputs.into_iter().collect(), failed, ..Worked::default() })
    }
}

/// The file that a script is put into, and the words that run it.
fn shell_of(shell: Option<&str>) -> Result<(String, Vec<String>), String> {
    let file = format!("{TEMP}/{}", if shell == Some("python") { "script.py" } else { "script.sh" });
    // Images without bash have at least a plain shell.
    const EITHER: &str = "if command -v bash >/dev/null; then exec bash -e \"$0\"; else exec sh -e \"$0\"; fi";
    let words: Vec<String> = match shell {
        None => vec!["sh".into(), "-c".into(), EITHER.into(), "{0}".into()],
        Some("bash") => ["bash", "--noprofile", "--norc", "-eo", "pipefail", "{0}"].map(str::to_owned).into(),
        Some("sh") => ["sh", "-e", "{0}"].map(str::to_owned).into(),
        Some("python") => ["python", "{0}"].map(str::to_owned).into(),
        Some(other @ ("pwsh" | "powershell" | "cmd")) => return Err(format!("the shell `{other}` is not here")),
        Some(custom) => {
            let words = shlex::split(custom).filter(|_| custom.contains("{0}"));
            words.ok_or_else(|| format!("the shell `{custom}` does not say by {{0}} where the script goes"))?
        }
    };
    let argv = words.iter().map(|word| word.replace("{0}", &file)).collect();
    Ok((file, argv))
}

/// Goes to the folder, puts the paths before the machine's own, makes one stream of two, and ends the program when its time is over: engines cannot.
fn wrapped(folder: &str, paths: &[String], within: Duration, argv: Vec<String>) -> Vec<String> {
    const SCRIPT: &str = "cd \"$1\" || exit 1; [ -z \"$2\" ] || export PATH=\"$2:$PATH\"; shift 2; exec \"$@\" 2>&1";
    // Not every `timeout` takes parts of a second, and 0 is no end to all.
    let seconds = within.as_secs_f64().ceil().max(1.0).to_string();
    let own = ["sh", "-c", SCRIPT, "sh", folder, &paths.join(":"), "timeout", "-k", "5", &seconds];
    own.into_iter().map(str::to_owned).chain(argv).collect()
}
