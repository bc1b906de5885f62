//! A model on another server that speaks OpenAI's interface: vLLM, llama.cpp's server, another Groundwork. What it says
//! becomes a model's events, so that records, quotas and checks see no difference.
//!
//! Never tries a request again: the caller's client does that, and knows how often. Never shows the key.

mod asking;
mod chunk;
mod saying;

use std::{net::IpAddr, time::Duration};

use futures::StreamExt;
use inference::{
    Description, Embedded, Embedder, EmbedderDescription, Error, Event, Generation, Generator, Input, Request,
};
use reqwest::{
    Client, RequestBuilder, Response, StatusCode, Url,
    header::{CONTENT_TYPE, RETRY_AFTER},
    redirect::Policy,
};
use serde::Deserialize;
use serde_json::{Value, json};
use task::Cancellation;
use tokio::sync::{mpsc, oneshot};

/// A server that says nothing for so long has gone.
const SILENCE: Duration = Duration::from_secs(120);
const CONNECT: Duration = Duration::from_secs(10);
/// When to come back, where a server that is busy does not say.
const PAUSE: Duration = Duration::from_secs(1);
/// Bytes that are read of what is no stream: vectors of the largest batch fit.
const MOST: usize = 256 << 20;
/// Bytes that are read of a refusal.
const MOST_REFUSAL: usize = 64 << 10;

/// Where a model is that runs elsewhere.
#[derive(Clone)]
pub struct Upstream {
    base: Url,
    model: String,
    key: Option<String>,
    client: Client,
}

impl std::fmt::Debug for Upstream {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.debug_struct("Upstream")
            .field("base", &self.base.as_str())
            .field("model", &self.model)
            .finish_non_exhaustive()
    }
}

impl Upstream {
    /// `base` is what clients take as their base URL: `http://gpu-1:8000/v1`. `model` is the model's name there, `key` a
    /// bearer token. An error says what is wrong with `base` or `key`.
    pub fn new(base: &str, model: &str, key: Option<&str>) -> Result<Self, String> {
        let base: Url = base.trim_end_matches('/').parse().map_err(|error| format!("{base:?} is no URL: {error}"))?;
        if !["http", "https"].contains(&base.scheme()) || !base.has_host() {
            return Err(format!("{base} does not begin with http:// or https:// and a host"));
        }
        if !base.username().is_empty() || base.password().is_some() {
            return Err("a URL holds no password here: it goes into 'key'".into());
        }
        if base.query().is_some() || base.fragment().is_some() {
            return Err(format!("{base} has a part after '?' or '#', and paths are put behind it"));
        }
        if key.is_some_and(|key| key.is_empty() || !key.bytes().all(|byte| byte.is_ascii_graphic())) {
            return Err("the key has letters that no header may carry".into());
        }
        // Of several in one program, the first is kept.
        let _ = rustls::crypto::ring::default_provider().install_default();
        // A redirect would carry the key elsewhere.
        let client = Client::builder().redirect(Policy::none()).connect_timeout(CONNECT).read_timeout(SILENCE);
        let client = client.build().map_err(|error| why(&error))?;
        Ok(Self { base, model: model.into(), key: key.map(Into::into), client })
    }

    /// Whether requests would come to this port of this machine.
    pub fn leads_to(&self, port: u16) -> bool {
        let host = self.base.host_str().unwrap_or_default();
        let address: Option<IpAddr> = host.trim_matches(['[', ']']).parse().ok();
        let own = address.is_some_and(|address| address.is_loopback() || address.is_unspecified());
        (own || host == "localhost") && self.base.port_or_known_default() == Some(port)
    }

    /// An embedding model whose vectors have `dimension` values.
    pub fn embedding(self, dimension: u32) -> impl Embedder {
        UpstreamEmbedder { upstream: self, dimension }
    }

    /// Asks whether the server is there and has the model, within `patience`. An error is a sentence's end.
    pub async fn look(&self, patience: Duration) -> Result<(), String> {
        #[derive(Deserialize)]
        struct List {
            data: Vec<Named>,
        }
        #[derive(Deserialize)]
        struct Named {
            id: String,
        }
        let mut url = self.base.clone();
        url.set_path(&format!("{}/models", url.path().trim_end_matches('/')));
        let asked = self.with_key(self.client.get(url)).timeout(patience);
        let answer = self.sent(asked).await.map_err(|error| error.to_string())?;
        let list: List = self.json(answer).await.map_err(|error| error.to_string())?;
        if list.data.iter().any(|model| model.id == self.model) {
            return Ok(());
        }
        let known: Vec<_> = list.data.iter().map(|model| model.id.as_str()).take(10).collect();
        Err(format!("{} has no model {:?}; it has {}", self.base, self.model, known.join(", ")))
    }

