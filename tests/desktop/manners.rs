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
    // Its environment is made anew, which takes long enough to be told of.
    fs::remove_file(home.folder.path().join("data/environments")).unwrap();
    let state = home.folder.path().join("data/window.json");
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
    screen.read("broke down: index out of bounds").await;
    let kept = fs::read_dir(data.join("crashes")).unwrap().next().unwrap().unwrap().path();
    screen.read(&kept.display().to_string()).await;
    screen.in_both_themes("breakdown").await;
    screen.close().await;
    let said = home.run(&["plan"]);
    assert!(!said.err.contains("broke down"), "{}", said.err);
}

#[tokio::test]
async fn a_page_that_is_killed_is_opened_again_and_a_window_that_is_killed_is_told_of() {
    let (owner, home) = (Home::new(), Home::new());
    let display = Screen::open(&owner).await;
    let data = home.folder.path().join("data");
    let reports = || fs::read_dir(data.join("crashes")).into_iter().flatten().flatten().map(|entry| entry.path());
    let mut window = display.beside(&owner, program("desktop"));
    window.envs(home.variables()).env("RUST_LOG", "start=info").stderr(Stdio::piped());
    let mut window = window.spawn().unwrap();
    let mut said = BufReader::new(window.stderr.take().unwrap()).lines().map_while(Result::ok);
    // WebKit itself gives up where a page's process dies before it has said hello.
    let drawn = move || said.any(|line| line.contains("usable_at")).then_some(said);
    let said = tokio::task::spawn_blocking(drawn).await.unwrap().expect("the plan was drawn");

    let first = page_of(window.id(), |_| true).await;
    assert!(std::process::Command::new("kill").args(["-9", &first.to_string()]).status().unwrap().success());
    page_of(window.id(), |page| page != first).await;
    // The new page asks what happened, so it is told of once the page is there.
    within_a_minute(|| reports().next()).await;
    let report = fs::read_to_string(reports().next().unwrap()).unwrap();
    assert!(report.contains("the window's page was gone, killed"), "{report}");

    window.kill().unwrap();
    window.wait().unwrap();
    drop(said);
    display.close().await;
    let screen = Screen::open(&home).await;
    screen.read("Groundwork broke down: it ended without closing").await;
    screen.in_both_themes("ended").await;
    screen.close().await;
}

/// The process of the window's page, once there is such a one.
async fn page_of(window: u32, is_it: impl Fn(u32) -> bool) -> u32 {
    within_a_minute(|| {
        let process = |entry: fs::DirEntry| {
            let stat = fs::read_to_string(entry.path().join("stat")).ok()?;
            let (name, rest) = stat.rsplit_once(')')?;
            let parent: u32 = rest.split_whitespace().nth(1)?.parse().ok()?;
            let page: u32 = entry.file_name().to_str()?.parse().ok()?;
            (name.contains("WebKitWebProces") && parent == window && is_it(page)).then_some(page)
        };
        fs::read_dir("/proc").unwrap().flatten().find_map(process)
    })
    .await
}

async fn within_a_minute<T>(mut find: impl FnMut() -> Option<T>) -> T {
    for _ in 0..600 {
        if let Some(found) = find() {
            return found;
        }
        tokio::time::sleep(Duration::from_millis(100)).await;
    }
    panic!("nothing after a minute")
}
