//! The terminal of a started lab: the learner's own shell, which a window draws, or which takes over the terminal where
//! `groundwork` was called. A lab has one at a time.

use std::{process::Child, sync::Arc};

use workspaces::{Said, Terminal};

use crate::{Event, Problem, Workbench, view};

impl Workbench {
    /// Starts a shell for the lab, in place of one that runs. What it says comes as events that bear its number.
    pub async fn open_terminal(&self, slug: &str, size: view::TerminalSize) -> Result<u32, Problem> {
        let session = self.started(slug).await?;
        let (terminal, mut said) = Terminal::open(session.surroundings(), &self.options.shell, size.into())?;
        session.touch();
        let number = session.keep_terminal(terminal).await;
        let (events, lab) = (self.events.clone(), slug.to_owned());
        tokio::spawn(async move {
            while let Some(said) = said.recv().await {
                events.send(match said {
                    Said::Text(text) => Event::TerminalOutput { lab: lab.clone(), terminal: number, text },
                    Said::Ended => Event::TerminalEnded { lab: lab.clone(), terminal: number },
                });
            }
        });
        Ok(number)
    }

    /// Types into the lab's terminal.
    pub async fn type_in_terminal(&self, slug: &str, number: u32, text: String) -> Result<(), Problem> {
        self.terminal(slug, number).await?.type_in(text);
        Ok(())
    }

    pub async fn resize_terminal(&self, slug: &str, number: u32, size: view::TerminalSize) -> Result<(), Problem> {
        self.terminal(slug, number).await?.resize(size.into());
        Ok(())
    }

    /// So many pieces of the terminal's output are on the screen; it sends only so many ahead.
    pub async fn drawn_in_terminal(&self, slug: &str, number: u32, pieces: u32) -> Result<(), Problem> {
        self.terminal(slug, number).await?.drawn(pieces as usize);
        Ok(())
    }

    /// Whether a program of the learner's runs in the terminal, and would get what is typed.
    pub async fn terminal_is_busy(&self, slug: &str, number: u32) -> Result<bool, Problem> {
        Ok(self.terminal(slug, number).await?.busy())
    }

    /// Starts the learner's shell in the lab's workspace, in the terminal where the caller is. The gateway is to be open while
    /// it runs.
    pub async fn shell(&self, slug: &str) -> Result<Child, Problem> {
        let session = self.started(slug).await?;
        session.touch();
        Ok(workspaces::shell(session.surroundings(), &self.options.shell)?)
    }

    async fn terminal(&self, slug: &str, number: u32) -> Result<Arc<Terminal>, Problem> {
        // Asked for each key: a session that is not there has no terminal, and none is opened for it.
        let known = self.sessions.lock().await.get(slug).and_then(|session| session.terminal(number));
        known.ok_or_else(|| {
            Problem::new("terminal.ended", "This terminal's shell has ended.", "Start another in the Terminal tab.")
        })
    }
}

impl From<view::TerminalSize> for workspaces::Size {
    fn from(size: view::TerminalSize) -> Self {
        Self { columns: size.columns, rows: size.rows }
    }
}
