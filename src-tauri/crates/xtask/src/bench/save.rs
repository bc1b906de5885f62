//! How long a learner waits from saving a file until the changed outcome is on the screen: the real window, its
//! Lab screen, the real file system. The page notes the time itself, in the frame after the one that changed.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};

use super::Figures;
use super::display::Display;
use super::webdriver::Session;
use super::workspace::{Home, LAB};
use crate::places::Places;
use crate::shell;

const SAVES: usize = 200;
/// The first saves start what later ones find running.
const WARM_UP: usize = 4;
/// A save whose outcome is not on screen by then counts as lost.
const PATIENCE: Duration = Duration::from_secs(5);

/// A check of the kind `text`, and the one file that it reads.
const CHECK: &str = "notes-decide";
const FILE: &str = "notes.md";

/// Keeps each outcome of one check that reaches the screen, with the time of the frame that shows it.
const OBSERVE: &str = "
    const check = arguments[0];
    window.seen = [];
    new MutationObserver((changes) => {
        for (const { target } of changes) {
            const { status } = target.dataset;
            if (target.dataset.check !== check || status === 'running') continue;
            requestAnimationFrame(() => setTimeout(() =>
                window.seen.push([status, performance.timeOrigin + performance.now()])));
        }
    }).observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-status'] });";

pub fn measure(places: &Places) -> Result<Figures> {
    let display = Display::open(places)?;
    let home = Home::new("save")?;
    home.start_lab(places)?;
    let mut driver = shell::command(places, "WebKitWebDriver");
    let session = Session::open(display.on(home.of(places, &mut driver)), &places.release_binary("desktop"))?;
    session.run("location.hash = arguments[0]", &json!([format!("#/lab/{LAB}")]))?;
    let shown = "return document.querySelector(`[data-check=\"${arguments[0]}\"]`) !== null";
    session.wait("the lab's checks", shown, &json!([CHECK]))?;
    session.run(OBSERVE, &json!([CHECK]))?;

    shell::announce(&format!("{SAVES} saves of {FILE}, passing and failing in turn"));
    let saved = Saved::new(places, &home)?;
    let (mut times, mut lost) = (Vec::new(), 0_usize);
    for round in 0..WARM_UP + SAVES {
        let took = saved.save(round, &session)?;
        match took {
            Some(took) if round >= WARM_UP => times.push(took),
            Some(_) => {}
            None => lost += 1,
        }
        if lost > SAVES / 10 {
            bail!("{lost} of the first {} saves never reached the screen", round + 1);
        }
        // Uneven pauses, so that saves meet every phase of the window's frames and of the debounce.
        std::thread::sleep(Duration::from_millis(60 + (round as u64 * 37) % 83));
    }
    let mut figures = Figures::default();
    figures.times("file", &format!("save of {FILE} to its outcome on screen"), &times);
    figures.figure("lost", "saves whose outcome never came", lost as f64, "");
    Ok(figures)
}

/// The file, and its two contents: the solution's, which passes, and a first line, which fails.
struct Saved {
    path: PathBuf,
    contents: [(String, &'static str); 2],
}

impl Saved {
    fn new(places: &Places, home: &Home) -> Result<Self> {
        let solution = places.root.join("labs").join(LAB).join("solution").join(FILE);
        let solution =
            std::fs::read_to_string(&solution).with_context(|| format!("could not read {}", solution.display()))?;
        let contents = [(solution, "passed"), ("# Notes\n".to_owned(), "failed")];
        Ok(Self { path: home.workspace().join(FILE), contents })
    }

    /// Saves and waits; milliseconds from the save to the outcome on screen, `None` when it never came.
    fn save(&self, round: usize, session: &Session) -> Result<Option<f64>> {
        let (content, expected) = &self.contents[round % 2];
        std::fs::write(&self.path, content)?;
        let (saved, saved_at) = (Instant::now(), SystemTime::now());
        let saved_at = saved_at.duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0;
        while saved.elapsed() < PATIENCE {
            std::thread::sleep(Duration::from_millis(15));
            let seen = session.run("return window.seen.splice(0)", &json!([]))?;
            if let Some(at) = seen.as_array().and_then(|seen| seen.iter().find_map(|one| shown_at(one, expected))) {
                return Ok(Some(at - saved_at));
            }
        }
        Ok(None)
    }
}

fn shown_at(seen: &Value, expected: &str) -> Option<f64> {
    if seen[0] == expected { seen[1].as_f64() } else { None }
}
