//! How long the window takes from spawn to first paint and to a usable plan, and the memory that it holds,
//! for a new learner and for one with a long history.

use std::io::{BufRead, BufReader};
use std::process::{Child, Stdio};
use std::sync::mpsc;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, anyhow, ensure};

use super::Figures;
use super::display::Display;
use super::memory;
use super::workspace::{Home, LAB};
use crate::places::Places;
use crate::shell;

const SPAWNS: usize = 15;
/// A window with nothing in it, to compare the memory with.
const EMPTY: &str = "examples/empty";
const OUTCOMES: usize = 100_000;
/// When memory is read: the window is idle by then.
const SETTLED: Duration = Duration::from_secs(3);
const PATIENCE: Duration = Duration::from_secs(30);

pub fn measure(places: &Places) -> Result<Figures> {
    let display = Display::open(places)?;
    let mut figures = Figures::default();

    shell::announce(&format!("{SPAWNS} starts of a new learner"));
    let (mut painted, mut usable) = (Vec::new(), Vec::new());
    // The first start of all warms the disk cache and is not counted.
    for round in 0..=SPAWNS {
        let home = Home::new("start")?;
        let (paint, use_) = Window::open(places, &display, &home, "desktop")?.started()?;
        if round > 0 {
            painted.push(paint);
            usable.push(use_);
        }
    }
    figures.times("new_fcp", "spawn to first contentful paint, new learner", &painted);
    figures.times("new_plan", "spawn to a usable plan, new learner", &usable);

    let home = Home::new("start")?;
    home.start_lab(places, LAB)?;
    home.record_outcomes(places, OUTCOMES)?;
    shell::announce(&format!("{SPAWNS} starts with {OUTCOMES} outcomes recorded"));
    let (mut painted, mut usable, mut memory) = (Vec::new(), Vec::new(), Vec::new());
    for _ in 0..SPAWNS {
        let window = Window::open(places, &display, &home, "desktop")?;
        let (paint, use_) = window.started()?;
        painted.push(paint);
        usable.push(use_);
        memory.push(window.settled()?);
    }
    figures.times("fcp", "spawn to first contentful paint, 100,000 outcomes", &painted);
    figures.times("plan", "spawn to a usable plan, 100,000 outcomes", &usable);
    shell::announce(&format!("{SPAWNS} starts of an empty window"));
    let (mut painted, mut empty) = (Vec::new(), Vec::new());
    for _ in 0..SPAWNS {
        let window = Window::open(places, &display, &home, EMPTY)?;
        painted.push(window.started()?.0);
        empty.push(window.settled()?);
    }
    figures.times("empty_fcp", "spawn to first contentful paint, empty Tauri window", &painted);
    let [ours, theirs] = [&memory, &empty].map(|memory| super::percentile(memory, 50.0));
    figures.figure("pss_mb", "memory (PSS, all processes) after 3 s", ours, "MB");
    figures.figure("empty_pss_mb", "the same of an empty Tauri window", theirs, "MB");
    figures.figure("pss_over_empty_mb", "over an empty window", ours - theirs, "MB");
    Ok(figures)
}

/// The release window, open until dropped.
struct Window {
    process: Child,
    spawned: Instant,
    /// Milliseconds since the epoch.
    spawned_at: f64,
    lines: mpsc::Receiver<String>,
}

impl Window {
    fn open(places: &Places, display: &Display, home: &Home, program: &str) -> Result<Self> {
        let mut command = shell::command(places, places.release_binary(program));
        display.on(home.of(places, &mut command)).env("RUST_LOG", "start=info").env("NO_COLOR", "1");
        command.stdout(Stdio::null()).stderr(Stdio::piped());
        let (spawned, spawned_at) = (Instant::now(), SystemTime::now());
        let mut process = command.spawn().context("could not start the window")?;
        let pipe = process.stderr.take().context("no pipe")?;
        let (sender, lines) = mpsc::channel();
        std::thread::spawn(move || {
            for line in BufReader::new(pipe).lines().map_while(Result::ok) {
                if sender.send(line).is_err() {
                    break;
                }
            }
        });
        let spawned_at = spawned_at.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
        Ok(Self { process, spawned, spawned_at, lines })
    }

    /// The memory that it holds once it is idle, in megabytes.
    fn settled(&self) -> Result<f64> {
        std::thread::sleep(SETTLED.saturating_sub(self.spawned.elapsed()));
        let megabytes = memory::proportional_set_megabytes(self.process.id());
        ensure!(megabytes > 0.0, "the window is not there any more");
        Ok(megabytes)
    }

    /// Milliseconds from spawn to first contentful paint and to a usable plan, as the window itself noted them.
    fn started(&self) -> Result<(f64, f64)> {
        let mut said = Vec::new();
        while let Ok(line) = self.lines.recv_timeout(PATIENCE.saturating_sub(self.spawned.elapsed())) {
            if let Some((painted_at, usable_at)) = start_line(&line) {
                return Ok((painted_at - self.spawned_at, usable_at - self.spawned_at));
            }
            said.push(line);
        }
        Err(anyhow!("the window did not say when it was painted; it said:\n{}", said.join("\n")))
    }
}

impl Drop for Window {
    fn drop(&mut self) {
        // SIGTERM first: the web view's own processes end with the window.
        let _ = std::process::Command::new("kill").arg(self.process.id().to_string()).status();
        let asked = Instant::now();
        while asked.elapsed() < Duration::from_secs(3) {
            if matches!(self.process.try_wait(), Ok(Some(_))) {
                return;
            }
            std::thread::sleep(Duration::from_millis(20));
        }
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// The two times in a log line `... start: painted_at=1 usable_at=2`.
fn start_line(line: &str) -> Option<(f64, f64)> {
    let after = |name: &str| line.split_once(name)?.1.split_whitespace().next()?.parse().ok();
    Some((after("painted_at=")?, after("usable_at=")?))
}

#[cfg(test)]
mod tests {
    #[test]
    fn the_windows_own_times_are_read() {
        let line = "2026-01-01T00:00:00Z  INFO start: painted_at=1763900000123.5 usable_at=1763900000200.0";
        assert_eq!(super::start_line(line), Some((1_763_900_000_123.5, 1_763_900_000_200.0)));
        assert_eq!(super::start_line("WARN start: nothing"), None);
    }
}
