//! axe-core's rules for WCAG 2.2 AA, on a page that is really laid out and drawn: contrast and the sizes of targets too.

use serde_json::json;

use super::screen::Screen;
use crate::support::Home;

pub const SCREENS: [&str; 8] =
    ["plan", "lab/orientation", "models", "vectors", "containers", "roadmap", "portfolio", "settings"];

/// What the rules find wrong on each screen, in each theme, plain and with more contrast.
pub async fn walk(screen: &Screen, ready: &str) {
    let mut found = Vec::new();
    for place in SCREENS {
        screen.go(place).await;
        screen.find(ready).await;
        for (theme, contrast) in [("light", "plain"), ("dark", "plain"), ("light", "more"), ("dark", "more")] {
            screen.run(&format!("document.documentElement.dataset.contrast = '{contrast}'")).await;
            screen.wear(theme).await;
            for violation in violations(screen).await {
                found.push(format!("{place}, {theme}, {contrast}: {violation}"));
            }
        }
    }
    assert!(found.is_empty(), "{}", found.join("\n"));
}

/// What these screens have wrong in any of their states (`states.js`): each tab, what was folded, each dialog. Looks for
/// texts that stand out of their box or are cut off and, where `rules` is set, asks axe-core's rules in both themes.
pub async fn states(screen: &Screen, places: &[&str], rules: bool) -> Vec<String> {
    bring_axe(screen).await;
    if screen.run("return typeof everyState").await == "undefined" {
        screen.run(include_str!("states.js")).await;
    }
    let mut found = Vec::new();
    for place in places {
        screen.go(place).await;
        let said = screen
            .wait_for(&format!(
                "const done = arguments[arguments.length - 1];
                 everyState({rules}).then(done, (error) => done({{ looked: [], found: [String(error.stack)] }}));"
            ))
            .await;
        let wrong = said["found"].as_array().unwrap();
        found.extend(wrong.iter().map(|each| format!("{place}: {}", each.as_str().unwrap())));
        if said["looked"].as_array().unwrap().is_empty() {
            found.push(format!("{place}: nothing was looked at"));
        }
    }
    found
}

async fn bring_axe(screen: &Screen) {
    if screen.run("return typeof axe").await == "undefined" {
        let axe = concat!(env!("CARGO_MANIFEST_DIR"), "/../ui/node_modules/axe-core/axe.min.js");
        screen.run(&std::fs::read_to_string(axe).unwrap()).await;
    }
}

async fn violations(screen: &Screen) -> Vec<String> {
    bring_axe(screen).await;
    let said = screen
        .wait_for(
            "const done = arguments[arguments.length - 1];
             axe.run(document, { runOnly: ['wcag2a', 'wcag2aa', 'wcag21aa', 'wcag22aa', 'best-practice'] }).then(
               ({ violations, passes }) => done({
                 rules: passes.length,
                 wrong: violations.flatMap(({ id, nodes }) => nodes.map((node) => `${id}: ${node.failureSummary} ${node.html}`)),
               }),
               (error) => done({ rules: 0, wrong: [String(error)] }));",
        )
        .await;
    let mut wrong: Vec<String> =
        said["wrong"].as_array().unwrap().iter().map(|text| text.as_str().unwrap().to_owned()).collect();
    // Rules that had nothing to look at would find nothing wrong.
    if said["rules"].as_u64().unwrap() < 10 {
        wrong.push(format!("only {} rules had something to look at", said["rules"]));
    }
    wrong
}

/// That no screen, on none of its tabs, has anything beyond the window's right edge but what scrolls on its own.
pub async fn fits(screen: &Screen) {
    let width = screen.run("return innerWidth").await;
    for place in SCREENS {
        screen.go(place).await;
        screen.find("main h1").await;
        let tabs = screen.run("return document.querySelectorAll('main [role=tab]').length").await.as_u64().unwrap();
        for tab in 0..tabs.max(1) {
            screen.run(&format!("document.querySelectorAll('main [role=tab]')[{tab}]?.click()")).await;
            let beyond = screen
                .run(
                    "const right = (node) => node.getBoundingClientRect().right;
                     const own = (node) => node.closest('pre, .services, table, .xterm');
                     return [...document.querySelectorAll('body *')].filter((node) => right(node) > innerWidth + 0.5 && !own(node))
                       .map((node) => `${node.tagName}.${node.className} ends at ${right(node)}`);",
                )
                .await;
            assert_eq!(beyond, json!([]), "{place}, tab {tab}, in a window of {width}");
        }
    }
}

#[tokio::test]
async fn the_window_can_be_magnified_twice_and_remembers_it() {
    let home = Home::new();
    let screen = Screen::open(&home).await;
    let usual = screen.run("return innerWidth").await.as_u64().unwrap();
    for _ in 0..5 {
        screen.keys("=").await;
    }
    screen.until("return innerWidth", |width| width.as_u64() == Some(usual / 2)).await;
    screen.picture("magnified").await;
    fits(&screen).await;
    screen.run("location.reload()").await;
    screen.find("nav").await;
    assert_eq!(screen.run("return localStorage.zoom").await, "200");
    screen.keys("0").await;
    screen.until("return innerWidth", |width| width.as_u64() == Some(usual)).await;
    screen.close().await;
}

#[tokio::test]
async fn every_screen_of_the_window_is_accessible() {
    let home = Home::new();
    let screen = Screen::open(&home).await;
    walk(&screen, "main h1").await;
    screen.close().await;
}
