//! Who gets in.

use super::*;
use crate::{hash_key, identify, new_key};

#[tokio::test]
async fn only_this_machine_and_only_with_a_key() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let chat = Ask::post(CHAT, HELLO);
    let host = |host: &str| chat.clone().without("Host").with("Host", host);
    let origin = |origin: &str| chat.clone().with("Origin", origin);
    let key = |header: &'static str, value: &str| chat.clone().without("Authorization").with(header, value);
    let azure =
        |header: &'static str, value: &str| Ask::post(AZURE_CHAT, HELLO).without("Authorization").with(header, value);
    let table = [
        ("by name", host("localhost:8080"), "200"),
        ("by name, shouted", host("LOCALHOST"), "200"),
        ("IPv6", host("[::1]:8080"), "200"),
        ("another's name", host("evil.example"), "403 foreign_host"),
        ("another's name with our address in it", host("127.0.0.1.evil.example"), "403 foreign_host"),
        ("another's address", host("192.168.1.7"), "403 foreign_host"),
        ("a name and a user", host("localhost@evil.example"), "403 foreign_host"),
        ("a user and a name", host("evil@localhost"), "403 foreign_host"),
        ("all addresses", host("0.0.0.0"), "403 foreign_host"),
        ("no host", chat.clone().without("Host"), "403 foreign_host"),
        ("two hosts", chat.clone().with("Host", "evil.example"), "403 foreign_host"),
        ("an empty host", host(""), "403 foreign_host"),
        ("a proxy's request", Ask::post(&format!("http://evil.example{CHAT}"), HELLO), "403 foreign_host"),
        (
            "the greeting by another's name",
            Ask::get("/").without("Host").with("Host", "evil.example"),
            "403 foreign_host",
        ),
        ("our own page", origin("http://localhost:5173"), "200"),
        ("a foreign page", origin("https://evil.example"), "403 foreign_origin"),
        ("a page of nobody", origin("null"), "403 foreign_origin"),
        ("a foreign page behind ours", origin("http://localhost").with("Origin", "http://evil"), "403 foreign_origin"),
        (
            "a browser's question first",
            Ask::new("OPTIONS", CHAT, "").with("Origin", "https://evil.example"),
            "403 foreign_origin",
        ),
        ("no key", chat.clone().without("Authorization"), "401 missing_api_key"),
        ("a wrong key", key("Authorization", "Bearer gw-wrong"), "401 invalid_api_key"),
        ("an empty key", key("Authorization", "Bearer "), "401 missing_api_key"),
        ("a key in Azure's header", key("api-key", KEY), "401 missing_api_key"),
        ("another scheme", key("Authorization", "Basic gw-right"), "401 missing_api_key"),
        ("no key, no such thing", Ask::get("/nothing").without("Authorization"), "401 missing_api_key"),
        ("Azure", azure("api-key", KEY), "200"),
        ("Azure with a token", azure("Authorization", "Bearer gw-right"), "200"),
        ("Azure with a wrong key", azure("api-key", "gw-wrong"), "401 invalid_api_key"),
        ("the greeting", Ask::get("/").without("Authorization"), "200"),
    ];
    for (what, ask, expected) in table {
        let answer = world.send(&ask).await;
        assert_eq!(answer.verdict(), expected, "{what}");
        assert!(!answer.head.contains("access-control-"), "{what}: {}", answer.head);
        assert!(!answer.body.contains("gw-wrong"), "{what}: a key came back");
    }
    // What was turned away at the door cost the model nothing and left no record.
    assert_eq!(world.model.requests().len(), world.calls().len());
}

#[tokio::test]
async fn the_greeting_says_whose_gateway_this_is() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let answer = world.send(&Ask::get("/").without("Authorization")).await.json();
    assert_eq!((&answer["service"], &answer["identity"]), (&"groundwork".into(), &"me".into()));
    assert!(world.calls().is_empty());

    let address = world.running.address;
    assert_eq!(identify(address).await.as_deref(), Some("me"));
    world.running.stop().await;
    assert_eq!(identify(address).await, None);
}

#[test]
fn keys_are_long_random_and_stored_hashed() {
    let (one, other) = (new_key(), new_key());
    assert!(one.starts_with("gw-") && one.len() == 67 && one != other, "{one}");
    assert_eq!(hash_key("gw-test"), hash_key("gw-test"));
    // sha256sum of the three bytes `abc`, from FIPS 180-2.
    assert_eq!(hash_key("abc"), "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}