    /// Sends `body`; what comes back is a success.
    async fn ask(&self, path: &str, body: &Value) -> Result<Response, Error> {
        let mut url = self.base.clone();
        url.set_path(&format!("{}/{path}", url.path().trim_end_matches('/')));
        self.sent(self.with_key(self.client.post(url)).json(body)).await
    }

    fn with_key(&self, asked: RequestBuilder) -> RequestBuilder {
        match &self.key {
            Some(key) => asked.bearer_auth(key),
            None => asked,
        }
    }

    async fn sent(&self, asked: RequestBuilder) -> Result<Response, Error> {
        let answer = asked.send().await.map_err(|error| self.failed(&why(&error)))?;
        match answer.status() {
            status if status.is_success() => Ok(answer),
            _ => Err(self.refused(answer).await),
        }
    }

    /// What a server's refusal is to our own caller.
    async fn refused(&self, answer: Response) -> Error {
        let status = answer.status();
        let after = answer.headers().get(RETRY_AFTER).and_then(|after| after.to_str().ok()?.trim().parse::<u64>().ok());
        let told = self.read(answer, MOST_REFUSAL).await.unwrap_or_default();
        if let Some(error) = overflow(&told).filter(|_| status.is_client_error()) {
            return error;
        }
        let told = message(&told);
        match status {
            StatusCode::TOO_MANY_REQUESTS => Error::Busy { retry_after: after.map_or(PAUSE, Duration::from_secs) },
            StatusCode::SERVICE_UNAVAILABLE if after.is_some() => {
                Error::Busy { retry_after: after.map_or(PAUSE, Duration::from_secs) }
            }
            StatusCode::UNAUTHORIZED | StatusCode::FORBIDDEN => self.failed("it refuses the deployment's key"),
            StatusCode::NOT_FOUND => self.failed(&format!("it has no model {:?} ({told})", self.model)),
            status if status.is_client_error() => Error::Invalid { part: "the request", message: told },
            status => self.failed(&format!("it answers {status} ({told})")),
        }
    }

    async fn json<T: for<'a> Deserialize<'a>>(&self, answer: Response) -> Result<T, Error> {
        let bytes = self.read(answer, MOST).await?;
        serde_json::from_slice(&bytes).map_err(|error| self.failed(&format!("its answer cannot be read: {error}")))
    }

    async fn read(&self, answer: Response, most: usize) -> Result<Vec<u8>, Error> {
        let (mut bytes, mut parts) = (Vec::new(), answer.bytes_stream());
        while let Some(part) = parts.next().await {
            bytes.extend_from_slice(&part.map_err(|error| self.failed(&why(&error)))?);
            if bytes.len() > most {
                return Err(self.failed("its answer does not end"));
            }
        }
        Ok(bytes)
    }

    fn failed(&self, what: &str) -> Error {
        Error::Remote { message: format!("{}: {what}", self.base) }
    }
}

impl Generator for Upstream {
    fn describe(&self) -> Description {
        // The server knows its context, and refuses what is longer.
        Description { id: self.model.clone(), context: u32::MAX }
    }

    fn generate(&self, request: Request, cancellation: Cancellation) -> Generation {
        let (events, generation) = mpsc::unbounded_channel();
        let upstream = self.clone();
        tokio::spawn(async move {
            let mut said = saying::Said::new(events.clone());
            // Dropping the exchange closes the connection, which is how such servers are told to stop.
            let last = tokio::select! {
                ended = upstream.say(&request, &mut said) => ended.map(|finish| said.done(finish)),
                () = cancellation.cancelled() => Ok(said.done(inference::Finish::Cancelled)),
                () = events.closed() => return,
            };
            let _ = events.send(last.unwrap_or_else(Event::Failed));
        });
        generation
    }
}

impl Upstream {
    async fn say(&self, request: &Request, said: &mut saying::Said) -> Result<inference::Finish, Error> {
        let (path, body) = asking::body(&self.model, request)?;
        let answer = self.ask(path, &body).await?;
        let kind = answer.headers().get(CONTENT_TYPE).and_then(|kind| kind.to_str().ok()).unwrap_or_default();
        if !kind.starts_with("text/event-stream") {
            return Err(self.failed(&format!("it answers with {kind:?}, not with a stream")));
        }
        said.hear(answer.bytes_stream()).await.map_err(|what| match what {
            saying::Broken::Refused(error) => error,
            saying::Broken::Stream(what) => self.failed(&what),
        })
    }
}

