//! A learner's folder in the window: taken in, seen on the map, asked, laid out by neighbours, measured, deleted.

use std::fs;

use fantoccini::Locator;

use super::screen::Screen;
use crate::support::Home;

const TOPICS: [(&str, &str); 4] = [
    (
        "backups",
        "The nightly backup of the database is restored in the recovery account with the key of the on-call engineer.",
    ),
    ("network", "Packets between the two zones are dropped when the load balancer loses its health checks."),
    ("billing", "The invoice of a tenant counts compute hours, storage and the discount of its contract."),
    ("hiring", "An interview for the platform team asks about one incident that the candidate led."),
];

/// Twelve documents on each of four matters, some of them in several chunks.
fn documents(home: &Home) -> String {
    let folder = home.folder.path().join("handbook");
    for (topic, text) in TOPICS {
        fs::create_dir_all(folder.join(topic)).unwrap();
        for number in 0..12 {
            let body =
                format!("# {topic} {number}\n\n{}", format!("{text} Case {number} of {topic}. ").repeat(1 + number));
            fs::write(folder.join(topic).join(format!("{topic}-{number}.md")), body).unwrap();
        }
    }
    folder.display().to_string()
}

#[tokio::test]
async fn a_folder_becomes_a_map_that_answers() {
    let home = Home::new();
    let folder = documents(&home);
    let screen = Screen::open(&home).await;
    screen.go("vectors").await;
    screen.read("No collections yet").await;
    screen.in_both_themes("vectors-empty").await;

    screen.press("New collection").await;
    screen.find("dialog input[required]").await.send_keys("handbook").await.unwrap();
    screen.find("dialog input.mono").await.send_keys(&folder).await.unwrap();
    screen.in_both_themes("vectors-new").await;
    screen.press("Take documents in").await;
    screen.find("[role='application']").await;
    screen.read("of the variance").await;

    let ask = screen.find("[aria-label='Text to look for']").await;
    ask.send_keys("How do I get lost data back?").await.unwrap();
    screen.press("Ask").await;
    let first = screen.find("section[aria-label='Question'] ol li:first-child .title").await;
    assert!(first.text().await.unwrap().starts_with("backups/"));
    screen.in_both_themes("vectors-asked").await;
    screen.click("section[aria-label='Question'] ol li:first-child summary").await;
    screen.press("Its neighbours").await;
    screen.read("and its neighbours").await;

    screen.press("Neighbours").await;
    screen.press("Lay out neighbours").await;
    screen.read("distances between groups mean little").await;
    screen.in_both_themes("vectors-neighbours").await;

    screen.click("#collection-panel-index").await;
    screen.press("Measure").await;
    screen.find("table tbody tr").await;
    let rows = screen.client.find_all(Locator::Css("table tbody tr")).await.unwrap();
    assert_eq!(rows.len(), 7);
    screen.in_both_themes("vectors-index").await;

    screen.click("#collection-panel-compare").await;
    screen.in_both_themes("vectors-compare").await;
    let qdrant = screen.find("[placeholder='http://127.0.0.1:6333']").await;
    qdrant.send_keys("http://127.0.0.1:9").await.unwrap();
    screen.click(".compare button.primary").await;
    screen.read("What would change the answer").await;
    screen.read("cannot be reached").await;
    screen.in_both_themes("vectors-compared").await;

    screen.press("Delete").await;
    screen.click("dialog .danger").await;
    screen.read("No collections yet").await;
    screen.close().await;
}
