//! The second address at which containers reach the gateway: that of a bridge between this machine and its containers. Who
//! comes from elsewhere is not let in there, so the gateway stays closed to the network that the machine itself is in.

use std::{
    collections::HashSet,
    io,
    net::{IpAddr, Ipv4Addr, SocketAddr},
    sync::{Mutex, PoisonError},
    time::Duration,
};

use axum::{Json, body::Body, extract::State, http::StatusCode};
use serde_json::{Value, json};
use tokio::{
    io::{AsyncReadExt, AsyncWriteExt},
    net::{TcpListener, TcpStream},
    time::timeout,
};

use crate::{
    Running, body,
    refusal::Refusal,
    server::{App, accept},
};

/// Where another process of ours asks for it.
pub(crate) const PATH: &str = "/groundwork/bridge";
/// For the other process to answer.
const PATIENCE: Duration = Duration::from_secs(2);

/// By these names containers know the machine that they run on: Docker's and Podman's.
pub(crate) const NAMES: [&str; 2] = ["host.docker.internal", "host.containers.internal"];

/// The bridges that are listened at.
#[derive(Default)]
pub(crate) struct Bridges(Mutex<HashSet<Ipv4Addr>>);

impl Running {
    /// Listens at a bridge as well, for its containers alone. Asking again changes nothing.
    pub fn opens_to_containers(&self, bridge: Ipv4Addr) -> impl Future<Output = io::Result<()>> + Send + use<> {
        let app = self.app.clone();
        async move { open(&app, bridge).await }
    }
}

/// As [`Running::opens_to_containers`], at the gateway of another process.
pub async fn open_to_containers(address: SocketAddr, key: &str, bridge: Ipv4Addr) -> io::Result<()> {
    let ask = async {
        let body = json!({"address": bridge}).to_string();
        let mut line = TcpStream::connect(address).await?;
        let head = format!(
            "POST {PATH} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {key}\r\nConnection: close\r\n\
             Content-Length: {}\r\n\r\n",
            body.len()
        );
        line.write_all(format!("{head}{body}").as_bytes()).await?;
        let mut answer = String::new();
        line.take(64 << 10).read_to_string(&mut answer).await?;
        match answer.lines().next() {
            Some(line) if line.starts_with("HTTP/1.1 200 ") => Ok(()),
            line => Err(io::Error::other(format!("it answered {:?}", line.unwrap_or_default()))),
        }
    };
    timeout(PATIENCE, ask).await.map_err(io::Error::other)?
}

pub(crate) async fn asked(State(app): State<App>, body: Body) -> Result<Json<Value>, Refusal> {
    let wrong = |message: String| Refusal::new(StatusCode::BAD_REQUEST, "invalid_bridge", message);
    let fields = body::object(body, &app.limits).await?;
    let address = fields.get("address").and_then(Value::as_str).and_then(|text| text.parse().ok());
    let address = address.ok_or_else(|| wrong("`address` has to be an IPv4 address.".into()))?;
    open(&app, address).await.map_err(|error| wrong(format!("The gateway cannot listen at {address}: {error}.")))?;
    Ok(Json(json!({"address": address})))
}

async fn open(app: &App, bridge: Ipv4Addr) -> io::Result<()> {
    if bridge.is_loopback() || !is_container(bridge) {
        return Err(io::Error::other("it is not the address of a bridge to containers"));
    }
    if app.bridges.0.lock().unwrap_or_else(PoisonError::into_inner).contains(&bridge) {
        return Ok(());
    }
    let listener = TcpListener::bind((bridge, app.port)).await?;
    app.bridges.0.lock().unwrap_or_else(PoisonError::into_inner).insert(bridge);
    app.tracker.spawn(accept(listener, app.clone(), |peer| match peer {
        IpAddr::V4(peer) => is_container(peer),
        IpAddr::V6(_) => false,
    }));
    Ok(())
}

/// Whether packets for this address go over a bridge of this machine that does not lead to the network around it.
#[cfg(target_os = "linux")]
fn is_container(address: Ipv4Addr) -> bool {
    let Ok(table) = std::fs::read_to_string("/proc/net/route") else { return false };
    let is_bridge = |name: &str| std::path::Path::new("/sys/class/net").join(name).join("bridge").is_dir();
    over_inner_bridge(&table, address, is_bridge)
}

/// Elsewhere engines run in a machine of their own, whose containers come from this machine's loopback address.
#[cfg(not(target_os = "linux"))]
fn is_container(_: Ipv4Addr) -> bool {
    false
}

/// `table` is `/proc/net/route`: interface, destination, gateway, flags, ..., mask in the eighth place, numbers in
/// hexadecimal with the lowest byte first.
#[cfg(any(target_os = "linux", test))]
fn over_inner_bridge(table: &str, address: Ipv4Addr, is_bridge: impl Fn(&str) -> bool) -> bool {
    let number = |text: &str| u32::from_str_radix(text, 16).ok().map(u32::swap_bytes);
    let routes = table.lines().skip(1).filter_map(|line| {
        let fields: Vec<&str> = line.split_whitespace().collect();
        Some((*fields.first()?, number(fields.get(1)?)?, number(fields.get(7)?)?))
    });
    let routes: Vec<_> = routes.collect();
    let wanted = u32::from(address);
    // The narrowest network that holds the address decides.
    let holding = routes.iter().filter(|(_, network, mask)| wanted & mask == *network);
    let Some((name, _, mask)) = holding.max_by_key(|(_, _, mask)| *mask) else { return false };
    let leads_out = routes.iter().any(|(other, _, mask)| other == name && *mask == 0);
    *mask != 0 && !leads_out && is_bridge(name)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// A machine at 192.168.1.7 behind a router, with Docker's two bridges, and another one over its own bridge br0.
    const TABLE: &str = "Iface\tDestination\tGateway \tFlags\tRefCnt\tUse\tMetric\tMask\t\tMTU\tWindow\tIRTT\n\
        eth0\t00000000\t0101A8C0\t0003\t0\t0\t100\t00000000\t0\t0\t0\n\
        eth0\t0001A8C0\t00000000\t0001\t0\t0\t100\t00FFFFFF\t0\t0\t0\n\
        docker0\t000011AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
        br-0f2a\t000012AC\t00000000\t0001\t0\t0\t0\t0000FFFF\t0\t0\t0\n\
        tun0\t0000000A\t00000000\t0001\t0\t0\t0\t000000FF\t0\t0\t0\n";

    #[test]
    fn containers_are_told_from_the_network_around() {
        let is_bridge = |name: &str| name.starts_with("docker") || name.starts_with("br");
        let check = |address: &str, expected| {
            assert_eq!(over_inner_bridge(TABLE, address.parse().unwrap(), is_bridge), expected, "{address}");
        };
        check("172.17.0.1", true);
        check("172.17.0.9", true);
        check("172.18.4.2", true);
        check("192.168.1.7", false);
        check("192.168.1.40", false);
        check("10.1.2.3", false);
        check("203.0.113.5", false);

        // A bridge that carries the way out is the network around.
        let bridged = TABLE.replace("eth0", "br0");
        assert!(!over_inner_bridge(&bridged, "192.168.1.40".parse().unwrap(), is_bridge));
        assert!(!over_inner_bridge("", "172.17.0.9".parse().unwrap(), is_bridge));
    }
}
