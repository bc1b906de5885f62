//! Telemetry in: what stock exporters send, and what is kept of it.

use std::io::Write as _;

use flate2::{
    Compression,
    write::{GzEncoder, ZlibEncoder},
};
use jiff::Timestamp;
use prost::Message as _;
use serde_json::json;

use super::*;
use crate::{SpanStatus, spans};

const TRACES: &str = "/v1/traces";
const PROTOBUF: &str = "application/x-protobuf";

/// Two spans, the inner one with attributes, an event and an error, as opentelemetry-proto 1.45 for Python writes them.
const EXPORT: &str = "0afb020a170a150a0c736572766963652e6e616d6512050a036c616212df020a050a03617070129a020a1001020304050607\
     08090a0b0c0d0e0f1012080b0c0d0e0f101112220801020304050607082a0c6368617420736d6f6c6c6d3230033900e11f3c\
     fe9c9717418093064bfe9c97174a210a1467656e5f61692e726571756573742e6d6f64656c12090a07736d6f6c6c6d324a1f\
     0a1967656e5f61692e75736167652e696e7075745f746f6b656e731202182a4a270a1a67656e5f61692e726571756573742e\
     74656d7065726174757265120921000000000000e03f4a1b0a1567656e5f61692e726571756573742e73747265616d120210\
     014a2c0a1e67656e5f61692e726573706f6e73652e66696e6973685f726561736f6e73120a2a080a060a0473746f705a1009\
     00c21542fe9c97171205746f6b656e7a0612026f68180212390a100102030405060708090a0b0c0d0e0f1012080102030405\
     0607082a09504f5354202f61736b3900002a36fe9c9717410084014efe9c9717";

/// The same two spans in JSON.
fn json_export() -> String {
    let span = |id: &str, parent: &str, name: &str, start: &str, end: &str| {
        json!({"traceId": "0102030405060708090A0B0C0D0E0F10", "spanId": id, "parentSpanId": parent, "name": name, "kind": 3,
            "startTimeUnixNano": start, "endTimeUnixNano": end, "unheard": {"of": []}})
    };
    let mut inner =
        span("0b0c0d0e0f101112", "0102030405060708", "chat smollm2", "1700000000100000000", "1700000000350000000");
    inner["status"] = json!({"code": 2, "message": "oh"});
    inner["attributes"] = json!([
        {"key": "gen_ai.request.model", "value": {"stringValue": "smollm2"}},
        {"key": "gen_ai.usage.input_tokens", "value": {"intValue": "42"}},
        {"key": "gen_ai.request.temperature", "value": {"doubleValue": 0.5}},
        {"key": "gen_ai.request.stream", "value": {"boolValue": true}},
        {"key": "gen_ai.response.finish_reasons", "value": {"arrayValue": {"values": [{"stringValue": "stop"}]}}},
    ]);
    let outer = span("0102030405060708", "", "POST /ask", "1700000000000000000", "1700000000400000000");
    let resource = json!({"attributes": [{"key": "service.name", "value": {"stringValue": "lab"}}]});
    json!({"resourceSpans": [{"resource": resource, "scopeSpans": [{"spans": [inner, outer]}]}]}).to_string()
}

fn export() -> Vec<u8> {
    EXPORT
        .as_bytes()
        .chunks(2)
        .map(|pair| u8::from_str_radix(std::str::from_utf8(pair).unwrap(), 16).unwrap())
        .collect()
}

fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

