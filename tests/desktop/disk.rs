//! A disk that fills up or may not be written while the window is open: said there, and nothing lost.

use std::fs;

use super::screen::Screen;
use crate::support::{Home, apart};

#[test]
fn a_full_disk_is_named_beside_the_check_and_the_next_save_is_kept() {
    apart(&["-rm"], "desktop::disk::on_a_full_disk");
}

#[tokio::test]
#[ignore = "started by a_full_disk_is_named_beside_the_check_and_the_next_save_is_kept"]
async fn on_a_full_disk() {
    let home = Home::on_a_small_disk(400);
    let screen = Screen::open(&home).await;
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    screen.find("[data-check='notes-decide'][data-status='failed']").await;

    home.fill();
    let solution = home.resources.join("labs/orientation/solution/profile.toml");
    let save = || fs::write(home.workspace().join("profile.toml"), fs::read(&solution).unwrap()).unwrap();
    save();
    screen.find("[data-check='profile-filled'][data-status='error']").await;
    screen.click("[data-check='profile-filled']").await;
    screen.read("Free some space on that disk").await;
    screen.picture("disk-full").await;

    home.make_room();
    save();
    screen.find("[data-check='profile-filled'][data-status='passed']").await;
    screen.close().await;
}

#[test]
fn a_read_only_disk_is_named_in_the_window() {
    apart(&["-rm"], "desktop::disk::on_a_read_only_disk");
}

#[tokio::test]
#[ignore = "started by a_read_only_disk_is_named_in_the_window"]
async fn on_a_read_only_disk() {
    let home = Home::on_a_small_disk(40);
    home.must(&["plan"]);
    home.write_protect();
    let screen = Screen::open(&home).await;
    screen.read("Read-only file system").await;
    screen.picture("disk-read-only").await;
    screen.close().await;
}
