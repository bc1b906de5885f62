//! Lab 0 in the window, from first start to the exported page.

use std::fs;

use fantoccini::{Locator, key::Key};
use serde_json::Value;

use super::screen::Screen;
use crate::support::{Home, MEASURES};

#[tokio::test]
async fn lab_0_turns_green_in_the_window() {
    let home = Home::new();
    let screen = Screen::open(&home).await;
    screen.read("Orientation").await;
    screen.in_both_themes("plan").await;

    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    screen.read("is not filled in").await;
    assert!(home.workspace().join("profile.toml").exists());
    screen.in_both_themes("lab-started").await;
    screen.press("Ask the model why").await;
    screen.read("too small to explain a failure").await;
    screen.in_both_themes("lab-explained").await;

    fs::copy(home.resources.join("labs/orientation/solution/profile.toml"), home.workspace().join("profile.toml"))
        .unwrap();
    screen.find("[data-check='profile-filled'][data-status='passed']").await;
    // The first call of the model.
    fs::copy(home.resources.join("labs/orientation/solution/ask.py"), home.workspace().join("ask.py")).unwrap();
    screen.find("[data-check='ask-answers'][data-status='passed']").await;
    home.solve();
    home.type_in("orientation", MEASURES);
    for (check, answers) in home.quizzes() {
        screen.click(&format!("[data-check='{check}']")).await;
        for answer in answers {
            screen.click(&format!("[data-detail='{check}'] input[value='{answer}']")).await;
        }
        screen.click(&format!("[data-detail='{check}'] form button")).await;
        screen.find(&format!("[data-check='{check}'][data-status='passed']")).await;
    }
    let all = screen.client.find_all(Locator::Css("[data-check]")).await.unwrap();
    for check in all {
        let id = check.attr("data-check").await.unwrap().unwrap();
        screen.find(&format!("[data-check='{id}'][data-status='passed']")).await;
    }
    screen.in_both_themes("lab-green").await;

    // Its row, the oldest, opens by the keyboard, and what was asked and answered stands there.
    screen.click("#below-requests").await;
    screen
        .find("#below tbody tr:last-child button")
        .await
        .send_keys(&char::from(Key::Enter).to_string())
        .await
        .unwrap();
    let body = |number: u32| format!("return document.querySelectorAll('#below pre')[{number}]?.textContent ?? ''");
    let says = |text: &Value, words: &str| text.as_str().is_some_and(|text| text.contains(words));
    let prompt = "\"content\": \"In one sentence, what is a readiness probe for?\"";
    screen.until(&body(0), |text| says(text, prompt)).await;
    screen.until(&body(1), |text| says(text, "data: [DONE]")).await;
    screen.in_both_themes("lab-request").await;

    screen.go("plan").await;
    screen.read("No forecast yet").await;
    screen.press("As a table").await;
    screen.in_both_themes("plan-begun").await;

    screen.go("roadmap").await;
    screen.read("A model is served, and its limits are known").await;
    screen.read("Begun").await;
    screen.in_both_themes("roadmap").await;
    screen.click("#roadmap-skills").await;
    screen.read("Vector databases").await;
    screen.in_both_themes("roadmap-skills").await;
    screen.click("#roadmap-priorities").await;
    screen.read("Retrieval with sources").await;
    screen.in_both_themes("roadmap-priorities").await;
    screen.click("#roadmap-atlas").await;
    screen.read("Amazon Bedrock").await;
    screen.in_both_themes("roadmap-atlas").await;
    screen.click("#roadmap-skills").await;
    screen.click("button[aria-label='Resources on Vector databases']").await;
    screen.read("Leave out:").await;
    screen.in_both_themes("roadmap-resources").await;

    screen.go("portfolio").await;
    screen.read("Self-checked").await;
    let words =
        "Ten years of platforms behind me. What I wanted to know: **what a model asks of the machine below it**.";
    screen.find("textarea[aria-label='Introduction, in Markdown']").await.send_keys(words).await.unwrap();
    screen.read("Kept at").await;
    screen.press("Export Markdown").await;
    screen.read("portfolio.md").await;
    screen.picture("portfolio-light").await;
    assert!(fs::read_to_string(home.folder.path().join("workspaces/portfolio.md")).unwrap().contains("Orientation"));
    screen.close().await;
}

#[tokio::test]
async fn the_playground_streams_and_stops() {
    let home = Home::new();
    let screen = Screen::open(&home).await;
    screen.go("models").await;
    screen.read("SmolLM2").await;
    let ask = screen.find("textarea").await;
    ask.send_keys("Write a very long story about a data centre.").await.unwrap();
    screen.press("Send").await;
    screen.find("[data-testid='answer']:not(:empty)").await;
    screen.press("Stop").await;
    screen.read("stopped").await;
    let answer = screen.find("[data-testid='answer']").await.text().await.unwrap();
    assert!(answer.len() < 4_000, "it stopped early: {answer}");
    screen.in_both_themes("models").await;
    // Anywhere in the window, the keys open the palette.
    ask_palette(&screen, "keyb").await;
    screen.read("closes what is open").await;
    screen.in_both_themes("shortcuts").await;
    screen.press("Close").await;
    screen.gone("dialog").await;
    ask_palette(&screen, "sett").await;
    screen.read("Python").await;
    screen.picture("settings-light").await;
    screen.close().await;
}

/// Finds a command by a few letters and runs it.
async fn ask_palette(screen: &Screen, letters: &str) {
    screen.keys("k").await;
    let field = screen.find("[role='combobox']").await;
    screen.in_both_themes("palette").await;
    field.send_keys(letters).await.unwrap();
    screen.gone("[role='option'] + [role='option']").await;
    screen.in_both_themes("palette-found").await;
    field.send_keys(&char::from(Key::Enter).to_string()).await.unwrap();
}
