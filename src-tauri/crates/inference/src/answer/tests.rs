//! Tokens in, events out.

use super::Answer;
use crate::generator::{Event, Likely, TokenLogprob};
use crate::tools::written;

/// What was told after each token, `|` between them, the last after the end: text as it stands, `<` and how many tokens went
/// with it, calls as `[index name` and `index arguments`.
fn tell(stops: &[&str], calls: bool, tokens: &[&[u8]]) -> String {
    let mut answer = Answer::new(stops.iter().map(|stop| stop.to_string()).collect(), calls);
    let mut told = Vec::new();
    let mut stopped = false;
    for token in tokens {
        let logprob = TokenLogprob { token: Likely { bytes: token.to_vec(), logprob: -1.0 }, top: Vec::new() };
        let (events, now) = answer.push(token, Some(logprob));
        told.push(as_text(&events));
        stopped = now;
        if stopped {
            break;
        }
    }
    told.push(if stopped { "stopped".into() } else { as_text(&answer.finish()) });
    told.join("|")
}

fn as_text(events: &[Event]) -> String {
    let text = |event: &Event| match event {
        Event::Token { text, logprobs } => format!("{text}<{}", logprobs.len()),
        Event::ToolCall { index, name: Some(name), .. } => format!("[{index} {name}"),
        Event::ToolCall { index, arguments, .. } => format!("[{index} {arguments}"),
        other => panic!("{other:?}"),
    };
    events.iter().map(text).collect()
}

fn check(stops: &[&str], tokens: &[&[u8]], expected: &str) {
    assert_eq!(tell(stops, false, tokens), expected, "{stops:?} {tokens:?}");
}

#[test]
fn sends_whole_characters_only() {
    check(&[], &[b"a", b"b"], "a<1|b<1|");
    check(&[], &[b"\xf0\x9f", b"\xa6\x80"], "|🦀<2|");
    check(&[], &[b"x\xf0", b"\x9f", b"\xa6", b"\x80y"], "x<1|||🦀y<3|");
    check(&[], &[b"\xc3", b"\xa9\xc3", b"\xa9"], "|é<2|é<1|");
    // Cut off in the middle of a character.
    check(&[], &[b"ok\xf0\x9f"], "ok<1|");
    // Bytes that begin no character, and a character that another begins within.
    check(&[], &[b"a\xffb", b"\xf0\x9f", b"z"], "a\u{fffd}b<1||\u{fffd}z<2|");
    // A token that says nothing goes with the next text.
    check(&[], &[b"", b"a"], "|a<2|");
}

#[test]
fn stops_across_tokens() {
    check(&["END"], &[b"one E", b"N", b"D two"], "one <1|||stopped");
    check(&["END"], &[b"one E", b"N", b"d"], "one <1||ENd<2|");
    check(&["END"], &[b"E", b"E", b"END"], "|E<1|E<1|stopped");
    check(&["\n\n"], &[b"a\n", b"b\n", b"\nc"], "a<1|\nb<1||stopped");
    // The first in the text ends it, whichever is listed first.
    check(&["two", "one"], &[b"zero one two"], "zero <1|stopped");
    // A stop text that is a character spread over tokens.
    check(&["🦀"], &[b"a\xf0\x9f", b"\xa6\x80b"], "a<1||stopped");
    // What was held back is sent when the answer ends otherwise.
    check(&["stop"], &[b"do not ", b"st"], "do not <1||st<1");
    check(&[""], &[b"an empty stop text stops nothing"], "an empty stop text stops nothing<1|");
}

#[test]
fn hides_the_form_of_calls() {
    let call = written("now", "{\"zone\": \"UTC\"}");
    let (first, second) = call.split_at(25);
    assert_eq!(
        tell(&[], true, &[b"Hm. ", b" ", first.as_bytes(), second.as_bytes()]),
        "Hm.<1|||[0 now[0 {\"zone\": \"UTC\"}|",
    );
    // Text that only looks like a call, and a token that ends text and begins a call.
    assert_eq!(tell(&[], true, &[b"a <tool", b"> b"]), "a<1| <tool> b<1|");
    assert_eq!(tell(&[], true, &[b"a. <", &call.as_bytes()[1..]]), "a.<1|[0 now[0 {\"zone\": \"UTC\"}|");
    // Stop texts are for text.
    assert_eq!(tell(&["\n", "zone"], true, &[call.as_bytes()]), "[0 now[0 {\"zone\": \"UTC\"}|");
    assert_eq!(tell(&["Hm"], true, &[b"H", b"m", call.as_bytes()]), "||stopped");
    assert_eq!(tell(&["Hm"], true, &[b"H", call.as_bytes()]), "|H<1[0 now[0 {\"zone\": \"UTC\"}|");
    // Where no tool may be called, it is text like any other.
    assert_eq!(tell(&[], false, &[b"<tool_call>"]), "<tool_call><1|");
    assert_eq!(tell(&[], true, &[b"<tool_ca"]), "|<tool_ca<1");

    let mut answer = Answer::new(Vec::new(), true);
    answer.push(b"Hm.", None);
    assert!(!answer.has_called());
    answer.push(call.as_bytes(), None);
    assert!(answer.has_called());
}