struct UpstreamEmbedder {
    upstream: Upstream,
    dimension: u32,
}

impl Embedder for UpstreamEmbedder {
    fn describe(&self) -> EmbedderDescription {
        EmbedderDescription { id: self.upstream.model.clone(), dimension: self.dimension, context: u32::MAX }
    }

    fn embed(&self, inputs: Vec<Input>, cancellation: Cancellation) -> oneshot::Receiver<Result<Embedded, Error>> {
        let (reply, embedded) = oneshot::channel();
        let (upstream, dimension) = (self.upstream.clone(), self.dimension);
        tokio::spawn(async move {
            let mut reply = reply;
            tokio::select! {
                embedded = upstream.embed(&inputs, dimension) => drop(reply.send(embedded)),
                () = cancellation.cancelled() => {}
                () = reply.closed() => {}
            }
        });
        embedded
    }
}

impl Upstream {
    async fn embed(&self, inputs: &[Input], dimension: u32) -> Result<Embedded, Error> {
        #[derive(Deserialize)]
        struct Answer {
            data: Vec<One>,
            usage: Option<Used>,
        }
        #[derive(Deserialize)]
        struct One {
            index: usize,
            embedding: Vec<f32>,
        }
        #[derive(Deserialize)]
        struct Used {
            prompt_tokens: u32,
        }
        let input: Vec<Value> = inputs
            .iter()
            .map(|input| match input {
                Input::Text(text) => json!(text),
                Input::Tokens(tokens) => json!(tokens),
            })
            .collect();
        let body = json!({"model": self.model, "input": input, "encoding_format": "float"});
        let mut answer: Answer = self.json(self.ask("embeddings", &body).await?).await?;
        answer.data.sort_by_key(|one| one.index);
        if !answer.data.iter().map(|one| one.index).eq(0..inputs.len()) {
            return Err(self.failed(&format!("it sent {} vectors for {} texts", answer.data.len(), inputs.len())));
        }
        if let Some(other) = answer.data.iter().find(|one| one.embedding.len() != dimension as usize) {
            let found = other.embedding.len();
            return Err(self.failed(&format!("its vectors have {found} values, and the deployment says {dimension}")));
        }
        let tokens = answer.usage.map_or(0, |used| used.prompt_tokens);
        Ok(Embedded { vectors: answer.data.into_iter().map(|one| one.embedding).collect(), tokens })
    }
}

/// A prompt that is too long, where a refusal says so and names both counts: as OpenAI's and vLLM's servers do in their
/// message, or as llama.cpp's does in fields of their own. What is too long for it is the greater of both.
fn overflow(body: &[u8]) -> Option<Error> {
    let told: Value = serde_json::from_slice(body).ok()?;
    let (error, text) = (told.get("error").unwrap_or(&told), message(body));
    let fields = [&error["n_prompt_tokens"], &error["n_ctx"]].map(Value::as_u64);
    let says_so = error["code"] == "context_length_exceeded" || text.contains("maximum context length");
    let counts = match fields {
        [Some(prompt), Some(context)] => vec![prompt, context],
        _ if says_so => {
            text.split(|letter: char| !letter.is_ascii_digit()).filter_map(|word| word.parse().ok()).collect()
        }
        _ => return None,
    };
    let [one, other, ..] = counts[..] else { return None };
    let whole = |count: u64| u32::try_from(count).unwrap_or(u32::MAX);
    Some(Error::ContextOverflow { prompt: whole(one.max(other)), context: whole(one.min(other)) })
}

/// What a refusal says, in whichever of the usual shapes.
fn message(body: &[u8]) -> String {
    const MOST_SHOWN: usize = 500;
    let told: Value = serde_json::from_slice(body).unwrap_or_default();
    let places = [&told["error"]["message"], &told["message"], &told["detail"], &told["error"]];
    let text = places.into_iter().find_map(Value::as_str).map(str::to_owned);
    let text = text.unwrap_or_else(|| String::from_utf8_lossy(body).into_owned());
    let text = if text.trim().is_empty() { "it says nothing more" } else { text.trim().trim_end_matches('.') };
    text.chars().take(MOST_SHOWN).collect()
}

/// The innermost reason, which alone says what happened. Its address is told beside it.
fn why(error: &reqwest::Error) -> String {
    if error.is_timeout() {
        return "it does not answer".into();
    }
    let mut reason: &dyn std::error::Error = error;
    while let Some(inner) = reason.source() {
        reason = inner;
    }
    if error.is_connect() {
        format!("it cannot be reached ({reason})")
    } else {
        format!("the connection broke off ({reason})")
    }
}
