//! A guide with every mark on it, and checks that turn green by what is told, asked and written down, in the window.

use fantoccini::Locator;

use super::screen::Screen;
use crate::support::Home;

async fn scroll_to(screen: &Screen, css: &str) {
    screen.find(css).await;
    screen.run(&format!("document.querySelector(`{css}`).scrollIntoView({{ block: 'start' }})")).await;
}

#[tokio::test]
async fn the_guide_shows_its_marks_and_checks_turn_green_by_what_is_told() {
    let home = Home::with_telling_pack();
    let screen = Screen::open(&home).await;
    screen.go("lab/telling").await;
    screen.press("Start lab").await;
    screen.find("[data-check='called'][data-status='failed']").await;

    // The guide.
    let drawn =
        "const image = document.querySelector('.guide figure img'); return image.complete && image.naturalWidth";
    assert_eq!(screen.run(drawn).await, 480, "the figure is drawn under the content policy");
    screen.in_both_themes("guide-top").await;
    let page = screen.find(".guide").await.text().await.unwrap();
    let box_for =
        |system: &str, words: &str| assert_eq!(page.contains(words), system == std::env::consts::OS, "{words}");
    box_for("linux", "The address is free again at once.");
    box_for("windows", "This is not for you.");
    assert_ne!(page.contains("In a container"), page.contains("Without a container"), "{page}");
    assert!(!page.contains("document.title") && !page.contains("[!"), "{page}");
    assert_eq!(screen.client.title().await.unwrap(), "Tell of it · Groundwork", "no script of the pack ran");
    for (css, name) in [(".guide [data-anchor='set-it-up']", "guide-code"), (".guide table", "guide-table")] {
        scroll_to(&screen, css).await;
        screen.in_both_themes(name).await;
    }

    // A question in the text, and a link to a check.
    screen.click("[data-in-place='why-a-parent'] input[value='cause']").await;
    screen.click("[data-in-place='why-a-parent'] form button").await;
    screen.find("[data-check='why-a-parent'][data-status='passed']").await;
    screen.press("GET /health").await;
    screen.find("[data-detail='called']").await;
    screen.press("on the next page").await;
    screen.read("Nothing is left to check.").await;
    screen.click("[aria-label='Previous step']").await;

    // A call and spans from a terminal: nothing was saved, and the checks look again.
    home.run_ask("ask");
    screen.find("[data-check='called'][data-status='passed']").await;
    screen.click("[role='tab'][id='below-traces']").await;
    screen.read("No traces yet").await;
    screen.in_both_themes("traces-none").await;
    home.run_ask("tell 6");
    screen.find("[data-check='traced'][data-status='passed']").await;
    screen.press("chat smollm2 3").await;
    screen.read("gen_ai.request.model").await;
    screen.in_both_themes("traces").await;
    for _ in 0..20 {
        home.run_ask("tell 500");
    }
    screen.read("older spans no longer kept").await;
    let rows = screen.client.find_all(Locator::Css(".waterfall tbody tr")).await.unwrap().len();
    assert!(rows < 60, "{rows} rows are drawn");
    screen.in_both_themes("traces-many").await;

    // An entry.
    screen.click("[data-check='joined']").await;
    let field = |css: &'static str| screen.find(css);
    field("[data-detail='joined'] input").await.send_keys("MLOps Community").await.unwrap();
    field("[data-detail='joined'] input[inputmode='url']").await.send_keys("mlops.community").await.unwrap();
    field("[data-detail='joined'] textarea").await.send_keys("They build gateways there too.").await.unwrap();
    screen.press("Save entry").await;
    screen.read("is not an address of the web").await;
    screen.in_both_themes("entry-refused").await;
    let url = field("[data-detail='joined'] input[inputmode='url']").await;
    url.clear().await.unwrap();
    url.send_keys("https://mlops.community").await.unwrap();
    screen.press("Save entry").await;
    screen.find("[data-check='joined'][data-status='passed']").await;
    assert_eq!(screen.run("return document.querySelector('.window').getBoundingClientRect().top").await, 0);
    screen.in_both_themes("entry-kept").await;

    // Written by mistake: its words are in the form again, and the check is red.
    screen.run("document.querySelector('[data-detail=joined] .back').scrollIntoView({ block: 'center' })").await;
    assert_eq!(screen.run("return document.querySelector('.window').getBoundingClientRect().top").await, 0);
    screen.in_both_themes("entry-back").await;
    screen.press("Take back").await;
    screen.find("[data-check='joined'][data-status='failed']").await;
    let title = "return document.querySelector(\"[data-detail='joined'] input\").value";
    screen.until(title, |title| *title == "MLOps Community").await;
    screen.close().await;
}
