//! What the window takes of a core while nobody touches it and while a model's answer streams into it, and how evenly a
//! list of 10,000 rows scrolls: the real window, drawn as where there is no graphics card.
//!
//! The aims: `idle_core_share` at most 0.005, `stream_core_share` at most 0.05, `scroll_fps_p5` at least 60.

use std::time::{Duration, Instant};

use anyhow::{Result, ensure};
use serde_json::{Value, json};

use super::display::Display;
use super::webdriver::Session;
use super::workspace::{Home, LAB};
use super::{Figures, frames, percentile, processes};
use crate::places::Places;
use crate::shell;

/// A lab of which as many entries can be written as one likes, their sort, and the check that lists them.
const ENTRIES_OF: [&str; 2] = ["community", "community"];
const LISTED_BY: &str = "community-entries";
const ENTRIES: usize = 10_000;

/// What a screen does when it is opened is over by then.
const SETTLED: Duration = Duration::from_secs(10);
const UNTOUCHED: Duration = Duration::from_secs(20);

const ANSWERS: usize = 5;
/// Some of an answer, in which it must not end.
const STREAMED: Duration = Duration::from_secs(2);
const QUESTION: &str = "Write a very long story about a data centre.";
/// Tokens that an answer may have.
const MOST: usize = 4_000;
/// What the threads that compute an answer are called.
const MODEL: &str = "model";

const FRAMES: usize = 300;
/// A rate is that of half a second: the page's clock knows whole milliseconds.
const TOGETHER: usize = 30;
/// What that clock shows of a frame that is on time, at most.
const LATE: f64 = 17.0;

/// Something of the page is there.
const THERE: &str = "return document.querySelector(arguments[0]) !== null";
const FIELD: &str = ".playground textarea:not(:disabled)";
/// Fills a field as typing does.
const FILL: &str = "
    const field = document.querySelector(arguments[0]);
    field.value = arguments[1];
    for (const each of ['input', 'change']) field.dispatchEvent(new Event(each, { bubbles: true }));";
const PRESS: &str = "document.querySelector(arguments[0]).click()";
/// Sends what is typed; while an answer comes it stops that.
const ACT: &str = ".playground .act";
const AFRESH: &str = ".playground header .button";
const COMES: &str = "return document.querySelector('.playground [role=log][aria-busy=true]') !== null";
const ENDED: &str = "return document.querySelector('.playground [role=log][aria-busy=false]') !== null";
const LETTERS: &str = "return document.querySelector('[data-testid=answer]')?.textContent.length ?? 0";
const BEGUN: &str = "return document.querySelector('[data-testid=answer]')?.textContent.length > 20";

/// What scrolls the list, at its beginning.
const LIST: &str = "
    let list = document.querySelector('li[aria-setsize]');
    const scrolls = () => getComputedStyle(list).overflowY !== 'visible' && list.scrollHeight > list.clientHeight;
    while (!scrolls()) list = list.parentElement;
    list.scrollTop = 0;";
const ROWS: &str = "return Number(document.querySelector('li[aria-setsize]')?.getAttribute('aria-setsize') ?? 0)";
const DRAWN: &str = "return document.querySelectorAll('li[aria-setsize]').length";

pub fn measure(places: &Places) -> Result<Figures> {
    let display = Display::open(places)?;
    let home = Home::new("window")?;
    for lab in [LAB, ENTRIES_OF[0]] {
        home.start_lab(places, lab)?;
    }
    home.write_entries(places, ENTRIES_OF, ENTRIES)?;
    let program = places.release_binary("desktop");
    let mut driver = shell::command(places, "WebKitWebDriver");
    home.of(places, &mut driver).env("GROUNDWORK_MODELS", places.models());
    // It remembers nothing of another window, and draws as it decides to by itself where no driver leads it.
    driver.env("XDG_DATA_HOME", home.folder().join("storage")).env("WEBKIT_DISABLE_DMABUF_RENDERER", "1");
    let session = Session::open(display.on(&mut driver), &program)?;
    let window = session.window(&program)?;
    session.wait("the window", THERE, &json!(["nav"]))?;

    let mut figures = Figures::default();
    idle(&session, window, &mut figures)?;
    stream(&session, window, &mut figures)?;
    scroll(&session, &mut figures)?;
    Ok(figures)
}

