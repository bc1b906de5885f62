//! Bad input and broken machines in the window: named where the learner meets them, with what to do next.

use std::net::TcpListener;

use super::screen::Screen;
use crate::{
    cli::faults::{edit, with_bad_model},
    support::Home,
};

#[tokio::test]
async fn a_damaged_pack_is_named_with_its_line_and_read_again_once_mended() {
    let home = Home::with_own_pack();
    let lab = "labs/orientation/lab.toml";
    edit(&home, lab, |text| text.replacen("kind = \"data\"", "kind = \"dada\"", 1));
    let screen = Screen::open(&home).await;
    screen.read("there is no kind of check called").await;
    screen.read("Did you mean").await;
    screen.read("orientation/lab.toml:").await;
    screen.in_both_themes("fault-pack").await;
    edit(&home, lab, |text| text.replacen("kind = \"dada\"", "kind = \"data\"", 1));
    screen.press("Try again").await;
    screen.read("Orientation: from save to first token").await;
    screen.close().await;
}

#[tokio::test]
async fn an_altered_model_is_never_asked() {
    let home = with_bad_model("altered");
    let screen = Screen::open(&home).await;
    screen.go("models").await;
    screen.find("[role='alert']").await;
    screen.in_both_themes("fault-model").await;
    screen.read("is not the one that its manifest describes").await;
    let ask = screen.find("textarea").await;
    assert!(!ask.is_enabled().await.unwrap(), "nobody can ask it");
    screen.close().await;
}

#[tokio::test]
async fn a_port_already_taken_is_named_and_the_rest_goes_on() {
    let home = Home::new();
    let taken = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = taken.local_addr().unwrap().port().to_string();
    let screen = Screen::open_with(&home, &[("GROUNDWORK_PORT", &port)]).await;
    screen.read("Orientation").await;
    screen.go("models").await;
    screen.read(&format!("Port {port} is already taken by")).await;
    screen.in_both_themes("fault-port").await;
    drop(taken);
    screen.press("Check again").await;
    screen.read("Each lab's folder has its own key for it.").await;
    screen.close().await;
}

#[tokio::test]
async fn no_python_says_how_to_get_one() {
    let home = Home::new();
    let screen = Screen::open_with(&home, &[("PATH", "/nonexistent")]).await;
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.read("Python 3.10").await;
    screen.find("[role='alert']").await;
    screen.in_both_themes("fault-python").await;
    screen.go("settings").await;
    screen.read("Isolation").await;
    screen.in_both_themes("fault-settings").await;
    screen.close().await;
}