fn deflate(bytes: &[u8]) -> Vec<u8> {
    let mut packed = ZlibEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// Status, head and body of the answer to a POST of bytes with these headers.
async fn post(world: &World, path: &str, headers: &str, body: &[u8]) -> (u16, String, Vec<u8>) {
    let mut stream = TcpStream::connect(world.running.address).await.unwrap();
    let head = format!(
        "POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: close\r\nContent-Length: {}\r\n{headers}\r\n\r\n",
        body.len()
    );
    stream.write_all(head.as_bytes()).await.unwrap();
    stream.write_all(body).await.unwrap();
    let mut bytes = Vec::new();
    timeout(Duration::from_secs(10), stream.read_to_end(&mut bytes)).await.unwrap().unwrap();
    let end = bytes.windows(4).position(|part| part == b"\r\n\r\n").unwrap();
    let head = String::from_utf8(bytes[..end].to_vec()).unwrap();
    (head.split(' ').nth(1).unwrap().parse().unwrap(), head.to_lowercase(), bytes[end + 4..].to_vec())
}

#[tokio::test]
async fn spans_are_kept_however_they_are_sent() {
    let json = json_export();
    let key = "api-key: gw-right";
    for (what, headers, body) in [
        ("protobuf", format!("{key}\r\nContent-Type: {PROTOBUF}"), export()),
        ("a bearer key", format!("Authorization: Bearer gw-right\r\nContent-Type: {PROTOBUF}"), export()),
        ("gzip", format!("{key}\r\nContent-Type: {PROTOBUF}\r\nContent-Encoding: gzip"), gzip(&export())),
        ("deflate", format!("{key}\r\nContent-Type: {PROTOBUF}\r\nContent-Encoding: deflate"), deflate(&export())),
        ("JSON", format!("{key}\r\nContent-Type: application/json; charset=utf-8"), json.clone().into_bytes()),
    ] {
        let world = World::new(ScriptedModel::saying("Hello.")).await;
        let (status, head, body) = post(&world, TRACES, &headers, &body).await;
        assert_eq!(status, 200, "{what}: {head}");
        assert_eq!(body, if what == "JSON" { b"{}".to_vec() } else { Vec::new() }, "{what}");
        world.told_of_an_export().await;

        let kept = world.running.spans(WORKSPACE, Timestamp::UNIX_EPOCH);
        assert_eq!((kept.spans.len(), kept.dropped), (2, 0), "{what}");
        let (inner, outer) = (&kept.spans[0], &kept.spans[1]);
        assert_eq!((inner.name.as_str(), outer.name.as_str()), ("chat smollm2", "POST /ask"), "{what}");
        assert_eq!(inner.trace, "0102030405060708090a0b0c0d0e0f10", "{what}");
        assert_eq!((inner.parent.as_ref(), outer.parent.as_ref()), (Some(&outer.id), None), "{what}");
        assert_eq!((inner.millis, outer.millis), (250.0, 400.0), "{what}");
        assert_eq!((inner.status, outer.status), (SpanStatus::Error, SpanStatus::Unset), "{what}");
        assert_eq!(inner.service.as_deref(), Some("lab"), "{what}");
        let attributes = json!({"gen_ai.request.model": "smollm2", "gen_ai.usage.input_tokens": 42,
            "gen_ai.request.temperature": 0.5, "gen_ai.request.stream": true, "gen_ai.response.finish_reasons": ["stop"]});
        assert_eq!(serde_json::to_value(&inner.attributes).unwrap(), attributes, "{what}");

        // Only those that began since; and another process reads the same.
        let later = outer.start + jiff::SignedDuration::from_millis(50);
        assert_eq!(world.running.spans(WORKSPACE, later).spans.len(), 1, "{what}");
        assert_eq!(spans(world.running.address, KEY, later).await.unwrap(), world.running.spans(WORKSPACE, later));
        assert_eq!(world.running.spans(Uuid::from_u128(8), Timestamp::UNIX_EPOCH).spans, [], "{what}");
        // No export is a call of the model.
        assert!(world.calls().is_empty(), "{what}");
    }
}

#[tokio::test]
async fn what_cannot_be_read_is_refused_in_the_exporters_own_form() {
    let limits = Limits { body_bytes: 100_000, ..Limits::default() };
    let world = World::within(limits, ScriptedModel::saying("Hello.")).await;
    let bomb = gzip(&vec![0; 9 << 20]);
    let json = "application/json";
    for (what, path, kind, more, body, expected) in [
        ("no protobuf", TRACES, PROTOBUF, "", b"hello".to_vec(), "400 3 The body is not an ExportTraceServiceRequest"),
        ("no JSON", TRACES, json, "", b"{".to_vec(), "400 3 The body is not valid JSON"),
        ("a list", TRACES, json, "", b"[]".to_vec(), "400 3 The body is JSON, but not an object"),
        ("no list", TRACES, json, "", br#"{"resourceSpans": 1}"#.to_vec(), "400 3 `resourceSpans` is not a list."),
        (
            "no id",
            TRACES,
            json,
            "",
            br#"{"resourceSpans": [{"scopeSpans": [{"spans": [{"traceId": "xyz"}]}]}]}"#.to_vec(),
            "400 3 `traceId` is not written in hexadecimal digits.",
        ),
        (
            "no gzip",
            TRACES,
            PROTOBUF,
            "Content-Encoding: gzip\r\n",
            export(),
            "400 3 The body cannot be unpacked as gzip",
        ),
        ("a bomb", TRACES, PROTOBUF, "Content-Encoding: gzip\r\n", bomb, "413 8 The body unpacks to more than"),
        ("too much", TRACES, PROTOBUF, "", vec![0; 200_000], "413 8 The body is larger than"),
        ("another type", TRACES, "text/plain", "", export(), "415 3 The content type \"text/plain\" is not taken"),
        (
            "another packing",
            TRACES,
            PROTOBUF,
            "Content-Encoding: br\r\n",
            export(),
            "415 3 The content encoding \"br\"",
        ),
        ("metrics", "/v1/metrics", PROTOBUF, "", b"anything".to_vec(), "200"),
        ("logs", "/v1/logs", json, "", b"{}".to_vec(), "200"),
    ] {
        let headers = format!("{more}api-key: gw-right\r\nContent-Type: {kind}");
        let (status, head, body) = post(&world, path, &headers, &body).await;
        let told = if status == 200 {
            "200".to_owned()
        } else if head.contains("application/json") {
            let body: Value = serde_json::from_slice(&body).unwrap();
            format!("{status} {} {}", body["code"], body["message"].as_str().unwrap())
        } else {
            assert!(head.contains(PROTOBUF), "{what}: {head}");
            let body = crate::otlp::wire::Status::decode(body.as_slice()).unwrap();
            format!("{status} {} {}", body.code, body.message)
        };
        assert!(told.starts_with(expected), "{what}: {told}");
    }
    assert_eq!(world.running.spans(WORKSPACE, Timestamp::UNIX_EPOCH).spans, []);
    for (headers, expected) in [("", 401), ("api-key: gw-wrong\r\n", 401), ("Origin: http://evil.example\r\n", 403)] {
        let (status, ..) = post(&world, TRACES, &format!("{headers}Content-Type: {PROTOBUF}"), &export()).await;
        assert_eq!(status, expected, "{headers}");
    }
}

#[tokio::test]
async fn the_oldest_spans_go_first_and_are_counted() {
    let world = World::new(ScriptedModel::saying("Hello.")).await;
    let spans: Vec<Value> =
        (0..2600).map(|number| json!({"name": number.to_string(), "startTimeUnixNano": "1"})).collect();
    let body = json!({"resourceSpans": [{"scopeSpans": [{"spans": spans}]}]}).to_string();
    for _ in 0..2 {
        let (status, ..) =
            post(&world, TRACES, "api-key: gw-right\r\nContent-Type: application/json", body.as_bytes()).await;
        assert_eq!(status, 200);
    }
    let kept = world.running.spans(WORKSPACE, Timestamp::UNIX_EPOCH);
    assert_eq!((kept.spans.len(), kept.dropped, kept.spans[0].name.as_str()), (5000, 200, "200"));
}
