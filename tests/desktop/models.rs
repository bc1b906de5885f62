//! A learner's own model through the window: brought, chosen, measured, asked, served by another name, and removed.

use std::fs;

use super::screen::Screen;
use crate::{cli::models::model, support::Home};

fn card(id: &str) -> String {
    format!("section[aria-labelledby='model-{id}']")
}

#[tokio::test]
async fn an_own_model_is_brought_chosen_measured_and_removed() {
    let home = Home::new();
    let page = home.folder.path().join("page.gguf");
    fs::write(&page, "<html>").unwrap();
    let screen = Screen::open(&home).await;
    screen.go("models").await;
    screen.read("can reach it").await;

    screen.press("Add").await;
    screen.find("dialog input.mono").await.send_keys(page.to_str().unwrap()).await.unwrap();
    screen.in_both_themes("models-add").await;
    screen.press("Import").await;
    screen.read("is not a GGUF model file").await;
    screen.read("Choose a file that ends in .gguf.").await;

    screen.press("Add").await;
    screen.find("dialog input.mono").await.send_keys(model("qwen3.gguf").to_str().unwrap()).await.unwrap();
    screen.find("dialog input[maxlength='64']").await.send_keys("mine").await.unwrap();
    screen.press("Import").await;
    screen.read("mine is installed.").await;
    screen.press_in(&card("mine"), "Measure").await;
    screen.read("tokens/s here").await;
    screen.press_in(&card("mine"), "Make default").await;
    screen.read("Ask mine anything").await;
    screen.find("textarea").await.send_keys("Hi.").await.unwrap();
    screen.press("Send").await;
    screen.read("tok/s").await;

    screen.press_in("section[aria-labelledby='deployments']", "New").await;
    screen.find("dialog input[maxlength='64']").await.send_keys("gpt-4.1").await.unwrap();
    screen.find("dialog .row input").await.send_keys("6000").await.unwrap();
    screen.in_both_themes("models-deploy").await;
    screen.press("Serve it").await;
    screen.read("6,000 tokens/min").await;
    screen.in_both_themes("models-own").await;
    screen.run("document.querySelector('#deployments').scrollIntoView()").await;
    screen.in_both_themes("models-deployed").await;
    assert!(home.must(&["deployment", "list"]).contains("gpt-4.1"));
    screen.click("[aria-label='Remove gpt-4.1']").await;

    screen.press_in(&card("smollm2-135m-instruct"), "Make default").await;
    screen.read("of 8,192 tokens").await;
    screen.press_in(&card("mine"), "Remove").await;
    screen.press_in("dialog", "Remove").await;
    screen.gone(&card("mine")).await;
    assert!(!home.must(&["model", "list"]).contains("mine") && !home.must(&["deployment", "list"]).contains("gpt-4.1"));
    screen.close().await;
}
