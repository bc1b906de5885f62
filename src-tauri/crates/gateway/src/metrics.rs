//! `GET /metrics`: what the gateway measures of itself, in Prometheus' text format 0.0.4. Measures that OpenTelemetry's
//! conventions for generative AI know have their names and bounds, written as Prometheus wants them; the others begin with
//! `groundwork_`.
//!
//! Never holds what was said, nor whose key it was. Labels are names of deployments, never a stranger's words.

use std::sync::Arc;

use axum::{
    extract::State,
    http::header,
    response::{IntoResponse, Response},
};
use prometheus::{
    CounterVec, Encoder, Error, HistogramOpts, HistogramVec, IntCounterVec, IntGauge, IntGaugeVec, Opts, Registry,
    TEXT_FORMAT, TextEncoder, core::Collector,
};

use crate::{Call, Cost, price::Price, quota::Measure, refusal::Refusal, server::App};

pub(crate) const PATH: &str = "/metrics";

const REQUEST_SECONDS: &[f64] =
    &[0.01, 0.02, 0.04, 0.08, 0.16, 0.32, 0.64, 1.28, 2.56, 5.12, 10.24, 20.48, 40.96, 81.92];
const FIRST_TOKEN_SECONDS: &[f64] =
    &[0.001, 0.005, 0.01, 0.02, 0.04, 0.06, 0.08, 0.1, 0.25, 0.5, 0.75, 1.0, 2.5, 5.0, 7.5, 10.0];
const TOKEN_SECONDS: &[f64] = &[0.01, 0.025, 0.05, 0.075, 0.1, 0.15, 0.2, 0.3, 0.4, 0.5, 0.75, 1.0, 2.5];
/// Powers of four.
const TOKENS: &[f64] = &[
    1.0,
    4.0,
    16.0,
    64.0,
    256.0,
    1024.0,
    4096.0,
    16384.0,
    65536.0,
    262_144.0,
    1_048_576.0,
    4_194_304.0,
    16_777_216.0,
    67_108_864.0,
];

const PROVIDER: &str = "groundwork";

/// Dialects of vector databases.
const VECTORS: &[&str] = &["pinecone", "qdrant"];

pub(crate) struct Metrics {
    registry: Registry,
    request: HistogramVec,
    first_token: HistogramVec,
    per_token: HistogramVec,
    tokens: HistogramVec,
    cost: CounterVec,
    refusals: IntCounterVec,
    prompts: IntCounterVec,
    cached_tokens: IntCounterVec,
    answers: IntGaugeVec,
    streams: IntGauge,
    vectors: HistogramVec,
}

/// The deployment that a call was led to.
pub(crate) struct Led {
    pub deployment: String,
    /// The model's own name.
    pub model: String,
    pub price: Option<Price>,
}

impl Metrics {
    pub fn new() -> Result<Self, Error> {
        let registry = Registry::new();
        let of_model =
            ["gen_ai_operation_name", "gen_ai_provider_name", "gen_ai_request_model", "gen_ai_response_model"];
        let and = |more: &'static str| [&of_model[..], &[more]].concat();
        let histogram = |name: &str, help: &str, labels: &[&str], bounds: &[f64]| {
            let histogram = HistogramVec::new(HistogramOpts::new(name, help).buckets(bounds.to_vec()), labels)?;
            added(&registry, histogram)
        };
        let counter = |name: &str, help: &str, labels: &[&str]| {
            added(&registry, IntCounterVec::new(Opts::new(name, help), labels)?)
        };
        Ok(Self {
            request: histogram(
                "gen_ai_server_request_duration_seconds",
                "From a request's arrival to the end of its answer.",
                &and("error_type"),
                REQUEST_SECONDS,
            )?,
            first_token: histogram(
                "gen_ai_server_time_to_first_token_seconds",
                "From a request's arrival to the first token of its answer.",
                &of_model,
                FIRST_TOKEN_SECONDS,
            )?,
            per_token: histogram(
                "gen_ai_server_time_per_output_token_seconds",
                "Between two tokens of an answer, after the first.",
                &of_model,
                TOKEN_SECONDS,
            )?,
            tokens: histogram("gen_ai_client_token_usage", "Tokens of a request.", &and("gen_ai_token_type"), TOKENS)?,
            cost: added(
                &registry,
                CounterVec::new(
                    Opts::new("groundwork_cost_total", "What requests cost by the price table."),
                    &["deployment", "currency"],
                )?,
            )?,
            refusals: counter(
                "groundwork_quota_refusals_total",
                "Requests refused because the deployment's quota was used up.",
                &["deployment", "quota"],
            )?,
            prompts: counter(
                "groundwork_prompt_cache_requests_total",
                "Requests whose prompt, or its beginning, was read before (hit) or not (miss).",
                &["deployment", "result"],
            )?,
            cached_tokens: counter(
                "groundwork_prompt_cache_tokens_total",
                "Tokens of prompts that were read before.",
                &["deployment"],
            )?,
            answers: added(
                &registry,
                IntGaugeVec::new(
                    Opts::new("groundwork_answers", "Answers that wait for their first token, or are being given."),
                    &["state"],
                )?,
            )?,
            vectors: histogram(
                "groundwork_vector_request_duration_seconds",
                "From a request to a vector database's interface to the end of its answer.",
                &["dialect", "error_type"],
                REQUEST_SECONDS,
            )?,
            streams: added(
                &registry,
                IntGauge::new("groundwork_streams_active", "Answers under way that are streamed.")?,
            )?,
            registry,
        })
    }

