//! Snapshots and a newer version of a lab, in the window.

use std::{fs, time::Duration};

use super::screen::Screen;
use crate::support::Home;

#[tokio::test]
async fn what_a_reset_took_comes_back_and_an_update_says_what_it_did() {
    let home = Home::with_own_pack();
    let screen = Screen::open(&home).await;
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    let solution = home.resources.join("labs/orientation/solution/profile.toml");
    fs::copy(&solution, home.workspace().join("profile.toml")).unwrap();
    screen.find("[data-check='profile-filled'][data-status='passed']").await;
    fs::write(home.workspace().join("notes.md"), "my own words").unwrap();

    screen.press("Reset").await;
    screen.press("Reset lab").await;
    screen.read("The lab is back at its start").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    assert!(!home.workspace().join("notes.md").exists());
    screen.press("Snapshots").await;
    screen.read("Before a reset").await;
    for theme in ["light", "dark"] {
        screen.wear(theme).await;
        screen.picture(&format!("snapshots-{theme}")).await;
    }
    screen.click("[data-snapshot] button").await;
    screen.read("Your files of now are kept").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    screen.picture("snapshots-asked-dark").await;
    screen.press("Restore files").await;
    screen.read("Your files are back").await;
    screen.find("[data-check='profile-filled'][data-status='passed']").await;
    assert_eq!(fs::read_to_string(home.workspace().join("notes.md")).unwrap(), "my own words");
    screen.close().await;

    let lab = home.resources.join("labs/orientation");
    let text = fs::read_to_string(lab.join("lab.toml")).unwrap();
    let text = text.replace("\nversion = 1\n", "\nversion = 2\n").replace("max = 40", "max = 39");
    fs::write(lab.join("lab.toml"), text).unwrap();
    for file in ["profile.toml", "ask.py"] {
        let text = fs::read_to_string(lab.join("starter").join(file)).unwrap();
        fs::write(lab.join("starter").join(file), text + "\n# version 2\n").unwrap();
    }
    let screen = Screen::open(&home).await;
    screen.go("lab/orientation").await;
    screen.read("Version 2 of this lab is here.").await;
    screen.click("[data-check='profile-filled'][data-status='stale']").await;
    screen.in_both_themes("new-version").await;
    screen.press("Update files").await;
    screen.read("profile.toml.new beside yours").await;
    screen.find("[data-check='profile-filled'][data-status='passed']").await;
    tokio::time::sleep(Duration::from_millis(300)).await;
    for theme in ["light", "dark"] {
        screen.wear(theme).await;
        screen.picture(&format!("updated-{theme}")).await;
    }
    assert!(home.workspace().join("profile.toml.new").exists());
    screen.close().await;
}
