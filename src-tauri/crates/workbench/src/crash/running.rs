//! The mark of a run: on the disk while the window is open. One that is found with nobody to hold it is of a run that could
//! write nothing about its end, and says what went on then.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{Read as _, Seek as _, Write as _},
    path::Path,
};

use jiff::Timestamp;

use super::{WHAT, program, write};
use crate::{Event, Options, TaskId, event::TaskStep};

const FILE: &str = "running.txt";
/// Begins the line with what the run was doing.
const DOING: &str = "doing: ";
/// Begins the line that names this start of the machine.
const BOOT: &str = "boot: ";

/// Held, and locked, by the window that runs.
#[derive(Debug)]
pub struct Running {
    file: File,
    head: String,
    tasks: BTreeMap<TaskId, String>,
}

impl Running {
    /// Sets the mark. Where the last run's is still there, that run's end is reported first, unless the whole machine went
    /// down. None where another window holds it or the disk takes none.
    pub fn begin(options: &Options) -> Option<Self> {
        fs::create_dir_all(&options.data).ok()?;
        let mut file = File::options();
        let mut file = file.create(true).truncate(false).read(true).write(true).open(options.data.join(FILE)).ok()?;
        file.try_lock().ok()?;
        let mut left = String::new();
        let _ = file.read_to_string(&mut left);
        let boot = format!("{BOOT}{}", boot());
        if left.lines().any(|line| line == boot) {
            let _ = write(&options.data, &report(&left));
        }
        let head = format!(
            "{}, process {}\nbegan: {}\n{boot}\n",
            program(&options.version),
            std::process::id(),
            Timestamp::now(),
        );
        let mut running = Self { file, head, tasks: BTreeMap::new() };
        running.keep();
        Some(running)
    }

    /// Keeps what long work goes on.
    pub fn hear(&mut self, event: &Event) {
        let Event::Task { task, step } = event else { return };
        match step {
            TaskStep::Started { title } => {
                self.tasks.insert(*task, title.clone());
            }
            TaskStep::Finished | TaskStep::Failed { .. } | TaskStep::Cancelled => {
                self.tasks.remove(task);
            }
            TaskStep::Progress { .. } | TaskStep::Part { .. } | TaskStep::Output { .. } => return,
        }
        self.keep();
    }

    /// The run ends as it should.
    pub fn end(self) {
        let _ = self.file.set_len(0);
    }

    /// A disk that takes nothing costs what the next run could have told, and no more.
    fn keep(&mut self) {
        let tasks = self.tasks.values().map(String::as_str).collect::<Vec<_>>().join("; ");
        let text = format!("{}{DOING}{tasks}\n", self.head);
        let _ =
            self.file.rewind().and_then(|()| self.file.set_len(0)).and_then(|()| self.file.write_all(text.as_bytes()));
    }
}

fn report(left: &str) -> String {
    let doing = left.lines().find_map(|line| line.strip_prefix(DOING)).unwrap_or_default();
    let meanwhile = if doing.is_empty() { String::new() } else { format!(", during: {doing}") };
    format!(
        "{WHAT}it ended without closing{meanwhile}\n{left}found: {}\nIt was killed, memory ran out, or a library or driver \
         failed. On Linux `journalctl -k` names a process that the system ended, and `coredumpctl info` one that failed.\n\n",
        Timestamp::now(),
    )
}

/// Empty where the system does not say.
fn boot() -> String {
    fs::read_to_string(Path::new("/proc/sys/kernel/random/boot_id")).unwrap_or_default().trim().to_owned()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::crash::{FRESH, tell, tests::options};

    fn started(task: TaskId, title: &str) -> Event {
        Event::Task { task, step: TaskStep::Started { title: title.into() } }
    }

    #[test]
    fn an_end_without_closing_is_reported_with_what_went_on() {
        let data = tempfile::tempdir().unwrap();
        let options = options(data.path());
        let mut running = Running::begin(&options).unwrap();
        assert!(Running::begin(&options).is_none(), "another window of this folder holds it");
        running.hear(&started(1, "Asking the model"));
        running.hear(&started(2, "Proving Foundations"));
        running.hear(&Event::Task { task: 1, step: TaskStep::Finished });
        assert_eq!(tell(&options.data), None, "it still runs");
        // Its lock goes as with the process.
        drop(running);

        let running = Running::begin(&options).unwrap();
        let problem = tell(&options.data).unwrap();
        let said = "it ended without closing, during: Proving Foundations";
        assert!(problem.message.ends_with(said), "{}", problem.message);
        running.end();
        drop(Running::begin(&options).unwrap());
        assert_eq!(tell(&options.data), None, "that one was closed");
    }

    #[test]
    fn a_machine_that_went_down_is_no_breakdown() {
        let data = tempfile::tempdir().unwrap();
        let options = options(data.path());
        fs::create_dir_all(&options.data).unwrap();
        fs::write(options.data.join(FILE), format!("Groundwork 1, process 2\n{BOOT}an earlier one\n{DOING}\n"))
            .unwrap();
        Running::begin(&options).unwrap().end();
        assert!(!options.data.join(FRESH).exists());
    }
}
