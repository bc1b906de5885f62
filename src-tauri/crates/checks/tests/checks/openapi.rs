//! What a service says of itself.

use checks::{ServiceState, lint};
use testkit::memory_probe::MemoryProbe;

use crate::world::{one, table};

const URL: &str = "http://127.0.0.1:1/openapi.json";

/// A document with one operation as FastAPI writes it.
const DOCUMENT: &str = r##"{
  "openapi": "3.1.0",
  "paths": {
    "/summaries": {"post": {
      "summary": "Summarize", "tags": ["text"],
      "requestBody": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Ask"}}}},
      "responses": {
        "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Answer"}}}},
        "202": {"content": {"application/json": {"schema": {}}}},
        "422": {"description": "Validation Error"}
      }
    }},
    "/items/{id}": {"get": {"responses": {"200": {}}}},
    "/v1/health": {"get": {}},
    "/search": {"get": {"parameters": [{"name": "text", "in": "query"}], "responses": {}}}
  },
  "components": {"schemas": {
    "Ask": {"type": "object", "properties": {
      "text": {"type": "string"}, "max_words": {"anyOf": [{"type": "integer"}, {"type": "null"}]}}},
    "Answer": {"type": "object", "properties": {
      "summary": {"type": "string"},
      "sources": {"type": "array", "items": {"$ref": "#/components/schemas/Source"}}}},
    "Source": {"type": "object", "properties": {"title": {"type": "string"}, "score": {"type": "number"}}}
  }}
}"##;

fn serving(status: u16, body: &str) -> MemoryProbe {
    let ready = ServiceState::Ready { url: "http://127.0.0.1:1".to_owned() };
    MemoryProbe::new().service("web", ready).answer_json("GET", URL, status, body)
}

