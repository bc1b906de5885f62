//! Opening the learner's own editor, at a line where it can.
//!
//! Never starts an editor that needs a terminal: a window has none to give.

use std::{
    ffi::{OsStr, OsString},
    path::{Path, PathBuf},
    process::Stdio,
    time::Duration,
};

use tokio::{process::Command, time::timeout};

use crate::{Error, Result, surroundings::find};

/// An editor that opens in a window of its own.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Editor {
    pub name: String,
    program: PathBuf,
    /// What the user wrote after the program in `VISUAL`.
    arguments: Vec<String>,
    opens: Opens,
}

/// How an editor is told of a folder, a file and a line.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Opens {
    /// `code FOLDER --goto FILE:LINE`
    Goto,
    /// `zed FOLDER FILE:LINE`
    Colon,
    /// `pycharm FOLDER --line LINE FILE`
    LineFlag,
    /// `kate --line LINE FILE`
    FileLineFlag,
    /// `emacs +LINE FILE`
    Plus,
    /// One path and no line: the file, else the folder.
    Path,
}

use Opens::{Colon, FileLineFlag, Goto, LineFlag, Path as PathOnly, Plus};

/// Looked for in this order where the user names none.
const WITH_WINDOW: &[(&str, &str, Opens)] = &[
    ("code", "Visual Studio Code", Goto),
    ("codium", "VSCodium", Goto),
    ("cursor", "Cursor", Goto),
    ("windsurf", "Windsurf", Goto),
    ("code-insiders", "Visual Studio Code Insiders", Goto),
    ("positron", "Positron", Goto),
    ("zed", "Zed", Colon),
    ("zeditor", "Zed", Colon),
    ("subl", "Sublime Text", Colon),
    ("pycharm", "PyCharm", LineFlag),
    ("pycharm-community", "PyCharm", LineFlag),
    ("pycharm-professional", "PyCharm", LineFlag),
    ("idea", "IntelliJ IDEA", LineFlag),
    ("kate", "Kate", FileLineFlag),
    ("geany", "Geany", FileLineFlag),
    ("mousepad", "Mousepad", FileLineFlag),
    ("gvim", "gVim", Plus),
    ("emacs", "Emacs", Plus),
    ("gedit", "gedit", Plus),
    ("gnome-text-editor", "Text Editor", PathOnly),
];

const IN_TERMINAL: &[&str] = &[
    "vi",
    "vim",
    "nvim",
    "nano",
    "pico",
    "micro",
    "hx",
    "helix",
    "emacsclient",
    "joe",
    "ed",
    "ex",
    "kak",
    "mcedit",
    "ne",
    "sensible-editor",
    "editor",
];

const OPENER: &str = if cfg!(target_os = "macos") {
    "open"
} else if cfg!(windows) {
    "explorer"
} else {
    "xdg-open"
};

impl Editor {
    /// The editor to use: what `VISUAL` or `EDITOR` name if it has a window, else a known one that is installed, else the
    /// system's opener.
    pub fn find(search_path: &OsStr, visual: Option<&str>, editor: Option<&str>) -> Result<Self> {
        let chosen = [visual, editor].into_iter().flatten().find_map(|named| Self::named(search_path, named));
        let known = || WITH_WINDOW.iter().find_map(|(program, ..)| Self::named(search_path, program));
        chosen.or_else(known).or_else(|| Self::named(search_path, OPENER)).ok_or(Error::NoEditor)
    }

    fn named(search_path: &OsStr, command: &str) -> Option<Self> {
        let mut words = command.split_whitespace();
        let first = words.next()?;
        let stem = Path::new(first).file_stem()?.to_str()?;
        if IN_TERMINAL.contains(&stem) {
            return None;
        }
        let program = match Path::new(first) {
            path if path.is_absolute() => Some(path.to_path_buf()).filter(|path| path.is_file()),
            _ => find(search_path, first),
        }?;
        let (name, opens) = WITH_WINDOW
            .iter()
            .find_map(|&(known, name, opens)| (known == stem).then_some((name, opens)))
            .unwrap_or((stem, PathOnly));
        let arguments = words.map(str::to_owned).filter(|word| !matches!(word.as_str(), "--wait" | "-w")).collect();
        Some(Self { name: name.to_owned(), program, arguments, opens })
    }

    /// Opens the folder, and in it a file at a line (from 1). Returns once the editor runs or has handed over to its
    /// window.
    pub async fn open(&self, folder: &Path, file: Option<(&Path, u32)>) -> Result<()> {
        let mut command = Command::new(&self.program);
        command.args(&self.arguments).args(self.opens.arguments(folder, file)).current_dir(folder);
        command.stdin(Stdio::null()).stdout(Stdio::null()).stderr(Stdio::null());
        // Not ours to end: it outlives us, and a Ctrl-C in our terminal does not reach it.
        #[cfg(unix)]
        command.process_group(0);
        let failed = |detail: String| Error::EditorFailed { editor: self.name.clone(), detail };
        let mut child = command.spawn().map_err(|error| failed(error.to_string()))?;
        match timeout(Duration::from_secs(1), child.wait()).await {
            // Explorer answers 1 when all is well.
            Ok(Ok(status)) if !status.success() && !cfg!(windows) => Err(failed(status.to_string())),
            Ok(Err(error)) => Err(failed(error.to_string())),
            _ => Ok(()),
        }
    }
}

impl Opens {
    fn arguments(self, folder: &Path, file: Option<(&Path, u32)>) -> Vec<OsString> {
        let folder = OsString::from(folder);
        let Some((file, line)) = file else { return vec![folder] };
        let file = OsString::from(file);
        let mut at_line = file.clone();
        at_line.push(format!(":{line}"));
        match self {
            Goto => vec![folder, "--goto".into(), at_line],
            Colon => vec![folder, at_line],
            LineFlag => vec![folder, "--line".into(), line.to_string().into(), file],
            FileLineFlag => vec!["--line".into(), line.to_string().into(), file],
            Plus => vec![format!("+{line}").into(), file],
            PathOnly => vec![file],
        }
    }
}
