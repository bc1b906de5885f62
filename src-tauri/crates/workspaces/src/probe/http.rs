//! One request as a check sends it: no proxy, no redirects followed, a fresh connection each time.

use std::{error::Error, io, time::Instant};

use checks::{Answer, Obstacle, Piece, Request, StreamEnd, Streamed};
use reqwest::{Client, Method, Response, redirect::Policy};

/// The longest body that is read.
const BODY: usize = 8 << 20;

pub(crate) fn client() -> reqwest::Result<Client> {
    // The program's one HTTP library is built with TLS, and asks whose arithmetic that is to take, here too.
    let _ = rustls::crypto::ring::default_provider().install_default();
    Client::builder().no_proxy().redirect(Policy::none()).pool_max_idle_per_host(0).build()
}

pub(super) async fn send(client: &Client, request: &Request) -> Result<Answer, Obstacle> {
    let started = Instant::now();
    let mut response = match begin(client, request).await? {
        Ok(response) => response,
        Err(answer) => return Ok(answer),
    };
    let (status, headers) = head(&response);
    let mut body = Vec::new();
    loop {
        match response.chunk().await {
            Ok(Some(chunk)) => body.extend_from_slice(&chunk),
            Ok(None) => return Ok(Answer::Response { status, headers, body, elapsed: started.elapsed() }),
            Err(error) => return failure(&error, request).ok_or_else(|| cannot(request, &innermost(&error))),
        }
        bounded(body.len(), request)?;
    }
}

pub(super) async fn stream(
    client: &Client,
    request: &Request,
    enough: &mut (dyn for<'p> FnMut(&'p Piece) -> bool + Send),
) -> Result<Streamed, Obstacle> {
    let started = Instant::now();
    let mut response = match begin(client, request).await? {
        Ok(response) => response,
        Err(answer) => return Ok(Streamed::Nothing(answer)),
    };
    let (status, headers) = head(&response);
    let mut seen = 0;
    let end = loop {
        match response.chunk().await {
            Ok(Some(chunk)) => {
                seen += chunk.len();
                bounded(seen, request)?;
                if enough(&Piece { at: started.elapsed(), bytes: chunk.to_vec() }) {
                    break StreamEnd::HungUp;
                }
            }
            Ok(None) => break StreamEnd::Whole,
            Err(error) => match failure(&error, request) {
                Some(Answer::TimedOut { .. }) => break StreamEnd::TimedOut,
                Some(_) => break StreamEnd::Broken,
                None => return Err(cannot(request, &innermost(&error))),
            },
        }
    };
    Ok(Streamed::Begun { status, headers, end, elapsed: started.elapsed() })
}

/// Sends the request. What kept an answer from beginning is one too.
async fn begin(client: &Client, request: &Request) -> Result<Result<Response, Answer>, Obstacle> {
    let method = Method::from_bytes(request.method.as_bytes()).map_err(|error| cannot(request, &error))?;
    let mut builder = client.request(method, &request.url).timeout(request.timeout);
    for (name, value) in &request.headers {
        builder = builder.header(name, value);
    }
    if let Some(body) = &request.body {
        builder = builder.body(body.clone());
    }
    match builder.send().await {
        Ok(response) => Ok(Ok(response)),
        Err(error) => failure(&error, request).map(Err).ok_or_else(|| cannot(request, &innermost(&error))),
    }
}

fn head(response: &Response) -> (u16, Vec<(String, String)>) {
    let text = |value: &reqwest::header::HeaderValue| String::from_utf8_lossy(value.as_bytes()).into_owned();
    let headers = response.headers().iter().map(|(name, value)| (name.to_string(), text(value))).collect();
    (response.status().as_u16(), headers)
}

fn bounded(bytes: usize, request: &Request) -> Result<(), Obstacle> {
    if bytes <= BODY {
        return Ok(());
    }
    Err(Obstacle {
        message: format!("{} answered with more than {} MB, the most that a check reads", request.url, BODY >> 20),
        next_step: "Make the answer shorter.".into(),
    })
}

fn cannot(request: &Request, detail: &dyn std::fmt::Display) -> Obstacle {
    Obstacle {
        message: format!("{} {} could not be sent: {detail}", request.method, request.url),
        next_step: "Look at the address; if it comes from the lab, tell the authors of the pack.".into(),
    }
}

/// What the other side did wrong; `None` where nobody on the other side did.
fn failure(error: &reqwest::Error, request: &Request) -> Option<Answer> {
    if error.is_timeout() {
        return Some(Answer::TimedOut { after: request.timeout });
    }
    for cause in causes(error) {
        if let Some(hyper) = cause.downcast_ref::<hyper::Error>() {
            if hyper.is_incomplete_message() || hyper.is_body_write_aborted() {
                return Some(Answer::Reset);
            }
            if hyper.is_parse() {
                return Some(Answer::NotHttp { detail: hyper.to_string() });
            }
        }
        if let Some(io) = cause.downcast_ref::<io::Error>() {
            match io.kind() {
                io::ErrorKind::ConnectionRefused => return Some(Answer::Refused),
                io::ErrorKind::ConnectionReset
                | io::ErrorKind::ConnectionAborted
                | io::ErrorKind::BrokenPipe
                | io::ErrorKind::UnexpectedEof => return Some(Answer::Reset),
                _ => {}
            }
        }
    }
    None
}

fn causes(error: &reqwest::Error) -> impl Iterator<Item = &(dyn Error + 'static)> {
    let first: &(dyn Error + 'static) = error;
    std::iter::successors(Some(first), |error: &&(dyn Error + 'static)| (*error).source())
}

fn innermost(error: &reqwest::Error) -> String {
    causes(error).last().map(ToString::to_string).unwrap_or_default()
}
