//! What is kept of a breakdown: a panic, or the end of the window's page, is written down as it happens, told of once, and kept.
//!
//! A process that the system ends (out of memory, a fault in a library) writes nothing; its mark tells of it, see [`Running`].

mod running;

use std::{
    backtrace::Backtrace,
    fs::{self, File},
    io::Write as _,
    panic::PanicHookInfo,
    path::{Path, PathBuf},
    thread,
};

use jiff::Timestamp;

pub use running::Running;

use crate::{Options, Owner, Problem};

/// Of panics that nobody was told of yet, one after the other; beside the journal.
const FRESH: &str = "crash.txt";
/// A folder of those that were told of.
const TOLD: &str = "crashes";
/// The newest that are kept.
const MOST: usize = 20;
/// Begins the line that says what happened.
const WHAT: &str = "what: ";

/// Has every panic of this process written down in the data folder, after what was done with it before.
pub fn watch(options: &Options) {
    let (folder, version) = (options.data.clone(), options.version.clone());
    let before = std::panic::take_hook();
    std::panic::set_hook(Box::new(move |panic| {
        before(panic);
        if inference::trying() {
            return;
        }
        // A disk that takes nothing must not make a panic of a panic.
        let _ = write(&folder, &report(panic, &version));
    }));
}

/// Writes down that the window's page is gone, and why. The page that is opened in its place tells of it.
pub fn page_gone(options: &Options, why: &str) {
    let program = program(&options.version);
    let report = format!(
        "{WHAT}the window's page was gone, {why}, and was opened anew\nwhen: {}\n{program}\n\n",
        Timestamp::now(),
    );
    let _ = write(&options.data, &report);
}

fn report(panic: &PanicHookInfo, version: &str) -> String {
    let what = panic.payload_as_str().unwrap_or("no message").lines().next().unwrap_or_default();
    let place = panic.location().map(ToString::to_string).unwrap_or_default();
    let thread = thread::current().name().unwrap_or("without a name").to_owned();
    format!(
        "{WHAT}{what}\nwhere: {place}, thread {thread}\nwhen: {}\n{}\n{}\n\n",
        Timestamp::now(),
        program(version),
        Backtrace::force_capture()
    )
}

/// Which Groundwork it was, and on what.
fn program(version: &str) -> String {
    format!("Groundwork {version}, {} {}", std::env::consts::OS, std::env::consts::ARCH)
}

fn write(folder: &Path, report: &str) -> std::io::Result<()> {
    fs::create_dir_all(folder)?;
    let mut file = File::options().create(true).append(true).open(folder.join(FRESH))?;
    file.write_all(report.as_bytes())?;
    file.sync_all()
}

/// What to tell of a breakdown that nobody was told of yet. It is put among those that were.
pub(crate) fn tell(folder: &Path) -> Option<Problem> {
    let fresh = folder.join(FRESH);
    let report = fs::read_to_string(&fresh).ok()?;
    let what = report.lines().find_map(|line| line.strip_prefix(WHAT)).unwrap_or("no message");
    let told = folder.join(TOLD);
    let kept = told.join(Timestamp::now().strftime("%Y-%m-%dT%H-%M-%S.txt").to_string());
    // Where it cannot be moved, it is told of again.
    let moved = fs::create_dir_all(&told).and_then(|()| fs::rename(&fresh, &kept));
    let place = if moved.is_ok() { kept } else { fresh };
    forget(&told);
    let message = format!("Groundwork broke down: {what}");
    let next_step =
        format!("What was saved is safe. The report is kept in {}; add it when you tell of this.", place.display());
    Some(Problem { owner: Owner::Product, ..Problem::new("groundwork.broke_down", message, next_step) })
}

/// Removes all but the newest.
fn forget(told: &Path) {
    let mut reports: Vec<PathBuf> =
        fs::read_dir(told).into_iter().flatten().flatten().map(|entry| entry.path()).collect();
    reports.sort();
    for old in reports.iter().rev().skip(MOST) {
        let _ = fs::remove_file(old);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    pub(super) fn options(folder: &Path) -> Options {
        let home = |name: &str| (name == "HOME").then(|| "/".into());
        let read = Options::read("9.8.7", Path::new("/"), home).unwrap();
        Options { data: folder.join("data"), ..read }
    }

    #[test]
    fn a_panic_is_written_down_and_told_of_once() {
        let data = tempfile::tempdir().unwrap();
        let options = options(data.path());
        assert_eq!(tell(&options.data), None);
        watch(&options);
        for what in ["the first", "the second"] {
            thread::Builder::new()
                .name("worker".into())
                .spawn(move || panic!("{what} thing broke\nmore"))
                .unwrap()
                .join()
                .unwrap_err();
        }

        let problem = tell(&options.data).unwrap();
        assert_eq!(problem.code, "groundwork.broke_down");
        assert!(problem.message.ends_with("the first thing broke"), "{}", problem.message);
        let [kept] = &files(&options.data.join(TOLD))[..] else { panic!("one report") };
        assert!(problem.next_step.contains(&kept.display().to_string()), "{}", problem.next_step);
        let report = fs::read_to_string(kept).unwrap();
        for part in [
            "what: the first",
            "what: the second",
            "crash.rs:",
            "thread worker",
            "Groundwork 9.8.7",
            "a_panic_is_written_down",
        ] {
            assert!(report.contains(part), "{part} is missing in:\n{report}");
        }
        assert_eq!(tell(&options.data), None, "it was told of");
    }

    #[test]
    fn the_newest_reports_are_kept() {
        let folder = tempfile::tempdir().unwrap();
        for number in 10..35 {
            fs::write(folder.path().join(format!("{number}.txt")), "").unwrap();
        }
        forget(folder.path());
        let kept = files(folder.path());
        assert_eq!((kept.len(), kept[0].file_name().unwrap().to_str()), (MOST, Some("15.txt")));
    }

    fn files(folder: &Path) -> Vec<PathBuf> {
        let mut files: Vec<PathBuf> = fs::read_dir(folder).unwrap().map(|entry| entry.unwrap().path()).collect();
        files.sort();
        files
    }
}
