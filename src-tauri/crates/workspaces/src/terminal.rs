//! The learner's own shell in the workspace's folder, with the workspace's variables and its Python first: in a
//! pseudo-terminal that a window draws, or in the terminal where the learner is already.
//!
//! It is the learner's, so nothing confines it. In a pseudo-terminal what it started ends with it, and what it prints
//! waits until it was drawn: a program that prints without end is held up by the system, and fills no memory.

use std::{
    ffi::OsString,
    fmt,
    io::{Read, Write},
    path::{Path, PathBuf},
    process,
    sync::{
        Arc, Condvar, Mutex, MutexGuard, PoisonError,
        mpsc::{Receiver, Sender, channel},
    },
    thread,
    time::Duration,
};

use portable_pty::{Child, CommandBuilder, MasterPty, PtySize, native_pty_system};
use tokio::sync::mpsc::{UnboundedReceiver, UnboundedSender, unbounded_channel};

use crate::{
    Error, Result, Surroundings, activation,
    process::{MARK, Tree, mark},
};

/// Bytes of one piece of output at most.
const PIECE: usize = 16 << 10;
/// Pieces that may wait to be drawn.
const AHEAD: usize = 16;

/// How long what runs in a terminal that is closed has to put its files in order.
const PATIENCE: Duration = Duration::from_millis(500);

/// Of a screen, in characters.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Size {
    pub columns: u16,
    pub rows: u16,
}

/// What a terminal tells of itself.
#[derive(Debug, Clone, PartialEq, Eq)]
pub enum Said {
    /// A piece of output: text and control sequences, in whole characters. [`Terminal::drawn`] makes room for another.
    Text(String),
    /// The shell is gone, and what it had started with it. Nothing comes after.
    Ended,
}

/// A shell that runs in a pseudo-terminal. Dropping it hangs up: the shell and what it started may put their files in order
/// for half a second, and are ended.
pub struct Terminal {
    master: Mutex<Box<dyn MasterPty + Send>>,
    keys: Sender<String>,
    /// The shell's process, and the group that it leads.
    shell: u32,
    tree: Arc<Tree>,
    room: Arc<Room>,
}

impl Terminal {
    /// Starts a shell. The receiver brings what it says.
    pub fn open(surroundings: &Surroundings, program: &Path, size: Size) -> Result<(Self, UnboundedReceiver<Said>)> {
        // Its errors are anyhow's, which only prints.
        let failed = |error: &dyn fmt::Display| Error::NoShell { shell: program.into(), detail: error.to_string() };
        let mark = mark();
        let mut command = CommandBuilder::new(program);
        command.cwd(&surroundings.folder);
        let (arguments, variable) = start_up(surroundings, program);
        command.args(arguments);
        for (name, value) in surroundings.for_shell() {
            command.env(name, value);
        }
        if let Some((name, value)) = variable {
            command.env(name, value);
        }
        command.env(MARK, &mark);
        command.env("TERM", "xterm-256color");
        command.env("COLORTERM", "truecolor");
        let pair = native_pty_system().openpty(size.into()).map_err(|error| failed(&error))?;
        let output = pair.master.try_clone_reader().map_err(|error| failed(&error))?;
        let input = pair.master.take_writer().map_err(|error| failed(&error))?;
        let child = pair.slave.spawn_command(command).map_err(|error| failed(&error))?;
        // While we hold it, the shell's end would go unseen.
        drop(pair.slave);
        let shell = child.process_id().ok_or_else(|| failed(&"it ended at once"))?;

        let (said, receiver) = unbounded_channel();
        let (keys, pressed) = channel();
        let (tree, room) = (Arc::new(Tree::of(shell, mark)), Arc::new(Room::default()));
        let (gate, whole) = (room.clone(), tree.clone());
        thread::spawn(move || type_in(input, &pressed));
        thread::spawn(move || watch(child, output, &whole, &gate, &said));
        Ok((Self { master: Mutex::new(pair.master), keys, shell, tree, room }, receiver))
    }

    /// Types, as keys or a paste would. What a shell that is gone is told is lost.
    pub fn type_in(&self, text: String) {
        let _ = self.keys.send(text);
    }

    /// The screen has another size now; the shell and what it runs are told.
    pub fn resize(&self, size: Size) {
        let master = self.master.lock().unwrap_or_else(PoisonError::into_inner);
        if let Err(error) = master.resize(size.into()) {
            tracing::debug!(%error, "a terminal kept its size");
        }
    }

    /// Whether what is typed goes to a program that the shell runs, and not to the shell. Never on Windows, which does not
    /// tell.
    pub fn busy(&self) -> bool {
        #[cfg(unix)]
        {
            let leader = self.master.lock().unwrap_or_else(PoisonError::into_inner).process_group_leader();
            leader.is_some_and(|leader| u32::try_from(leader) != Ok(self.shell))
        }
        #[cfg(not(unix))]
        false
    }

