//! A pack from elsewhere in the window: shown before anything of it runs, allowed, done, and left again.

use std::fs;

use super::screen::Screen;
use crate::{
    packs::{install_workshop, workshop},
    support::Home,
};

#[tokio::test]
async fn a_pack_from_elsewhere_is_allowed_before_it_runs() {
    let home = Home::new();
    install_workshop(&home, 1);
    let screen = Screen::open(&home).await;
    screen.choose("select", "Workshop: limits").await;
    screen.read("Limits of a service").await;
    screen.in_both_themes("packs-plan").await;
    screen.go("lab/first-lab").await;
    screen.read("This pack did not come with Groundwork").await;
    screen.read("echo ran > mark").await;
    screen.in_both_themes("packs-consent").await;
    let mark = workshop(&home).join("mark");
    screen.press("Allow this pack").await;
    screen.press("Start lab").await;
    screen.find("[data-check='marks'][data-status='passed']").await;
    assert!(mark.exists());

    screen.go("plan").await;
    screen.choose("select", "From cloud platform engineer").await;
    screen.read("Orientation").await;

    // The pack before is no longer looked at: a save in its workspace runs nothing, while a lab of this one starts.
    fs::remove_file(&mark).unwrap();
    fs::write(mark.with_file_name("service.toml"), "port = 8080\n").unwrap();
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    assert!(!mark.exists());
    screen.close().await;
}
