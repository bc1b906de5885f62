//! What a desktop expects: one window, links, notifications, a place that is kept, a breakdown that is told.

use std::{
    fs,
    io::{BufRead, BufReader},
    process::Stdio,
    time::Duration,
};

use super::screen::Screen;
use crate::support::{Home, program};

#[tokio::test]
async fn a_second_start_follows_its_link_in_the_open_window_and_ends() {
    let home = Home::new();
    let screen = Screen::open(&home).await;
    screen.find("main[aria-label='Plan']").await;
    let start = |link: &str| {
        let mut second = screen.beside(&home, program("desktop"));
        second.arg(link).stdout(Stdio::null()).stderr(Stdio::null());
        async move { tokio::task::spawn_blocking(move || second.status().unwrap()).await.unwrap() }
    };
    assert!(start("groundwork://lab/embeddings").await.success());
    screen.find("main[aria-label='Lab']").await;
    screen.read("Embeddings").await;
    assert!(start("groundwork://models").await.success());
    screen.find("main[aria-label='Models']").await;
    // Nobody's link: the window comes forward, and stays where it is.
    assert!(start("groundwork://../../etc/passwd").await.success());
    screen.find("main[aria-label='Models']").await;
    screen.close().await;
}

#[tokio::test]
async fn the_window_opens_as_it_was_left_and_long_work_is_told_of() {
    let home = Home::new();
    let state = home.folder.path().join("data/window.json");
    fs::create_dir_all(state.parent().unwrap()).unwrap();
    let kept = r#"{"main":{"width":1111,"height":777,"x":30,"y":10,"prev_x":30,"prev_y":10,"maximized":false,"visible":true,"decorated":true,"fullscreen":false}}"#;
    fs::write(&state, kept).unwrap();
    let screen = Screen::open(&home).await;
    assert_eq!(screen.run("return [innerWidth, innerHeight]").await, serde_json::json!([1111, 777]));

    // Another data folder opens a window of its own, which takes the focus.
    let elsewhere = Home::new();
    let mut other = screen.beside(&home, program("desktop")).envs(elsewhere.variables()).spawn().unwrap();
    while screen.run("return document.hasFocus()").await == true {
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    let mut bus = screen
        .beside(&home, "dbus-monitor")
        .arg("interface='org.freedesktop.Notifications',member='Notify'")
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let heard = BufReader::new(bus.stdout.take().unwrap());
    let notified = std::thread::spawn(move || heard.lines().map_while(Result::ok).find(|line| line.contains("Done: ")));
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;
    let notified = tokio::task::spawn_blocking(|| notified.join().unwrap());
    let line = tokio::time::timeout(Duration::from_secs(60), notified).await.expect("no notification").unwrap();
    assert!(line.as_deref().is_some_and(|line| line.contains("Done: Starting")), "{line:?}");
    for child in [&mut bus, &mut other] {
        child.kill().unwrap();
        child.wait().unwrap();
    }

    let pid = screen.pid(&home);
    // As a desktop ends its programs when the learner logs out.
    assert!(std::process::Command::new("kill").arg(pid.to_string()).status().unwrap().success());
    while fs::read_link(format!("/proc/{pid}/exe")).is_ok() {
        tokio::time::sleep(Duration::from_millis(50)).await;
    }
    let kept: serde_json::Value = serde_json::from_slice(&fs::read(&state).unwrap()).unwrap();
    assert_eq!((&kept["main"]["width"], &kept["main"]["height"]), (&1111.into(), &777.into()));
}

#[tokio::test]
async fn a_breakdown_is_told_of_at_the_next_start_and_its_report_is_kept() {
    let home = Home::new();
    let data = home.folder.path().join("data");
    fs::create_dir_all(&data).unwrap();
    fs::write(data.join("crash.txt"), "what: index out of bounds: the len is 3\nwhere: somewhere.rs:1:2\n").unwrap();
    let screen = Screen::open(&home).await;
    screen.read("broke down when it last ran: index out of bounds").await;
    let kept = fs::read_dir(data.join("crashes")).unwrap().next().unwrap().unwrap().path();
    screen.read(&kept.display().to_string()).await;
    screen.in_both_themes("breakdown").await;
    screen.close().await;
    let said = home.run(&["plan"]);
    assert!(!said.err.contains("broke down"), "{}", said.err);
}
