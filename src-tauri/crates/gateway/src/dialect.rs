//! The dialects that the gateway speaks. A new one is a file under `dialect/` and a line in [`ALL`]; a route is a line of
//! its dialect.

mod azure;
mod openai;
mod pinecone;
mod qdrant;

use axum::{
    Json, Router,
    extract::State,
    http::{HeaderMap, Method, StatusCode, Uri, header},
    middleware::from_fn_with_state,
    response::Response,
    routing::{MethodRouter, get, post},
};
use serde_json::{Value, json};

use crate::{
    Limits, bridge, faults::door, guard::guard, metrics, otlp, question::Question, refusal::Refusal, server::App,
    wheels,
};

static ALL: &[Dialect] = &[openai::DIALECT, azure::DIALECT, pinecone::DATA, pinecone::CONTROL, qdrant::DIALECT];

/// One provider's way to be asked.
pub(crate) struct Dialect {
    /// As records name it.
    pub name: &'static str,
    /// Every path of the dialect starts with one of these; the first match counts.
    prefixes: &'static [&'static str],
    /// Whether models are asked, which may meet faults laid on purpose.
    pub asks_models: bool,
    pub key: fn(&HeaderMap) -> Option<&str>,
    /// How a client sends the key, for people.
    pub key_header: &'static str,
    /// A refusal as its clients read it.
    pub refusal: fn(&Refusal) -> Value,
    routes: &'static [Route],
}

/// One of OpenAI's interfaces to models, wherever it is mounted.
pub(crate) trait Interface: 'static {
    /// Bytes that a request's body may have.
    fn most_bytes(limits: &Limits) -> usize {
        limits.body_bytes
    }

    fn answer(question: Question) -> impl Future<Output = Result<Response, Refusal>> + Send;
}

struct Route {
    path: &'static str,
    methods: fn() -> MethodRouter<App>,
}

/// The dialect that `path` belongs to; a path of none is judged by the key that came with it.
pub(crate) fn of(path: &str, headers: &HeaderMap) -> &'static Dialect {
    // Exporters send their key either way, as Azure's clients do.
    let telemetry = takes_telemetry(path).then_some(&azure::DIALECT);
    telemetry
        .or_else(|| ALL.iter().find(|dialect| dialect.prefixes.iter().any(|prefix| path.starts_with(prefix))))
        .or_else(|| ALL.iter().find(|dialect| (dialect.key)(headers).is_some()))
        .unwrap_or(&ALL[0])
}

/// What a program asks of the gateway itself: these are no calls of a model, and leave no record.
fn ours() -> Router<App> {
    Router::new()
        .route(door::PATH, post(door::lay))
        .route(bridge::PATH, post(bridge::asked))
        .route(wheels::PROJECT, get(wheels::project))
        .route(wheels::FILE, get(wheels::file))
        .route(metrics::PATH, get(metrics::show))
        .route(otlp::KEPT, get(otlp::kept))
        .route(otlp::TRACES, post(otlp::traces))
        .route(otlp::METRICS, post(otlp::other))
        .route(otlp::LOGS, post(otlp::other))
}

pub(crate) fn is_ours(path: &str) -> bool {
    [door::PATH, bridge::PATH, metrics::PATH, otlp::KEPT].contains(&path) || takes_telemetry(path)
}

fn takes_telemetry(path: &str) -> bool {
    [otlp::TRACES, otlp::METRICS, otlp::LOGS].contains(&path)
}

pub(crate) fn router(app: App) -> Router {
    ALL.iter()
        .flat_map(|dialect| dialect.routes)
        .fold(Router::new().route("/", get(greeting)).merge(ours()), |router, route| {
            router.route(route.path, (route.methods)())
        })
        .fallback(nothing_there)
        .method_not_allowed_fallback(wrong_method)
        .layer(from_fn_with_state(app.clone(), guard))
        .with_state(app)
}

/// Lets another process of ours recognize this one. Qdrant's clients look for the title and compare the version with
/// their own, so it is that of the interface which they meet here.
async fn greeting(State(app): State<App>) -> Json<Value> {
    Json(json!({
        "service": "groundwork", "identity": app.identity, "groundwork": env!("CARGO_PKG_VERSION"),
        "title": "Groundwork", "version": "1.20.0",
    }))
}

async fn nothing_there(uri: Uri, headers: HeaderMap) -> Refusal {
    let dialect = of(uri.path(), &headers);
    let known: Vec<&str> = dialect.routes.iter().map(|route| route.path).collect();
    let advice = match known.iter().find_map(|path| path.strip_suffix(uri.path())) {
        Some(base) if !base.is_empty() => format!("The base URL must end in {base}."),
        _ => format!("This gateway answers at {}.", known.join(", ")),
    };
    Refusal::new(StatusCode::NOT_FOUND, "unknown_url", format!("There is nothing at {}. {advice}", uri.path()))
}

async fn wrong_method(method: Method, uri: Uri) -> Refusal {
    let message = format!("{method} is not a thing to do at {}. The Allow header says what is.", uri.path());
    Refusal::new(StatusCode::METHOD_NOT_ALLOWED, "method_not_allowed", message)
}

/// The key of `Authorization: Bearer KEY`.
fn bearer(headers: &HeaderMap) -> Option<&str> {
    let (scheme, key) = headers.get(header::AUTHORIZATION)?.to_str().ok()?.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then(|| key.trim())
}
