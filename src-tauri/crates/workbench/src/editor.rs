//! The editor that files are opened in: the one that the learner chose, else what the system names, else one that is known.

use std::fs;

use workspaces::Editor;

use crate::{Problem, Workbench, view};

/// The learner's choice: a command; empty or missing for none.
pub const CHOSEN: &str = "editor";

/// A file to try it with, and the line to open it at.
const TRIED: &str =
    "Groundwork wrote this file to try your editor.\n\nThe cursor is in this line, where the editor can be told.\n";
const LINE: u32 = 3;

impl Workbench {
    /// The one that counts now. Where the learner chose one, no other is taken in its place.
    pub(crate) fn editor(&self) -> Result<Editor, Problem> {
        match self.chosen_editor()? {
            Some(command) => Ok(Editor::chosen(&self.options.search_path, &command)?),
            None => self.usual_editor(),
        }
    }

    pub fn editors(&self) -> Result<view::Editors, Problem> {
        let known = |(command, editor): (&str, Editor)| view::KnownEditor {
            command: command.into(),
            in_terminal: editor.in_terminal(),
            name: editor.name,
        };
        Ok(view::Editors {
            chosen: self.chosen_editor()?,
            usual: self.usual_editor().ok().map(|editor| editor.name),
            installed: Editor::installed(&self.options.search_path).into_iter().map(known).collect(),
            problem: self.editor().err(),
        })
    }

    /// Chooses an editor by its command, or none. What is not there is refused.
    pub fn use_editor(&self, command: Option<&str>) -> Result<view::Editors, Problem> {
        let command = command.map(str::trim);
        if let Some(command) = command {
            Editor::chosen(&self.options.search_path, command)?;
        }
        self.journal.record_setting(CHOSEN, command.unwrap_or_default())?;
        self.editors()
    }

    /// Opens a file in the editor; answers with the editor's name.
    pub async fn try_editor(&self) -> Result<String, Problem> {
        let editor = self.editor()?;
        let folder = self.options.data.join("editor");
        let file = folder.join("try.txt");
        fs::create_dir_all(&folder).and_then(|()| fs::write(&file, TRIED)).map_err(|error| {
            let message = format!("{} cannot be written: {error}.", file.display());
            Problem::new("editor.try", message, "Make that folder writable for your user, then try again.")
        })?;
        editor.open(&folder, Some((file.as_path(), LINE))).await?;
        Ok(editor.name)
    }

    fn chosen_editor(&self) -> Result<Option<String>, Problem> {
        Ok(self.journal.setting(CHOSEN)?.filter(|command| !command.is_empty()))
    }

    fn usual_editor(&self) -> Result<Editor, Problem> {
        let options = &self.options;
        Ok(Editor::find(&options.search_path, options.visual.as_deref(), options.editor.as_deref())?)
    }
}
