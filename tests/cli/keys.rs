//! Keys from the terminal, beside a gateway that runs in another process.

use std::fs;

use super::deployments::Serving;
use crate::support::Home;

const LAB: &str = "orientation";

/// The key in the lab's activation file.
fn key(home: &Home) -> String {
    let file = home.folder.path().join("workspaces").join(LAB).join(".groundwork/activate");
    let text = fs::read_to_string(file).unwrap();
    let start = text.find("gw-").unwrap();
    text[start..].chars().take_while(|letter| letter.is_ascii_alphanumeric() || *letter == '-').collect()
}

#[tokio::test]
async fn a_renewed_key_is_the_only_one_at_once() {
    let home = Home::new();
    let model = home.json(&["deployment", "list"])[0]["model"].as_str().unwrap().to_owned();
    home.must(&["lab", "start", LAB, "--no-editor"]);
    let serving = Serving::start(&home);
    let before = key(&home);
    assert_eq!(serving.ask_with(&before, &model).await.0, 200);
    let listed = home.must(&["key", "list"]);
    assert!(listed.contains(LAB) && listed.contains(&before[..9]) && listed.contains("last used 2"), "{listed}");
    assert!(!listed.contains(&before), "{listed}");

    home.must(&["key", "renew", LAB]);
    let after = key(&home);
    assert_ne!(before, after);
    assert_eq!(serving.ask_with(&before, &model).await.0, 401);
    assert_eq!(serving.ask_with(&after, &model).await.0, 200);
}

#[test]
fn what_has_no_key_says_so() {
    let home = Home::new();
    assert!(home.must(&["key", "list"]).contains("No workspace has a key yet."));
    let said = home.run(&["key", "renew", LAB]);
    assert_eq!(said.code, Some(1));
    assert!(said.err.contains("groundwork lab start orientation"), "{said:?}");
}
