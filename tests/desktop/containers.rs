//! Containers in the window, on a real engine: a stack of a workspace is brought up, looked at, stopped and taken down; an
//! image is built and its layers are seen; what is left over goes.

use std::path::Path;

use super::screen::Screen;
use crate::support::{Home, copy};

/// Chooses what stands by exactly this name in the list: other tests' stacks may stand there, too.
async fn choose(screen: &Screen, name: &str) {
    screen.click(&format!("nav[aria-label='What the engine has'] button:has([title='{name}'])")).await;
}

#[tokio::test]
async fn a_stack_and_an_image_of_a_workspace_from_first_to_last() {
    let home = Home::with_own_pack();
    let labs = home.resources.join("labs");
    std::fs::remove_dir_all(&labs).unwrap();
    copy(&Path::new(env!("CARGO_MANIFEST_DIR")).join("fixtures/containers"), &labs);
    home.must(&["pack", "lint", labs.to_str().unwrap()]);
    home.must(&["lab", "start", "shipping", "--no-editor"]);
    copy(&labs.join("shipping/solution"), &home.folder.path().join("workspaces/shipping"));

    let engine = std::env::var("GROUNDWORK_TEST_ENGINE").expect("an engine, as `cargo xtask test` brings one");
    let screen = Screen::open_with(&home, &[("DOCKER_HOST", &engine)]).await;
    screen.go("containers").await;
    screen.read("In your workspaces").await;
    choose(&screen, "compose.yaml").await;
    screen.in_both_themes("containers-file").await;
    screen.press("Bring up").await;
    screen.read("(healthy)").await;
    screen.find("td svg polyline").await;
    screen.read("of 1.1 GB").await;
    screen.in_both_themes("containers-stack").await;

    choose(&screen, "Dockerfile").await;
    let name = screen.find("form input.mono").await;
    name.clear().await.unwrap();
    name.send_keys("groundwork-window-test:1").await.unwrap();
    screen.press("Build").await;
    screen.read("Successfully tagged groundwork-window-test:1").await;
    screen.in_both_themes("containers-build").await;

    choose(&screen, "Images").await;
    screen.press("groundwork-window-test:1").await;
    screen.read("COPY").await;
    screen.in_both_themes("containers-images").await;

    choose(&screen, "shipping/compose.yaml").await;
    screen.press("Stop").await;
    screen.read("Exited (0)").await;
    screen.press("Take down").await;
    screen.click("dialog input[type='checkbox']").await;
    screen.in_both_themes("containers-down").await;
    screen.click("dialog button.danger").await;
    screen.read("Bring up").await;
    choose(&screen, "Clean up").await;
    screen.read("Remove").await;
    screen.in_both_themes("containers-left").await;
    screen.close().await;
    home.must(&["image", "remove", "groundwork-window-test:1"]);
}

#[tokio::test]
async fn without_an_engine_the_screen_says_what_brings_one() {
    let home = Home::new();
    let host = format!("unix://{}/none.sock", home.folder.path().display());
    let screen = Screen::open_with(&home, &[("DOCKER_HOST", &host)]).await;
    screen.go("containers").await;
    screen.read("unset DOCKER_HOST").await;
    screen.in_both_themes("containers-none").await;
    screen.close().await;
}
