//! Requests that nobody should send: each is answered with a documented error, or with an answer where it was still good.

use proptest::{
    prelude::*,
    test_runner::{TestRng, TestRunner},
};
use serde_json::{Map, json};

use super::*;

/// Every status that an answer to a request with a key can have.
const DOCUMENTED: &[u16] = &[200, 400, 404, 408, 413, 429, 500, 503, 504];
const REQUESTS: u32 = 1000;

/// A request of every route with all that it reads.
fn whole() -> Vec<(&'static str, Value)> {
    let schema = json!({"type": "object", "properties": {"a": {"type": "string"}}});
    let function = json!({"name": "f", "description": "d", "parameters": schema, "strict": true});
    let call = json!({"id": "c", "type": "function", "function": {"name": "f", "arguments": "{}"}});
    let sampling = json!({
        "temperature": 1, "top_p": 1, "seed": 1, "stop": ["a"], "logit_bias": {"1": 1}, "frequency_penalty": 1,
        "presence_penalty": 1, "top_k": 1, "min_p": 0.1, "repetition_penalty": 1.1, "user": "me",
    });
    let chat = json!({
        "model": "scripted", "n": 2, "max_tokens": 3, "logprobs": true, "top_logprobs": 2,
        "stream": true, "stream_options": {"include_usage": true}, "parallel_tool_calls": false,
        "messages": [
            {"role": "system", "content": "Hi"}, {"role": "user", "content": [{"type": "text", "text": "Hi"}]},
            {"role": "assistant", "content": null, "tool_calls": [call]},
            {"role": "tool", "tool_call_id": "c", "content": "r"},
        ],
        "tools": [{"type": "function", "function": function}],
        "tool_choice": {"type": "function", "function": {"name": "f"}},
        "response_format": {"type": "json_schema", "json_schema": {"name": "s", "schema": schema, "strict": true}},
    });
    let completion = json!({
        "model": "scripted", "prompt": ["a", "b"], "n": 2, "best_of": 2, "echo": false, "logprobs": 2, "max_tokens": 3,
        "guided_regex": "a+",
    });
    let flat = json!({"type": "function", "name": "f", "parameters": schema, "strict": true});
    let response = json!({
        "model": "scripted", "instructions": "Hi", "max_output_tokens": 3, "stream": false, "temperature": 1,
        "input": [
            {"role": "user", "content": "Hi"},
            {"type": "function_call", "call_id": "c", "name": "f", "arguments": "{}"},
            {"type": "function_call_output", "call_id": "c", "output": "r"},
        ],
        "tools": [flat], "tool_choice": "auto", "metadata": {"a": "b"}, "include": ["message.output_text.logprobs"],
        "top_logprobs": 1, "text": {"format": {"type": "json_schema", "name": "s", "schema": schema}},
    });
    let embedding = json!({
        "model": "scripted-embedder", "input": ["a", "b"], "encoding_format": "base64", "dimensions": 4, "user": "me",
    });
    let azure = "/openai/deployments/scripted/completions?api-version=1";
    let sampled = |body: Value| merged(body, &sampling);
    vec![
        (CHAT, sampled(chat.clone())),
        (AZURE_CHAT, sampled(chat)),
        (COMPLETIONS, sampled(completion.clone())),
        (azure, sampled(completion)),
        (RESPONSES, response.clone()),
        ("/openai/responses?api-version=1", response),
        (EMBEDDINGS, embedding.clone()),
        ("/openai/deployments/scripted-embedder/embeddings?api-version=1", embedding),
    ]
}

pub(super) fn merged(mut one: Value, other: &Value) -> Value {
    one.as_object_mut().unwrap().extend(other.as_object().unwrap().clone());
    one
}

/// Something in place of something else.
fn odd() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(Value::Null),
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        any::<f64>().prop_map(Value::from),
        Just(json!(1e308)),
        Just(json!(u64::MAX)),
        Just(json!(-1)),
        Just(json!("")),
        ".*".prop_map(Value::from),
        "[a-z]{0,20}".prop_map(|word| Value::from(word.repeat(500))),
        Just(json!([])),
        Just(json!({})),
        Just(json!([[[[[[]]]]]])),
        Just(json!([null, 1, "a", {}])),
        proptest::collection::vec(any::<u32>().prop_map(Value::from), 0..20).prop_map(Value::from),
        (1..200_usize).prop_map(|depth| (0..depth).fold(json!(1), |inner, _| json!({ "type": inner }))),
    ]
}

#[derive(Debug, Clone)]
pub(super) enum Change {
    Replace(usize, Value),
    Remove(usize),
    Rename(usize, String),
    Double(usize),
}

pub(super) fn change() -> impl Strategy<Value = Change> {
    prop_oneof![
        4 => (any::<usize>(), odd()).prop_map(|(at, value)| Change::Replace(at, value)),
        2 => any::<usize>().prop_map(Change::Remove),
        1 => (any::<usize>(), ".{0,30}").prop_map(|(at, name)| Change::Rename(at, name)),
        1 => any::<usize>().prop_map(Change::Double),
    ]
}

/// Makes `change` at one of the places of `value`.
pub(super) fn apply(value: &mut Value, change: &Change) {
    let places = places(value, "");
    let (Change::Replace(at, _) | Change::Remove(at) | Change::Rename(at, _) | Change::Double(at)) = change;
    if places.is_empty() {
        return;
    }
    let place = &places[at % places.len()];
    let (parent, name) = place.rsplit_once('/').unwrap();
    match (change, value.pointer_mut(parent)) {
        (Change::Replace(_, new), Some(_)) => *value.pointer_mut(place).unwrap() = new.clone(),
        (Change::Remove(_), Some(Value::Object(fields))) => drop(fields.remove(name)),
        (Change::Remove(_), Some(Value::Array(items))) => drop(items.remove(name.parse().unwrap())),
        (Change::Rename(_, new), Some(Value::Object(fields))) => {
            let value = fields.remove(name).unwrap();
            fields.insert(new.clone(), value);
        }
        (Change::Double(_), Some(Value::Array(items))) => items.push(items[0].clone()),
        _ => {}
    }
}