/// All processes of the window, on the screens that a learner leaves open.
fn idle(session: &Session, window: u32, figures: &mut Figures) -> Result<()> {
    let mut worst = 0.0_f64;
    for (name, place, shows) in [
        ("plan", "plan".to_owned(), "main h1"),
        ("lab", format!("lab/{LAB}"), "[data-check]"),
        ("models", "models".to_owned(), FIELD),
    ] {
        shell::announce(&format!("{} s of the {name}, untouched", UNTOUCHED.as_secs()));
        go(session, &place, shows)?;
        std::thread::sleep(SETTLED);
        let cores = cores_during(UNTOUCHED, || processes::cpu_seconds(window));
        figures.cores(&format!("idle_{name}_core_share"), &format!("untouched, at the {name}"), cores);
        worst = worst.max(cores);
    }
    figures.cores("idle_core_share", "untouched, at the worst of them", worst);
    Ok(())
}

/// All processes of the window, the web view's among them, without the threads that compute the answer: what it takes
/// to bring an answer to the screen while it is computed, as fast as this machine does that. The middle of several.
fn stream(session: &Session, window: u32, figures: &mut Figures) -> Result<()> {
    shell::announce(&format!("{ANSWERS} answers"));
    go(session, "models", FIELD)?;
    session.run(FILL, &json!([".playground .options input", MOST.to_string()]))?;
    let letters = || -> Result<f64> { Ok(session.run(LETTERS, &json!([]))?.as_f64().unwrap_or(0.0)) };
    let (mut all, mut rates) = (Vec::new(), Vec::new());
    // An answer that the model ends too soon counts for nothing.
    for _ in 0..4 * ANSWERS {
        session.run(FILL, &json!([FIELD, QUESTION]))?;
        session.run(PRESS, &json!([ACT]))?;
        session.wait("an answer", BEGUN, &json!([]))?;
        let before = letters()?;
        let taken = || processes::cpu_seconds(window) - processes::cpu_seconds_of_threads(window, MODEL);
        let cores = cores_during(STREAMED, taken);
        if session.run(COMES, &json!([]))? == Value::Bool(true) {
            all.push(cores);
            rates.push((letters()? - before) / STREAMED.as_secs_f64());
            session.run(PRESS, &json!([ACT]))?;
        }
        session.wait("the answer's end", ENDED, &json!([]))?;
        session.run(PRESS, &json!([AFRESH]))?;
        if all.len() == ANSWERS {
            break;
        }
    }
    ensure!(!all.is_empty(), "no answer was long enough");
    figures.cores("stream_core_share", "while an answer comes, beyond the model", percentile(&all, 50.0));
    figures.figure("stream_letters_per_second", "letters of it that came", percentile(&rates, 50.0), "a second");
    Ok(())
}

/// The longest list that the window has: it holds as many rows as the learner wrote entries.
fn scroll(session: &Session, figures: &mut Figures) -> Result<()> {
    go(session, &format!("lab/{}", ENTRIES_OF[0]), "[data-check]")?;
    session.run(PRESS, &json!([format!("[data-check='{LISTED_BY}']")]))?;
    session.wait("the entries", THERE, &json!(["li[aria-setsize]"]))?;
    let rows = session.run(ROWS, &json!([]))?.as_f64().unwrap_or(0.0);
    ensure!(rows == ENTRIES as f64, "the list has {rows} rows, not {ENTRIES}");
    figures.figure("scroll_rows", "rows of the longest list", rows, "");
    std::thread::sleep(SETTLED);
    let through = format!("list.scrollTop = list.scrollHeight * (seen.length / {FRAMES});");
    for (key, what, each) in [
        ("still", "it stands still", ""),
        ("scroll", "it scrolls, 40 pixels a frame", "list.scrollTop += 40;"),
        ("drag", "it is dragged from first to last row", through.as_str()),
    ] {
        shell::announce(&format!("{FRAMES} frames while {what}"));
        let intervals = frames::intervals(session, FRAMES, LIST, each)?;
        let slowest = percentile(&frames::rates(&intervals, TOGETHER), 5.0);
        let late = intervals.iter().filter(|interval| **interval > LATE).count() as f64;
        figures.figure(&format!("{key}_fps_p5"), &format!("p5 while {what}"), slowest, "frames a second");
        figures.figure(&format!("{key}_frames_over_16_7_ms"), "later than 16.7 ms", late, &format!("of {FRAMES}"));
    }
    let drawn = session.run(DRAWN, &json!([]))?.as_f64().unwrap_or(0.0);
    figures.figure("scroll_rows_drawn", "rows that are drawn", drawn, "");
    Ok(())
}

fn go(session: &Session, place: &str, shows: &str) -> Result<()> {
    session.run("location.hash = arguments[0]", &json!([format!("#/{place}")]))?;
    session.wait(place, THERE, &json!([shows]))?;
    Ok(())
}

/// Cores that are busy during `span`, by the seconds of a core that `taken` says before and after it.
fn cores_during(span: Duration, taken: impl Fn() -> f64) -> f64 {
    let (began, before) = (Instant::now(), taken());
    std::thread::sleep(span);
    (taken() - before) / began.elapsed().as_secs_f64()
}