#[tokio::test]
async fn openapi_outcomes() {
    let route = |settings: &str| format!("service = \"web\"\nroutes = [{{ {settings} }}]");
    let post = |more: &str| route(&format!("method = \"POST\", path = \"/summaries\"{more}"));
    let cases: Vec<(&str, String, MemoryProbe, &str)> = vec![
        (
            "all as asked",
            post(
                ", summary = true, tags = [\"text\"], request = { text = \"string\", max_words = \"integer\" }, \
                 responses = { 200 = { summary = \"string\", \"sources[].score\" = \"number\" }, 422 = {} }",
            ),
            serving(200, DOCUMENT),
            "passed: /openapi.json describes 1 route as it should.
measured: OpenAPI 3.1.0",
        ),
        (
            "a slash more",
            route("path = \"/summaries/\""),
            serving(200, DOCUMENT),
            "failed: There is no route /summaries/.
expected: GET /summaries/
actual: /summaries
at: http://127.0.0.1:1/openapi.json
next: Only the slash at the end differs: declare /summaries/.",
        ),
        (
            "another parameter",
            route("path = \"/items/{item_id}\""),
            serving(200, DOCUMENT),
            "failed: There is no route /items/{item_id}.
expected: GET /items/{item_id}
actual: /items/{id}
at: http://127.0.0.1:1/openapi.json
next: Only the name of a parameter differs: call it as in /items/{item_id}.",
        ),
        (
            "a prefix",
            route("path = \"/health\""),
            serving(200, DOCUMENT),
            "failed: There is no route /health.
expected: GET /health
actual: /v1/health
at: http://127.0.0.1:1/openapi.json
next: It lies behind a prefix: take the prefix out of the router.",
        ),
        (
            "misspelt",
            route("path = \"/sumaries\""),
            serving(200, DOCUMENT),
            "failed: There is no route /sumaries.
expected: GET /sumaries
actual: /summaries
at: http://127.0.0.1:1/openapi.json
next: Spell it exactly so: /sumaries.",
        ),
        (
            "nothing like it",
            route("path = \"/feedback\""),
            serving(200, DOCUMENT),
            "failed: There is no route /feedback.
expected: GET /feedback
actual: /summaries, /items/{id}, /v1/health, /search
at: http://127.0.0.1:1/openapi.json
next: Add it: @app.get(\"/feedback\").",
        ),
        (
            "another method",
            route("path = \"/summaries\""),
            serving(200, DOCUMENT),
            "failed: /summaries is there, but not for GET.
expected: GET /summaries
actual: POST /summaries
at: http://127.0.0.1:1/openapi.json
next: Add the method: @app.get(\"/summaries\").",
        ),
        (
            "a tag",
            post(", tags = [\"text\", \"ai\"]"),
            serving(200, DOCUMENT),
            "failed: POST /summaries lacks the tag `ai`.
expected: ai
actual: text
at: http://127.0.0.1:1/openapi.json
next: Pass tags=[\"ai\"] to the decorator or to its router.",
        ),
        (
            "no summary",
            route("path = \"/search\", summary = true"),
            serving(200, DOCUMENT),
            "failed: GET /search has no summary.
expected: a summary
actual: none
at: http://127.0.0.1:1/openapi.json
next: Give the handler a name that says what it does, or pass summary=\"...\" to its decorator.",
        ),
        (
            "in the query",
            route("path = \"/search\", request = { text = \"string\" }"),
            serving(200, DOCUMENT),
            "failed: GET /search takes no JSON.
expected: JSON with text
actual: query parameters: text
at: http://127.0.0.1:1/openapi.json
next: Take the fields as one Pydantic model: single values are read from the query.",
        ),
        (
            "a field misspelt",
            post(", request = { max_word = \"integer\" }"),
            serving(200, DOCUMENT),
            "failed: POST /summaries takes JSON that lacks the field `max_word`.
expected: `max_word`: integer
actual: fields: text, max_words
at: http://127.0.0.1:1/openapi.json
next: Is `max_words` meant? The name must be exactly as asked.",
        ),
        (
            "a type",
            post(", responses = { 200 = { \"sources[].score\" = \"string\" } }"),
            serving(200, DOCUMENT),
            "failed: POST /summaries answers 200 with JSON in which `sources[].score` has another type.
expected: `sources[].score`: string
actual: `sources[].score`: number
at: http://127.0.0.1:1/openapi.json
next: Correct the field's type in the model.",
        ),
        (
            "left open",
            post(", responses = { 202 = { summary = \"string\" } }"),
            serving(200, DOCUMENT),
            "failed: POST /summaries answers 202 with JSON whose fields it does not name.
expected: `summary`: string
actual: no fields
at: http://127.0.0.1:1/openapi.json
next: Use a Pydantic model in place of a dict, as response_model or as the parameter's type.",
        ),
        (
            "an error that is not declared",
            post(", responses = { 429 = {} }"),
            serving(200, DOCUMENT),
            "failed: POST /summaries does not say that it can answer 429.
expected: a response 429
actual: 200, 202, 422
at: http://127.0.0.1:1/openapi.json
next: Pass responses={429: {\"model\": ...}} to the decorator.",
        ),
        (
            "another document",
            route("path = \"/search\""),
            serving(200, "{\"swagger\": \"2.0\"}"),
            "failed: What /openapi.json serves is no OpenAPI document.
expected: an object with `openapi` and `paths`
actual: {\"swagger\":\"2.0\"}
at: http://127.0.0.1:1/openapi.json
next: Let FastAPI make the document, or serve it at this path.",
        ),
        (
            "turned off",
            route("path = \"/search\""),
            serving(404, "{\"detail\":\"Not Found\"}"),
            "failed: GET /openapi.json answers 404, not 200.
expected: status 200
actual: status 404
{\"detail\":\"Not Found\"}
at: http://127.0.0.1:1/openapi.json
next: Add a route for /openapi.json, spelled exactly so, and see that the service restarted.",
        ),
    ];
    let (settings, rest): (Vec<String>, Vec<_>) =
        cases.into_iter().map(|(name, settings, world, told)| (settings, (name, world, told))).unzip();
    let cases = rest.into_iter().zip(&settings);
    table("openapi", cases.map(|((name, world, told), settings)| (name, settings.as_str(), world, told)).collect())
        .await;
}

#[test]
fn settings_that_cannot_work() {
    for (settings, expected) in [
        ("routes = []", "no route is asked for"),
        ("routes = [{ path = \"items\" }]", "the path `items` does not begin with a slash"),
        ("routes = [{ path = \"/\", method = \"FETCH\" }]", "`FETCH` is not a method"),
        ("routes = [{ path = \"/\", request = { a = \"text\" } }]", "`text` is not a type"),
        ("routes = [{ path = \"/\", responses = { ok = {} } }]", "`ok` is not a status"),
    ] {
        let told = lint(&one("openapi", &format!("service = \"web\"\n{settings}")));
        let told: Vec<String> = told.iter().map(ToString::to_string).collect();
        assert!(told.len() == 1 && told[0].contains(expected), "{settings}: {told:?}");
    }
}
