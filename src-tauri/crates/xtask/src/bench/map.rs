//! The map of 50,000 points: how long until it is there, how evenly it moves, and how long a layout by neighbours takes. The
//! real window, drawn without a graphics card.

use std::time::{Duration, Instant};

use anyhow::Result;
use serde_json::{Value, json};

use super::Figures;
use super::display::Display;
use super::frames;
use super::webdriver::Session;
use super::workspace::Home;
use crate::places::Places;
use crate::shell;

const POINTS: &str = "50000";
const FRAMES: usize = 300;
const MAP: &str = "return document.querySelector('[role=application]') !== null";
const ARRANGED: &str = "return document.body.innerText.includes('distances between groups mean little')";

/// Where the wheel turns: in the middle of the map.
const GROUND: &str = "
    const ground = document.querySelector('[role=application]');
    const box = ground.getBoundingClientRect();
    const [clientX, clientY] = [box.left + box.width / 2, box.top + box.height / 2];";
/// Closer for a second and away for one.
const TURN: &str = "
    const deltaY = seen.length % 120 < 60 ? -30 : 30;
    ground.dispatchEvent(new WheelEvent('wheel', { deltaY, clientX, clientY, cancelable: true }));";

pub fn measure(places: &Places) -> Result<Figures> {
    let display = Display::open(places)?;
    let home = Home::new("map")?;
    let data = home.folder().join("data");
    std::fs::create_dir_all(&data)?;
    shell::announce("50,000 points");
    for step in [["make", POINTS, "10"].as_slice(), &["build", "2"]] {
        let mut example = shell::command(places, places.release_binary("examples/retrieval"));
        shell::read(example.arg(step[0]).arg(&data).args(&step[1..]))?;
    }
    let mut driver = shell::command(places, "WebKitWebDriver");
    let session = Session::open(display.on(home.of(places, &mut driver)), &places.release_binary("desktop"))?;
    let mut figures = Figures::default();

    let started = Instant::now();
    session.run("location.hash = '#/vectors'", &json!([]))?;
    session.wait("the map", MAP, &json!([]))?;
    figures.figure("map_ms", "the screen opened, its points drawn", started.elapsed().as_secs_f64() * 1e3, "ms");
    moved(&session, &mut figures, "directions")?;

    let press =
        "[...document.querySelectorAll('button')].find((each) => each.innerText.trim() === arguments[0]).click()";
    session.run(press, &json!(["Neighbours"]))?;
    session.wait("the layout's button", "return document.body.innerText.includes('Lay out neighbours')", &json!([]))?;
    let started = Instant::now();
    session.run(press, &json!(["Lay out neighbours"]))?;
    // Longer than one wait is patient.
    until(Duration::from_secs(600), || session.wait("the layout", ARRANGED, &json!([])))?;
    figures.figure("arrange_seconds", "neighbours laid out", started.elapsed().as_secs_f64(), "s");
    moved(&session, &mut figures, "neighbours")?;
    Ok(figures)
}

/// Waits again and again until one wait has an end, and no longer than `most`. Any other failure is told at once.
fn until(most: Duration, mut wait: impl FnMut() -> Result<Value>) -> Result<()> {
    let started = Instant::now();
    loop {
        match wait() {
            Ok(_) => return Ok(()),
            Err(error) if started.elapsed() >= most || !error.to_string().starts_with("waited ") => return Err(error),
            Err(_) => {}
        }
    }
}

fn moved(session: &Session, figures: &mut Figures, layout: &str) -> Result<()> {
    let intervals = frames::intervals(session, FRAMES, GROUND, TURN)?;
    figures.times(&format!("{layout}_frame"), &format!("a frame of the map while it moves, by {layout}"), &intervals);
    let key = format!("{layout}_frames_per_second");
    let rate = frames::rates(&intervals, intervals.len()).first().copied().unwrap_or(f64::NAN);
    figures.figure(&key, "frames a second", rate, "");
    Ok(())
}

#[cfg(test)]
mod tests {
    use anyhow::bail;

    use super::*;

    #[test]
    fn a_layout_that_does_not_come_is_an_error() {
        let mut waits = 0;
        let late = || {
            waits += 1;
            if waits < 3 { bail!("waited 30 s for the layout") } else { Ok(Value::Bool(true)) }
        };
        until(Duration::MAX, late).unwrap();
        assert_eq!(waits, 3);
        let never = until(Duration::ZERO, || bail!("waited 30 s for the layout")).unwrap_err().to_string();
        assert_eq!(never, "waited 30 s for the layout");
        let gone = until(Duration::MAX, || bail!("the driver's answer has no length")).unwrap_err().to_string();
        assert_eq!(gone, "the driver's answer has no length");
    }
}
