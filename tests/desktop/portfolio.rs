//! What a learner tells in the portfolio page, typed in the real window beside the page that it becomes.

use std::{fs, process::Command};

use fantoccini::key::Key;
use serde_json::json;

use super::screen::Screen;
use crate::support::Home;

const INTRODUCTION: &str = "textarea[aria-label='Introduction, in Markdown']";
const REFLECTION: &str = "textarea[aria-label^='Orientation']";

/// Types at the end, and waits until it is kept.
async fn write(screen: &Screen, css: &str, text: &str) {
    screen.find(css).await.send_keys(text).await.unwrap();
    kept(screen).await;
}

async fn kept(screen: &Screen) {
    let said = "return document.querySelector('.editor [role=status]').textContent";
    screen.until(said, |said| said.as_str().is_some_and(|said| said.starts_with("Kept at"))).await;
}

#[tokio::test]
async fn what_is_typed_is_on_the_page_at_once_and_in_every_export() {
    let home = Home::new();
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    home.must(&["entry", "add", "orientation", "--sort", "decision", "--title", "One file", "--text", "Both read it."]);
    let screen = Screen::open(&home).await;
    screen.go("portfolio").await;
    screen.read("No introduction yet").await;
    let enter = Key::Enter.to_string().repeat(2);
    write(&screen, INTRODUCTION, &format!("# What I was after{enter}Models **without** an account.")).await;
    let shown = "const own = document.querySelectorAll(`[data-narrative=''] :is(h2, h3, strong)`);
                 return [...own].map((each) => each.textContent)";
    screen.until(shown, |shown| *shown == json!(["Introduction", "What I was after", "without"])).await;

    screen.click("button[aria-label^='Write: Orientation']").await;
    write(&screen, REFLECTION, "I chose <b>one</b> file.").await;
    let shown = "return document.querySelector('[data-narrative=orientation] p').textContent";
    screen.until(shown, |shown| *shown == "I chose <b>one</b> file.").await;
    screen.in_both_themes("portfolio-written").await;

    for (button, file) in [("Export HTML", "portfolio.html"), ("Export Markdown", "portfolio.md")] {
        screen.press(button).await;
        screen.read(file).await;
    }
    let read = |file: &str| fs::read_to_string(home.folder.path().join("workspaces").join(file)).unwrap();
    let (markdown, html) = (read("portfolio.md"), read("portfolio.html"));
    assert!(
        markdown.contains("## Introduction\n\n### What I was after\n\nModels **without** an account.\n"),
        "{markdown}"
    );
    assert!(markdown.contains("### In my own words\n\nI chose \\<b\\>one\\</b\\> file.\n"), "{markdown}");
    assert!(markdown.contains("| decision | One file | Both read it. |"), "{markdown}");
    assert!(html.contains("<p>I chose &lt;b&gt;one&lt;/b&gt; file.</p>"), "{html}");

    // A terminal keeps another introduction meanwhile. Nothing is lost, and nothing decided for the learner.
    let file = home.folder.path().join("told.md");
    fs::write(&file, "From a terminal.").unwrap();
    let revision = home.json(&["narrative"])[0]["revision"].to_string();
    screen.choose("select[aria-label='What you write about']", "Introduction").await;
    screen.find(INTRODUCTION).await;
    home.must(&["narrative", "--from", file.to_str().unwrap(), "--replaces", &revision]);
    screen.find(INTRODUCTION).await.send_keys("!").await.unwrap();
    screen.read("From a terminal.").await;
    screen.in_both_themes("portfolio-changed").await;
    screen.press("Keep both").await;
    kept(&screen).await;

    // What was said to be kept outlives a window that does not.
    write(&screen, INTRODUCTION, "?").await;
    assert!(Command::new("kill").args(["-9", &screen.pid(&home).to_string()]).status().unwrap().success());
    drop(screen);
    let told = home.must(&["narrative"]);
    let words = "# What I was after\n\nModels **without** an account.\n\nFrom a terminal.\n";
    assert_eq!((told.replace(['!', '?'], "").as_str(), told.matches(['!', '?']).count()), (words, 2), "{told}");
    let screen = Screen::open(&home).await;
    screen.go("portfolio").await;
    screen.find(INTRODUCTION).await;
    let typed = format!("return document.querySelector(\"{INTRODUCTION}\").value");
    screen.until(&typed, |typed| *typed == told.trim_end()).await;
    screen.close().await;
}

#[tokio::test]
async fn text_and_page_lie_side_by_side_where_there_is_room_and_each_scrolls_by_itself() {
    let screen = Screen::in_chromium("working").await;
    screen.go("portfolio").await;
    screen.find(".preview h2").await;
    let beside = "const place = (css) => document.querySelector(css).getBoundingClientRect();
                  return place('.preview').left >= place('.editor').right";
    let alone = "return getComputedStyle(document.querySelector('.preview')).overflowY";
    for (width, height, side_by_side) in [(1280, 800, true), (1024, 700, false), (640, 400, false)] {
        screen.client.set_window_size(width, height).await.unwrap();
        screen.until(beside, |beside| *beside == side_by_side).await;
        assert_eq!(screen.run(alone).await, "auto", "{width}");
    }
    screen.close().await;
}
