//! Who may ask. In this order, the cheapest first: a request that a foreign web page could have sent is 403, one
//! without a workspace's key is 401, and from then on it is a call that leaves one record.

use std::{net::IpAddr, str::FromStr, sync::Arc};

use axum::{
    extract::{Request, State},
    http::{HeaderMap, HeaderValue, StatusCode, Uri, header, uri::Authority},
    middleware::Next,
    response::{IntoResponse, Response},
};
use tokio::task::spawn_blocking;
use uuid::Uuid;

use crate::{
    bridge,
    call::{Entry, Slot},
    dialect::{self, Dialect},
    exchanges::Held,
    faults,
    key::{Caller, hex},
    refusal::Refusal,
    server::App,
    wheels,
};

pub(crate) async fn guard(State(app): State<App>, request: Request, next: Next) -> Response {
    let dialect = dialect::of(request.uri().path(), request.headers());
    let (response, held) = match admit(&app, dialect, request).await {
        Ok(Admitted::Unrecorded(request)) => (next.run(request).await, None),
        Ok(Admitted::Caller { request, slot, caller, held }) => {
            let mut response = match dialect.asks_models {
                true => faults::meeting::answer(&app, caller, &slot, request, next).await,
                false => next.run(request).await,
            };
            // A generation took its entry along and closes it itself.
            if let Some(mut entry) = slot.take() {
                entry.close(response.status().as_u16(), Refusal::code_of(&response)).await;
            }
            if let Some(metered) = slot.metered() {
                metered.tell(response.headers_mut());
            }
            (response, Some(held))
        }
        Err(refusal) => (refusal.into_response(), None),
    };
    let mut response = Refusal::told(response, dialect.refusal);
    if let Ok(id) = HeaderValue::from_str(&format!("req_{}", hex(&rand::random::<[u8; 12]>()))) {
        response.headers_mut().insert("x-request-id", id);
    }
    match held {
        Some(held) => held.response(response),
        None => response,
    }
}

enum Admitted {
    /// Asks who we are, which anybody on this machine may, or asks the gateway and not a model.
    Unrecorded(Request),
    Caller {
        request: Request,
        slot: Slot,
        caller: Caller,
        held: Held,
    },
}

/// Whose key an unrecorded request came with.
#[derive(Clone)]
pub(crate) struct Owner(pub Uuid);

async fn admit(app: &App, dialect: &Dialect, mut request: Request) -> Result<Admitted, Refusal> {
    from_here(request.headers(), request.uri())?;
    let path = request.uri().path();
    if path == "/" || path.starts_with(wheels::ROOT) {
        return Ok(Admitted::Unrecorded(request));
    }
    let caller = caller(app, dialect, request.headers()).await?;
    if dialect::is_ours(path) {
        request.extensions_mut().insert(Owner(caller.workspace));
        return Ok(Admitted::Unrecorded(request));
    }
    let mut entry = Entry::open(
        app.recorder.clone(),
        app.tracker.clone(),
        app.metrics.clone(),
        caller,
        dialect.name,
        request.method().as_str(),
        path,
    );
    let held = app.exchanges.begin(caller.workspace, entry.call.at);
    entry.call.at = held.at;
    let slot = Slot::new(entry);
    let mut request = held.request(request);
    request.extensions_mut().insert(slot.clone());
    Ok(Admitted::Caller { request, slot, caller, held })
}

async fn caller(app: &App, dialect: &Dialect, headers: &HeaderMap) -> Result<Caller, Refusal> {
    let refuse = |code, what: &str| {
        let message = format!(
            "{what} Send your workspace's key as `{}`: `.groundwork/activate` in the workspace sets it for you.",
            dialect.key_header
        );
        Refusal::new(StatusCode::UNAUTHORIZED, code, message)
    };
    let key = (dialect.key)(headers).ok_or_else(|| refuse("missing_api_key", "The request has no key."))?;
    let (keys, key) = (Arc::clone(&app.keys), key.to_owned());
    let caller = spawn_blocking(move || keys.caller(&key)).await.ok().flatten();
    caller.ok_or_else(|| refuse("invalid_api_key", "No workspace has this key."))
}

/// A web page can make a browser send requests here. Its own address then stands in `Origin`, or, where it had its
/// name resolve to this machine, in `Host`.
fn from_here(headers: &HeaderMap, uri: &Uri) -> Result<(), Refusal> {
    let mut hosts = headers.get_all(header::HOST).iter();
    let host = hosts.next().and_then(parsed).is_some_and(|host| is_local(&host)) && hosts.next().is_none();
    if !host || uri.authority().is_some_and(|authority| !is_local(authority)) {
        return Err(foreign("foreign_host", "Host"));
    }
    let ours = |origin: Uri| origin.scheme().is_some() && origin.authority().is_some_and(is_local);
    if headers.get_all(header::ORIGIN).iter().any(|origin| !parsed(origin).is_some_and(ours)) {
        return Err(foreign("foreign_origin", "Origin"));
    }
    Ok(())
}

fn parsed<T: FromStr>(value: &HeaderValue) -> Option<T> {
    value.to_str().ok()?.parse().ok()
}

fn foreign(code: &'static str, header: &str) -> Refusal {
    let message = format!("The {header} header does not name this machine. Use the address that Groundwork shows.");
    Refusal::new(StatusCode::FORBIDDEN, code, message)
}

/// `localhost`, a loopback address or a container's name for its machine, at any port: a forwarded port is still this
/// machine. No page can have such a name resolve to its own choice.
fn is_local(authority: &Authority) -> bool {
    let host = authority.host();
    let address = host.strip_prefix('[').and_then(|host| host.strip_suffix(']')).unwrap_or(host);
    let named = ["localhost"].iter().chain(&bridge::NAMES).any(|name| host.eq_ignore_ascii_case(name));
    let local = named || address.parse().is_ok_and(|ip: IpAddr| ip.is_loopback());
    local && !authority.as_str().contains('@')
}
