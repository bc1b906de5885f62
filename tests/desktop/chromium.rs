//! The page in Chromium, the engine of Windows' web view, over the scripted backend: the flows of the window, and what
//! needs a second engine to be believed. Everything else about the page is tested in the real window.

use fantoccini::{Locator, key::Key};

use super::{accessible, screen::Screen};

/// Errors and refusals of the policy that the page met are kept here.
const LISTEN: &str = "window.met = [];
    addEventListener('error', (event) => met.push(event.message));
    addEventListener('unhandledrejection', (event) => met.push(String(event.reason)));
    addEventListener('securitypolicyviolation', (event) => met.push(`${event.violatedDirective} ${event.blockedURI}`));";

async fn open(scene: &str) -> Screen {
    let screen = Screen::in_chromium(scene).await;
    screen.run(LISTEN).await;
    screen
}

async fn close(screen: Screen) {
    assert_eq!(screen.run("return met").await, serde_json::json!([]));
    screen.close().await;
}

#[tokio::test]
async fn the_first_lab_turns_from_red_to_green() {
    let screen = open("fresh").await;
    screen.read("Orientation").await;
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.press("Run all checks").await;
    screen.find("[data-check='hello-there'][data-status='failed']").await;
    screen.press("Ask the model why").await;
    screen.read("found something else than it expected").await;
    // The learner's editor is scripted: each time that it opens, the next file is put right.
    for check in ["hello-there", "hello-greets", "hello-runs", "settings-model", "health", "first-answer"] {
        screen.press("Open in editor").await;
        screen.find(&format!("[data-check='{check}'][data-status='passed']")).await;
    }
    let quiz = "stays-here";
    screen.click(&format!("[data-check='{quiz}']")).await;
    for (answer, status) in [("answer", "failed"), ("record", "passed")] {
        screen.click(&format!("[data-detail='{quiz}'] input[value='{answer}']")).await;
        screen.click(&format!("[data-detail='{quiz}'] form button")).await;
        screen.find(&format!("[data-check='{quiz}'][data-status='{status}']")).await;
    }
    screen.gone("[data-check]:not([data-status='passed'])").await;
    screen.go("portfolio").await;
    screen.press("Export Markdown").await;
    screen.read("portfolio.md").await;
    close(screen).await;
}

#[tokio::test]
async fn the_palette_leads_everywhere_by_keyboard_alone() {
    let screen = open("working").await;
    for (typed, heading) in [("Vectors", "Vectors"), ("Portfolio", "Portfolio"), ("Settings", "Settings")] {
        screen.keys("k").await;
        let field = screen.find("dialog[open] input").await;
        field.send_keys(typed).await.unwrap();
        field.send_keys(&char::from(Key::Enter).to_string()).await.unwrap();
        screen.gone("dialog[open]").await;
        let path = format!("//main//h1[contains(normalize-space(.), '{heading}')]");
        screen.client.wait().for_element(Locator::XPath(&path)).await.unwrap();
    }
    close(screen).await;
}

#[tokio::test]
async fn every_screen_is_accessible_in_chromium() {
    for scene in ["fresh", "working", "trouble"] {
        let screen = open(scene).await;
        accessible::walk(&screen, "main h1").await;
        close(screen).await;
    }
}

#[tokio::test]
async fn no_screen_is_wider_than_a_small_window_or_a_page_at_200_percent() {
    let screen = open("working").await;
    for (width, height) in [(1280, 800), (1024, 700), (640, 400), (512, 350)] {
        screen.client.set_window_size(width, height).await.unwrap();
        accessible::fits(&screen).await;
    }
    close(screen).await;
}

/// Screens with no room to spare and, at half the width, magnified twice.
async fn every_state(scene: &str, places: &[&str]) {
    let screen = open(scene).await;
    for (width, height, rules) in [(1024, 700, true), (512, 350, false)] {
        screen.resize(width, height).await;
        let found = accessible::states(&screen, places, rules).await;
        assert!(found.is_empty(), "{scene}, {width} wide:\n{}", found.join("\n"));
    }
    close(screen).await;
}

#[tokio::test]
async fn every_tab_disclosure_and_dialog_has_room_for_long_texts_and_is_accessible() {
    every_state("long", &accessible::SCREENS).await;
}

#[tokio::test]
async fn every_screen_says_what_is_missing_awaited_or_refused_and_is_accessible() {
    for scene in ["empty", "failing", "silent"] {
        every_state(scene, &accessible::SCREENS).await;
    }
    every_state("offline", &["lab/orientation", "models", "containers", "settings"]).await;
    every_state("foreign", &["plan", "lab/orientation"]).await;
}

/// Scrolls a list up to where nobody was, and answers how far that moved what was read.
const UP: &str = "
    const done = arguments[0];
    const list = document.querySelector('.detail');
    const edge = list.getBoundingClientRect().top;
    const rows = [...document.querySelectorAll('li[aria-setsize]')];
    const row = rows.find((each) => each.getBoundingClientRect().top > edge);
    const before = row.getBoundingClientRect().top;
    list.scrollTop -= 350;
    requestAnimationFrame(() => setTimeout(() => requestAnimationFrame(() => setTimeout(() =>
        done(row.getBoundingClientRect().top - before)))));";

#[tokio::test]
async fn of_ten_thousand_entries_those_in_sight_are_drawn_and_stay_where_they_are_read() {
    let screen = open("many").await;
    screen.go("lab/orientation").await;
    screen.click("[data-check='joined']").await;
    screen.read("Community 9999").await;
    let count = "return document.querySelectorAll(\"li[aria-setsize='10000']\").length";
    screen.run("const list = document.querySelector('.detail'); list.scrollTop = list.scrollHeight / 2").await;
    let middle = "return [...document.querySelectorAll('li[aria-posinset]')].some((each) =>
        /^[45]\\d{3}$/.test(each.ariaPosInSet))";
    screen.until(middle, |middle| *middle == true).await;
    for _ in 0..4 {
        let moved = screen.wait_for(UP).await.as_f64().unwrap();
        // Half pixels are rounded.
        assert!((moved - 350.0).abs() <= 1.0, "{moved}");
    }
    screen.run("const list = document.querySelector('.detail'); list.scrollTop = list.scrollHeight").await;
    let end = "const [row, list] = ['li[aria-posinset=\"10000\"]', '.detail'].map((each) =>
        document.querySelector(each).getBoundingClientRect().bottom); return row <= list";
    screen.until(end, |end| *end == true).await;
    let drawn = screen.run(count).await;
    assert!(drawn.as_u64().is_some_and(|drawn| drawn < 60), "{drawn} rows are drawn");
    close(screen).await;
}