    /// Tells of a call that has ended.
    pub fn observe(&self, led: &Led, call: &Call) {
        let operation = operation(call);
        let labels = [operation, PROVIDER, &led.deployment, &led.model];
        let and = |more| [&labels[..], &[more]].concat();
        self.request.with_label_values(&and(call.error.as_deref().unwrap_or_default())).observe(call.millis / 1e3);
        if let Some(first) = call.first_token_ms {
            self.first_token.with_label_values(&labels).observe(first / 1e3);
            if call.completion_tokens > 1 {
                let rest = f64::from(call.completion_tokens - 1);
                self.per_token.with_label_values(&labels).observe((call.millis - first) / 1e3 / rest);
            }
        }
        if call.prompt_tokens > 0 {
            self.tokens.with_label_values(&and("input")).observe(call.prompt_tokens.into());
            if operation != EMBEDDINGS {
                self.tokens.with_label_values(&and("output")).observe(call.completion_tokens.into());
                let result = if call.cached_tokens > 0 { "hit" } else { "miss" };
                self.prompts.with_label_values(&[led.deployment.as_str(), result]).inc();
                self.cached_tokens.with_label_values(&[&led.deployment]).inc_by(call.cached_tokens.into());
            }
        }
        if let Some(Cost { amount, currency }) = &call.cost {
            self.cost.with_label_values(&[&led.deployment, currency]).inc_by(*amount);
        }
    }

    /// The same of a call in the dialect of a vector database, whether it was led to a model or not.
    pub fn observe_vectors(&self, call: &Call) {
        if VECTORS.contains(&call.dialect.as_str()) {
            let labels = [call.dialect.as_str(), call.error.as_deref().unwrap_or_default()];
            self.vectors.with_label_values(&labels).observe(call.millis / 1e3);
        }
    }

    pub fn refused(&self, deployment: &str, measure: Measure) {
        self.refusals.with_label_values(&[deployment, measure.word()]).inc();
    }
}

/// An answer under way, as the gauges count it.
pub(crate) struct Active {
    metrics: Arc<Metrics>,
    state: &'static str,
    stream: bool,
}

const WAITING: &str = "waiting";
const ANSWERING: &str = "answering";

impl Active {
    pub fn new(metrics: Arc<Metrics>, stream: bool) -> Self {
        metrics.answers.with_label_values(&[WAITING]).inc();
        metrics.streams.add(stream.into());
        Self { metrics, state: WAITING, stream }
    }

    pub fn begins(&mut self) {
        if self.state == WAITING {
            self.metrics.answers.with_label_values(&[WAITING]).dec();
            self.metrics.answers.with_label_values(&[ANSWERING]).inc();
            self.state = ANSWERING;
        }
    }
}

impl Drop for Active {
    fn drop(&mut self) {
        self.metrics.answers.with_label_values(&[self.state]).dec();
        self.metrics.streams.sub(self.stream.into());
    }
}

const EMBEDDINGS: &str = "embeddings";

/// As OpenTelemetry names it.
fn operation(call: &Call) -> &'static str {
    match call.path.rsplit('/').next() {
        // Of vector databases' interfaces only what embeds is led to a deployment.
        _ if VECTORS.contains(&call.dialect.as_str()) => EMBEDDINGS,
        Some("embeddings") => EMBEDDINGS,
        Some("completions") if !call.path.ends_with("/chat/completions") => "text_completion",
        _ => "chat",
    }
}

fn added<C: Collector + Clone + 'static>(registry: &Registry, collector: C) -> Result<C, Error> {
    registry.register(Box::new(collector.clone()))?;
    Ok(collector)
}

pub(crate) async fn show(State(app): State<App>) -> Result<Response, Refusal> {
    let mut text = Vec::new();
    match TextEncoder::new().encode(&app.metrics.registry.gather(), &mut text) {
        Ok(()) => Ok(([(header::CONTENT_TYPE, TEXT_FORMAT)], text).into_response()),
        Err(error) => Err(Refusal::broken(format!("The measures could not be written: {error}."))),
    }
}
