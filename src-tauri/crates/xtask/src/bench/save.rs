//! How long a learner waits from saving a file until the changed outcome is on the screen: the real window, its
//! Lab screen, the real file system. The page notes the time itself, in the frame after the one that changed.

use std::path::PathBuf;
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

use anyhow::{Context, Result, bail, ensure};
use serde_json::{Value, json};

use super::Figures;
use super::display::Display;
use super::webdriver::Session;
use super::workspace::{Home, LAB};
use crate::places::Places;
use crate::shell;

const SAVES: usize = 200;
const RESTARTS: usize = 60;
/// 100 times ten saves in a row, while a check of another file runs.
const BURSTS: usize = 100;
const BURST: usize = 10;
/// The first saves start what later ones find running.
const WARM_UP: usize = 4;
/// A save whose outcome is not on screen by then counts as lost.
const PATIENCE: Duration = Duration::from_secs(5);
/// As long, where the check that is running has the model answer first.
const LONG_PATIENCE: Duration = Duration::from_secs(60);

/// Keeps each outcome of one check that reaches the screen, with the time of the frame that shows it.
const OBSERVE: &str = "
    const check = arguments[0];
    window.seen = [];
    window.observer?.disconnect();
    window.observer = new MutationObserver((changes) => {
        for (const { target } of changes) {
            const { status } = target.dataset;
            if (target.dataset.check !== check || status === 'running') continue;
            requestAnimationFrame(() => setTimeout(() =>
                window.seen.push([status, performance.timeOrigin + performance.now()])));
        }
    });
    window.observer.observe(document.body, { subtree: true, attributes: true, attributeFilter: ['data-status'] });";

pub fn measure(places: &Places) -> Result<Figures> {
    let display = Display::open(places)?;
    let home = Home::new("save")?;
    home.start_lab(places, LAB)?;
    let mut driver = shell::command(places, "WebKitWebDriver");
    let session = Session::open(display.on(home.of(places, &mut driver)), &places.release_binary("desktop"))?;
    session.run("location.hash = arguments[0]", &json!([format!("#/lab/{LAB}")]))?;
    let shown = "return document.querySelector(`[data-check=\"${arguments[0]}\"]`) !== null";
    session.wait("the lab's checks", shown, &json!(["notes-decide"]))?;
    let mut figures = Figures::default();

    let notes = Saved::notes(places, &home)?;
    shell::announce(&format!("{SAVES} saves of {}, passing and failing in turn", notes.name));
    session.run(OBSERVE, &json!([notes.check]))?;
    // Uneven pauses, so that saves meet every phase of the window's frames and of the debounce.
    let times = notes.rounds(SAVES, &session, |round| Duration::from_millis(60 + (round as u64 * 37) % 83))?;
    figures.times("file", &format!("save of {} to its outcome on screen", notes.name), &times);

    let service = Saved::service(places, &home)?;
    shell::announce(&format!("{RESTARTS} saves of {}, which restart the service", service.name));
    session.run(OBSERVE, &json!([service.check]))?;
    let times = service.rounds(RESTARTS, &session, |round| Duration::from_millis(200 + (round as u64 * 37) % 83))?;
    figures.times("http", &format!("save of {} to its outcome on screen", service.name), &times);

    shell::announce(&format!("{} saves of {} while another check runs", BURSTS * BURST, notes.name));
    session.run(OBSERVE, &json!([notes.check]))?;
    let lost = (0..BURSTS).map(|round| notes.burst(round, &home, places, &session)).sum::<Result<usize>>()?;
    figures.figure("lost", &format!("saves lost of {}, made while checks run", BURSTS * BURST), lost as f64, "");
    Ok(figures)
}

/// A file, the check that is measured with it, and two contents: the solution's, which passes, and one that fails.
struct Saved {
    name: &'static str,
    path: PathBuf,
    check: &'static str,
    contents: [(String, &'static str); 2],
}

impl Saved {
    fn notes(places: &Places, home: &Home) -> Result<Self> {
        Self::new(places, home, "notes.md", "notes-decide", |_| "# Notes\n".to_owned())
    }

    fn service(places: &Places, home: &Home) -> Result<Self> {
        Self::new(places, home, "service.py", "service-health", |solution| {
            solution.replace(r#"{"status": "ok"}"#, r#"{"status": "up"}"#)
        })
    }

    fn new(
        places: &Places,
        home: &Home,
        name: &'static str,
        check: &'static str,
        spoil: impl FnOnce(&str) -> String,
    ) -> Result<Self> {
        let solution = solution(places, name)?;
        let spoilt = spoil(&solution);
        ensure!(spoilt != solution, "the solution's {name} has changed: nothing in it was spoilt");
        Ok(Self {
            name,
            path: home.workspace().join(name),
            check,
            contents: [(solution, "passed"), (spoilt, "failed")],
        })
    }

    /// Milliseconds from each of `count` saves to its outcome on screen.
    fn rounds(&self, count: usize, session: &Session, pause: impl Fn(usize) -> Duration) -> Result<Vec<f64>> {
        let mut times = Vec::new();
        for round in 0..WARM_UP + count {
            let (saved_at, expected) = self.save(round)?;
            let Some(shown_at) = shown(session, expected, PATIENCE)? else {
                bail!("save {} of {} never reached the screen", round + 1, self.name);
            };
            if round >= WARM_UP {
                times.push(shown_at - saved_at);
            }
            std::thread::sleep(pause(round));
        }
        Ok(times)
    }

    /// Ten saves while the model answers for a check of `ask.py`. The last one's outcome has to come; 1 when it does not.
    fn burst(&self, round: usize, home: &Home, places: &Places, session: &Session) -> Result<usize> {
        let ask = format!("{}# {round}\n", solution(places, "ask.py")?);
        std::fs::write(home.workspace().join("ask.py"), ask)?;
        let running = "return document.querySelector('[data-check=\"ask-answers\"]').dataset.status === 'running'";
        session.wait("the check of ask.py to run", running, &json!([]))?;
        let mut expected = "";
        // One further each round: the last save always brings another outcome than the round before.
        for save in round..round + BURST {
            expected = self.save(save)?.1;
            std::thread::sleep(Duration::from_millis(5 + (save as u64 * 7) % 20));
        }
        Ok(usize::from(shown(session, expected, LONG_PATIENCE)?.is_none()))
    }

    /// When it was saved, in milliseconds since the epoch, and the outcome that this has to bring.
    fn save(&self, round: usize) -> Result<(f64, &'static str)> {
        let (content, expected) = &self.contents[round % 2];
        std::fs::write(&self.path, content)?;
        Ok((SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs_f64() * 1000.0, expected))
    }
}

fn solution(places: &Places, name: &str) -> Result<String> {
    let path = places.root.join("labs").join(LAB).join("solution").join(name);
    std::fs::read_to_string(&path).with_context(|| format!("could not read {}", path.display()))
}

/// When the screen showed the outcome `expected`, `None` when it did not.
fn shown(session: &Session, expected: &str, patience: Duration) -> Result<Option<f64>> {
    let asked = Instant::now();
    while asked.elapsed() < patience {
        std::thread::sleep(Duration::from_millis(15));
        let seen = session.run("return window.seen.splice(0)", &json!([]))?;
        if let Some(at) = seen.as_array().and_then(|seen| seen.iter().find_map(|one| shown_at(one, expected))) {
            return Ok(Some(at));
        }
    }
    Ok(None)
}

fn shown_at(seen: &Value, expected: &str) -> Option<f64> {
    if seen[0] == expected { seen[1].as_f64() } else { None }
}
