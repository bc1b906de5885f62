//! What makes a shell of the learner's the lab's: `.groundwork/activate`, which anybody may source, and the start-up files
//! of the shells that Groundwork starts. Those source a copy of it, which lies with them where no check can write.
//!
//! A shell's own start-up file has the last word on its variables, and many put another Python, or another key, in front. So
//! it is read first, and the activation after it.

use std::{
    collections::BTreeMap,
    ffi::OsString,
    path::{Path, PathBuf},
};

use crate::{Environment, Result, Workspace, disk};

const ACTIVATE: &str = "activate";
const BASH: &str = "bashrc";
/// A folder, as zsh wants it.
const ZSH: &str = "zsh";

/// Writes `.groundwork/activate` for the learner's own terminal: `. .groundwork/activate`. Only its owner can read it.
pub fn write_activation(
    workspace: &Workspace,
    variables: &BTreeMap<String, String>,
    python: Option<&Environment>,
) -> Result<PathBuf> {
    let mut text = String::from("# Sourced in a terminal: . .groundwork/activate\n");
    for (name, value) in variables {
        text.push_str(&format!("export {name}={}\n", quoted(value)));
    }
    if let Some(python) = python {
        let programs = quoted(&python.programs().to_string_lossy());
        text.push_str(&format!("export VIRTUAL_ENV={}\n", quoted(&python.folder.to_string_lossy())));
        text.push_str(&format!("case \"$PATH:\" in {programs}:*) ;; *) export PATH={programs}:\"$PATH\" ;; esac\n"));
    }
    let path = workspace.private().join(ACTIVATE);
    disk::write(&path, text.as_bytes())?;
    let kept = workspace.keep()?;
    let own = kept.join(ACTIVATE);
    disk::write(&own, text.as_bytes())?;
    let source = format!(". {}\n", quoted(&own.to_string_lossy()));
    disk::write(&kept.join(BASH), format!("[ -f ~/.bashrc ] && . ~/.bashrc\n{source}").as_bytes())?;
    let zsh = kept.join(ZSH);
    std::fs::create_dir_all(&zsh).map_err(crate::Error::at(&zsh))?;
    disk::write(&zsh.join(".zshenv"), b"[ -f ~/.zshenv ] && . ~/.zshenv\n")?;
    let zshrc = format!("ZDOTDIR=$HOME\n[ -f ~/.zshrc ] && . ~/.zshrc\n{source}");
    disk::write(&zsh.join(".zshrc"), zshrc.as_bytes())?;
    Ok(path)
}

/// How a shell of this name is told to read its start-up file and then the activation: arguments and variables. None for a
/// shell that is not known here, and where nothing was written.
pub(crate) fn start_up(kept: &Path, shell: &Path) -> (Vec<OsString>, Option<(&'static str, PathBuf)>) {
    if !kept.join(ACTIVATE).is_file() {
        return (Vec::new(), None);
    }
    match shell.file_name().and_then(|name| name.to_str()) {
        Some("bash") => (vec!["--rcfile".into(), kept.join(BASH).into()], None),
        Some("zsh") => (Vec::new(), Some(("ZDOTDIR", kept.join(ZSH)))),
        Some("sh" | "dash" | "ksh") => (Vec::new(), Some(("ENV", kept.join(ACTIVATE)))),
        _ => (Vec::new(), None),
    }
}

/// One word of a POSIX shell.
fn quoted(value: &str) -> String {
    format!("'{}'", value.replace('\'', r"'\''"))
}