    /// So many pieces of output are on the screen.
    pub fn drawn(&self, pieces: usize) {
        self.room.make(pieces);
    }
}

impl Drop for Terminal {
    fn drop(&mut self) {
        self.room.open();
        self.tree.hang_up(PATIENCE);
    }
}

impl fmt::Debug for Terminal {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.debug_struct("Terminal").field("shell", &self.shell).finish_non_exhaustive()
    }
}

impl From<Size> for PtySize {
    fn from(Size { columns, rows }: Size) -> Self {
        Self { rows: rows.max(1), cols: columns.max(2), pixel_width: 0, pixel_height: 0 }
    }
}

/// Starts a shell in the terminal where the learner is.
pub fn shell(surroundings: &Surroundings, program: &Path) -> Result<process::Child> {
    let (arguments, variable) = start_up(surroundings, program);
    let mut command = process::Command::new(program);
    command.args(arguments).current_dir(&surroundings.folder).envs(surroundings.for_shell()).envs(variable);
    let child = command.spawn();
    child.map_err(|error| Error::NoShell { shell: program.into(), detail: error.to_string() })
}

fn start_up(surroundings: &Surroundings, program: &Path) -> (Vec<OsString>, Option<(&'static str, PathBuf)>) {
    activation::start_up(&surroundings.kept, program)
}

fn type_in(mut input: Box<dyn Write + Send>, pressed: &Receiver<String>) {
    while let Ok(text) = pressed.recv() {
        if input.write_all(text.as_bytes()).and_then(|()| input.flush()).is_err() {
            return;
        }
    }
}

/// Waits for the end of the shell while its output is read beside.
fn watch(
    mut child: Box<dyn Child + Send + Sync>,
    output: Box<dyn Read + Send>,
    tree: &Tree,
    room: &Room,
    said: &UnboundedSender<Said>,
) {
    thread::scope(|scope| {
        scope.spawn(|| read(output, room, said));
        if let Err(error) = child.wait() {
            tracing::warn!(%error, "the end of a shell was not seen");
        }
        // What it left in the background holds the terminal open.
        tree.hang_up(PATIENCE);
    });
    let _ = said.send(Said::Ended);
}

fn read(mut output: Box<dyn Read + Send>, room: &Room, said: &UnboundedSender<Said>) {
    let (mut buffer, mut bytes) = (vec![0; PIECE], Vec::new());
    // An error is how a terminal says that nobody holds its other side.
    while let Ok(count @ 1..) = output.read(&mut buffer) {
        bytes.extend_from_slice(&buffer[..count]);
        let text = whole_characters(&mut bytes);
        if !text.is_empty() {
            room.wait();
            let _ = said.send(Said::Text(text));
        }
    }
}

/// Takes out all but a character whose end is still to come. What is no UTF-8 becomes replacement characters.
fn whole_characters(bytes: &mut Vec<u8>) -> String {
    let begun = |rest: &[u8]| std::str::from_utf8(rest).is_err_and(|error| error.error_len().is_none());
    let begun =
        bytes.utf8_chunks().last().map(|chunk| chunk.invalid()).filter(|rest| begun(rest)).map_or(0, <[u8]>::len);
    let rest = bytes.split_off(bytes.len() - begun);
    let text = String::from_utf8_lossy(bytes).into_owned();
    *bytes = rest;
    text
}

/// How many pieces were sent and not drawn yet.
#[derive(Default)]
struct Room {
    waiting: Mutex<Waiting>,
    changed: Condvar,
}

#[derive(Default)]
struct Waiting {
    pieces: usize,
    /// Nobody draws any more: all may pass.
    open: bool,
}

impl Room {
    fn wait(&self) {
        let full = |waiting: &mut Waiting| waiting.pieces >= AHEAD && !waiting.open;
        let waiting = self.changed.wait_while(self.lock(), full);
        waiting.unwrap_or_else(PoisonError::into_inner).pieces += 1;
    }

    fn make(&self, pieces: usize) {
        let mut waiting = self.lock();
        waiting.pieces = waiting.pieces.saturating_sub(pieces);
        self.changed.notify_all();
    }

    fn open(&self) {
        self.lock().open = true;
        self.changed.notify_all();
    }

    fn lock(&self) -> MutexGuard<'_, Waiting> {
        self.waiting.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn characters_come_whole_however_their_bytes_are_cut() {
        let text = "grün 端末 🧪";
        for cut in 0..text.len() {
            let mut bytes = text.as_bytes()[..cut].to_vec();
            let first = whole_characters(&mut bytes);
            bytes.extend_from_slice(&text.as_bytes()[cut..]);
            assert_eq!(first + &whole_characters(&mut bytes), text);
            assert!(bytes.is_empty());
        }
        let mut bytes = b"a\xffb\xf0\x9f".to_vec();
        assert_eq!((whole_characters(&mut bytes).as_str(), bytes.as_slice()), ("a\u{fffd}b", &b"\xf0\x9f"[..]));
    }
}
