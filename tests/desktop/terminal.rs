//! The learner's shell in the window: real keys, a real shell, the colours and sizes that are drawn.

use fantoccini::key::Key;

use super::screen::Screen;
use crate::support::Home;

const INPUT: &str = ".xterm-helper-textarea";

#[tokio::test]
async fn a_shell_runs_in_the_window_with_what_the_guide_asks_for() {
    let home = Home::new();
    let screen = Screen::open_with(&home, &[("SHELL", "/bin/bash"), ("PS1", "'here> '")]).await;
    screen.go("lab/orientation").await;
    screen.press("Start lab").await;
    screen.find("[data-check='profile-filled'][data-status='failed']").await;

    screen.click("#below-terminal").await;
    let keys = screen.find(INPUT).await;
    said(&screen, "$").await;
    // In two halves: what is typed is no answer.
    keys.send_keys(
        "echo key-${OPENAI_API_KEY:0:3}; printf '\\033[31mred\\033[0m \\033[38;2;9;99;199mtrue\\033[0m\\n'\n",
    )
    .await
    .unwrap();
    said(&screen, "key-gw").await;
    prompt(&screen).await;
    // The policy of the window allows no style as text; the colours are there all the same.
    let colour = "return [...document.querySelectorAll('.xterm-rows span')]
        .filter((span) => span.textContent === 'WORD').map((span) => getComputedStyle(span).color)[0]";
    let red = screen.run(&colour.replace("WORD", "red")).await;
    let wanted = screen
        .run(
            "const probe = document.createElement('i'); probe.style.color = 'var(--bad)'; document.body.append(probe);
             const colour = getComputedStyle(probe).color; probe.remove(); return colour",
        )
        .await;
    assert_eq!(red, wanted);
    assert_eq!(screen.run(&colour.replace("WORD", "true")).await, "rgb(9, 99, 199)");

    // Tab is the shell's, F6 leaves.
    keys.send_keys(&format!("ls profile.t{}\n", Key::Tab)).await.unwrap();
    said(&screen, "profile.toml").await;
    prompt(&screen).await;
    keys.send_keys(&Key::F6.to_string()).await.unwrap();
    assert_eq!(screen.run("return document.activeElement.id").await, "below-terminal");

    // The shell knows how much room it has, also when there is more.
    keys.send_keys("tput lines\n").await.unwrap();
    prompt(&screen).await;
    let before = rows(&screen).await;
    let handle = screen.find("[role='separator']").await;
    handle.send_keys(&Key::Up.to_string().repeat(6)).await.unwrap();
    let grown = grown(&screen, before).await;
    keys.send_keys("echo \"rows-$(tput lines)\"\n").await.unwrap();
    said(&screen, &format!("rows-{grown}")).await;
    prompt(&screen).await;

    // A command of the guide runs where the learner sees it.
    screen.press_in(".guide .code.headed ~ .code.headed", "Run in the terminal").await;
    said(&screen, "openai 1.").await;
    prompt(&screen).await;
    screen.in_both_themes("terminal").await;

    // The screen is left and comes back with what was on it.
    screen.go("plan").await;
    screen.gone(INPUT).await;
    screen.go("lab/orientation").await;
    screen.click("#below-terminal").await;
    said(&screen, &format!("rows-{grown}")).await;

    // A flood does not stop the window.
    screen.find(INPUT).await.send_keys("yes\n").await.unwrap();
    tokio::time::sleep(std::time::Duration::from_secs(2)).await;
    screen.find(INPUT).await.send_keys(&format!("{}c", Key::Control)).await.unwrap();
    screen.find(INPUT).await.send_keys("echo over-\"now\"\n").await.unwrap();
    said(&screen, "over-now").await;

    screen.find(INPUT).await.send_keys("exit\n").await.unwrap();
    screen.read("The shell has ended").await;
    screen.in_both_themes("terminal-ended").await;
    screen.press("Start another").await;
    screen.gone(".ended").await;

    screen.click("#below-notes").await;
    // A shell that has just started takes the focus late.
    screen.click("textarea[aria-label='Notes in Markdown']").await;
    let notes = screen.find("textarea[aria-label='Notes in Markdown']").await;
    let enter = Key::Enter.to_string().repeat(2);
    notes.send_keys(&format!("## Ports{enter}- the gateway has **one**")).await.unwrap();
    screen.read("Kept at").await;
    screen.in_both_themes("notes").await;
    screen.press("Read as a page").await;
    screen.in_both_themes("notes-page").await;
    screen.close().await;
    assert_eq!(home.must(&["lab", "notes", "orientation"]).trim_end(), "## Ports\n\n- the gateway has **one**");
}

/// Waits until the terminal shows it at the beginning of a line, or anywhere where it is a prompt.
async fn said(screen: &Screen, text: &str) {
    let begins = |line: &str| line.starts_with(text) || (text == "$" && line.contains(['$', '#', '>']));
    shows(screen, text, |shown| shown.lines().any(begins)).await;
}

/// Waits until the shell waits for a command: what is typed before is on the screen twice.
async fn prompt(screen: &Screen) {
    shows(screen, "a prompt in its last line", |shown| shown.trim_end().ends_with(['$', '#'])).await;
}

async fn shows(screen: &Screen, what: &str, holds: impl Fn(&str) -> bool) {
    let began = std::time::Instant::now();
    loop {
        let shown = screen
            .run("return [...document.querySelectorAll('.xterm-rows > div')].map((row) => row.textContent).join('\\n')")
            .await;
        let shown = shown.as_str().unwrap_or_default().replace('\u{a0}', " ");
        if holds(&shown) {
            return;
        }
        if began.elapsed().as_secs() > 60 {
            screen.picture("missing").await;
            panic!("the terminal does not show {what:?}:\n{shown}");
        }
        tokio::time::sleep(std::time::Duration::from_millis(50)).await;
    }
}

/// The rows once there are more than before, and no more come.
async fn grown(screen: &Screen, before: u64) -> u64 {
    let began = std::time::Instant::now();
    let mut last = before;
    loop {
        tokio::time::sleep(std::time::Duration::from_millis(500)).await;
        let now = rows(screen).await;
        if now > before && now == last {
            return now;
        }
        last = now;
        assert!(began.elapsed().as_secs() < 60, "the screen did not grow");
    }
}

async fn rows(screen: &Screen) -> u64 {
    screen.run("return document.querySelectorAll('.xterm-rows > div').length").await.as_u64().unwrap_or_default()
}