/// The paths of all that is inside `value`.
fn places(value: &Value, at: &str) -> Vec<String> {
    let inside: Vec<(String, &Value)> = match value {
        Value::Object(fields) => fields.iter().map(|(name, value)| (escaped(name), value)).collect(),
        Value::Array(items) => items.iter().enumerate().map(|(index, value)| (index.to_string(), value)).collect(),
        _ => Vec::new(),
    };
    let mut all = Vec::new();
    for (name, value) in inside.into_iter().filter(|(name, _)| !name.contains('~')) {
        let place = format!("{at}/{name}");
        all.extend(places(value, &place));
        all.push(place);
    }
    all
}

fn escaped(name: &str) -> String {
    name.replace('~', "~0").replace('/', "~1")
}

/// What is done to the bytes, after what is done to the JSON.
#[derive(Debug, Clone)]
pub(super) enum Damage {
    None,
    CutAt(usize),
    Byte(usize, u8),
    Insert(usize, Vec<u8>),
    Nested(usize),
}

pub(super) fn damage() -> impl Strategy<Value = Damage> {
    prop_oneof![
        6 => Just(Damage::None),
        1 => any::<usize>().prop_map(Damage::CutAt),
        1 => (any::<usize>(), any::<u8>()).prop_map(|(at, byte)| Damage::Byte(at, byte)),
        1 => (any::<usize>(), prop_oneof![Just(vec![0xff, 0xfe]), Just(vec![0xed, 0xa0, 0x80]), Just(vec![0])])
            .prop_map(|(at, bytes)| Damage::Insert(at, bytes)),
        1 => (1..20_000_usize).prop_map(Damage::Nested),
    ]
}

pub(super) fn damaged(body: &Value, damage: &Damage) -> Vec<u8> {
    let mut bytes = body.to_string().into_bytes();
    match damage {
        Damage::None => {}
        Damage::CutAt(at) => bytes.truncate(at % bytes.len()),
        Damage::Byte(at, byte) => {
            let at = at % bytes.len();
            bytes[at] = *byte;
        }
        Damage::Insert(at, more) => {
            let at = at % bytes.len();
            bytes.splice(at..at, more.iter().copied());
        }
        Damage::Nested(depth) => {
            bytes = "[".repeat(*depth).into_bytes();
        }
    }
    bytes
}

#[test]
fn a_thousand_malformed_requests_are_each_answered_as_documented() {
    let runtime = tokio::runtime::Runtime::new().unwrap();
    let model = ScriptedModel::saying("Hello there.").calling(&[("f", "{}")]);
    let world = runtime.block_on(World::new(model));
    let routes = whole();
    for (path, body) in &routes {
        let answer = runtime.block_on(world.send(&Ask::post(path, &body.to_string())));
        assert_eq!(answer.verdict(), "200", "the request before any change, at {path}");
    }
    let mut runner = runner(REQUESTS);
    let cases = (0..routes.len(), proptest::collection::vec(change(), 0..4), damage());
    let refused = std::cell::Cell::new(0);
    let outcome = runner.run(&cases, |(route, changes, damage)| {
        let (path, mut body) = routes[route].clone();
        for change in &changes {
            apply(&mut body, change);
        }
        let bytes = damaged(&body, &damage);
        let answer = runtime.block_on(send(&world, path, &bytes));
        prop_assert!(DOCUMENTED.contains(&answer.status), "{}: {}", answer.status, answer.body);
        prop_assert_ne!(answer.status, 500, "{}", answer.body);
        if answer.status != 200 {
            refused.set(refused.get() + 1);
            let error = answer.json()["error"].clone();
            let fields: Vec<_> = error.as_object().unwrap_or(&Map::new()).keys().cloned().collect();
            prop_assert_eq!(fields, ["message", "type", "param", "code"]);
            prop_assert!(
                error["message"].as_str().is_some_and(|message| (10..2000).contains(&message.len())),
                "{}",
                error
            );
            prop_assert!(error["code"].is_string() && error["type"].is_string(), "{}", error);
            prop_assert!(error["param"].is_string() || error["param"].is_null(), "{}", error);
        }
        Ok(())
    });
    outcome.unwrap();
    assert!(refused.get() > REQUESTS / 2, "only {} were refused", refused.get());
    assert_eq!(world.calls().len(), REQUESTS as usize + routes.len());
    assert_eq!(world.model.active(), 0);
}

/// The same cases every time: a failure can be run again.
pub(super) fn runner(cases: u32) -> TestRunner {
    let config = ProptestConfig { cases, failure_persistence: None, ..ProptestConfig::default() };
    TestRunner::new_with_rng(config, TestRng::deterministic_rng(Default::default()))
}

async fn send(world: &World, path: &str, body: &[u8]) -> Answer {
    send_bytes(world, Ask::post(path, ""), body).await
}

/// Sends `ask` with a body that may be no text.
pub(super) async fn send_bytes(world: &World, ask: Ask, body: &[u8]) -> Answer {
    let head = ask.without("Content-Length").with("Content-Length", &body.len().to_string());
    let mut stream = TcpStream::connect(world.running.address).await.unwrap();
    stream.write_all(&[head.text().as_bytes(), body].concat()).await.unwrap();
    let mut bytes = Vec::new();
    let read = timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await;
    read.expect("the gateway left the connection open").unwrap();
    Answer::parse(&bytes)
}
