//! Lab 0 in the window, from first start to the exported page.

use std::fs;

use fantoccini::Locator;

use super::screen::Screen;
use crate::support::Home;

#[tokio::test]
async fn lab_0_turns_green_in_the_window() {
    let home = Home::new();
    let screen = Screen::open(&home).await;
    screen.read("Orientation").await;
    for theme in ["dark", "light"] {
        wear(&screen, theme).await;
        screen.picture(&format!("plan-{theme}")).await;
    }

    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    screen.read("is not filled in").await;
    assert!(home.workspace().join("profile.toml").exists());
    for theme in ["dark", "light"] {
        wear(&screen, theme).await;
        screen.picture(&format!("lab-started-{theme}")).await;
    }

    fs::copy(home.resources.join("labs/orientation/solution/profile.toml"), home.workspace().join("profile.toml"))
        .unwrap();
    screen.find("[data-check='profile-filled'][data-status='passed']").await;
    home.solve();
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
    for theme in ["dark", "light"] {
        wear(&screen, theme).await;
        screen.picture(&format!("lab-green-{theme}")).await;
    }

    screen.go("portfolio").await;
    screen.read("Self-checked").await;
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
    for theme in ["dark", "light"] {
        wear(&screen, theme).await;
        screen.picture(&format!("models-{theme}")).await;
    }
    screen.go("settings").await;
    screen.read("Python").await;
    screen.picture("settings-light").await;
    screen.close().await;
}

pub async fn wear(screen: &Screen, theme: &str) {
    let script = format!("document.documentElement.dataset.theme = '{theme}'");
    screen.client.execute(&script, Vec::new()).await.unwrap();
    // Colours fade for a moment.
    tokio::time::sleep(std::time::Duration::from_millis(300)).await;
}
