//! Opening the learner's own editor, at a line where it can, and folders in the system's file manager.
//!
//! An editor that needs a terminal gets a window with one, and is started only where the learner chose it.

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
    /// What stands before what is to be opened.
    arguments: Vec<OsString>,
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

/// Those that are offered, of the editors that need a terminal.
const OFFERED_IN_TERMINAL: &[(&str, &str)] =
    &[("nvim", "Neovim"), ("vim", "Vim"), ("hx", "Helix"), ("kak", "Kakoune"), ("micro", "micro"), ("nano", "nano")];

/// Programs that open a window with a terminal, and what stands before the command that runs in it.
const TERMINALS: &[(&str, &[&str])] = &[
    ("xdg-terminal-exec", &[]),
    ("x-terminal-emulator", &["-e"]),
    ("gnome-terminal", &["--"]),
    ("konsole", &["-e"]),
    ("xfce4-terminal", &["-x"]),
    ("kitty", &[]),
    ("alacritty", &["-e"]),
    ("foot", &[]),
    ("wezterm", &["start", "--"]),
    ("xterm", &["-e"]),
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

    /// The editor of a command that the learner chose.
    pub fn chosen(search_path: &OsStr, command: &str) -> Result<Self> {
        if let Some(editor) = Self::named(search_path, command) {
            return Ok(editor);
        }
        let failed = |why: &str| Error::EditorMissing { command: command.trim().into(), why: why.into() };
        let Some((stem, program, arguments)) = read(search_path, command) else {
            return Err(failed("there is no such program on the PATH"));
        };
        let terminal = TERMINALS.iter().find_map(|(name, before)| Some((find(search_path, name)?, *before)));
        let Some((terminal, before)) = terminal else {
            return Err(failed("it needs a terminal, and no program was found that opens one"));
        };
        let name = OFFERED_IN_TERMINAL.iter().find_map(|&(known, name)| (known == stem).then(|| name.to_owned()));
        let before = before.iter().map(OsString::from).chain([program.into()]);
        Ok(Self {
            name: name.unwrap_or(stem),
            program: terminal,
            arguments: before.chain(arguments).collect(),
            opens: Plus,
        })
    }

    /// The known editors of this machine, each with its command; those that need a terminal last.
    pub fn installed(search_path: &OsStr) -> Vec<(&'static str, Self)> {
        let windows = WITH_WINDOW.iter().map(|&(command, ..)| command);
        let terminals = OFFERED_IN_TERMINAL.iter().map(|&(command, _)| command);
        windows
            .chain(terminals)
            .filter_map(|command| Some((command, Self::chosen(search_path, command).ok()?)))
            .collect()
    }

    /// Whether it runs in a terminal.
    pub fn in_terminal(&self) -> bool {
        let stem = self.program.file_stem().unwrap_or_default();
        TERMINALS.iter().any(|&(terminal, _)| stem == terminal)
    }

    fn named(search_path: &OsStr, command: &str) -> Option<Self> {
        let (stem, program, arguments) = read(search_path, command)?;
        if IN_TERMINAL.contains(&stem.as_str()) {
            return None;
        }
        let known = WITH_WINDOW.iter().find(|(known, ..)| *known == stem);
        let (name, opens) = known.map_or((stem, PathOnly), |&(_, name, opens)| (name.to_owned(), opens));
        Some(Self { name, program, arguments, opens })
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

/// Shows a folder in the system's file manager.
pub async fn show_folder(search_path: &OsStr, folder: &Path) -> Result<()> {
    let failed = |detail: String| Error::FolderNotShown { folder: folder.to_owned(), detail };
    let opener = Editor::named(search_path, OPENER).ok_or_else(|| failed(format!("{OPENER} is not installed")))?;
    opener.open(folder, None).await.map_err(|error| failed(error.to_string()))
}

/// What a command names: how the program is known, where it is, and what was written after it.
fn read(search_path: &OsStr, command: &str) -> Option<(String, PathBuf, Vec<OsString>)> {
    let command = command.trim();
    let whole = Path::new(command);
    // A path may hold blanks.
    let (first, rest) = if whole.is_absolute() && whole.is_file() {
        (command, "")
    } else {
        command.split_once(char::is_whitespace).unwrap_or((command, ""))
    };
    let stem = Path::new(first).file_stem()?.to_str()?.to_owned();
    let program = match Path::new(first) {
        path if path.is_absolute() => Some(path.to_path_buf()).filter(|path| path.is_file()),
        _ => find(search_path, first),
    }?;
    let words = rest.split_whitespace().filter(|word| !matches!(*word, "--wait" | "-w"));
    Some((stem, program, words.map(OsString::from).collect()))
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
