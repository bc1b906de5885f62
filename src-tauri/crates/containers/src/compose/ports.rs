//! Ports, opened on this machine alone.

use super::bad::Bad;
use super::form::{PortForm, PortMapping, Scalar};
use super::service::Port;

pub fn port(form: PortForm, place: &str) -> Result<Port, Bad> {
    match form {
        PortForm::Short(text) => short(&text.to_string(), place),
        PortForm::Long(PortMapping { target, published, host_ip, protocol }) => {
            let published = published.as_ref().map(Scalar::to_string);
            made(host_ip.as_deref(), published.as_deref(), &target.to_string(), protocol.as_deref(), place)
        }
    }
}

/// `[HOST_IP:][HOST:]CONTAINER[/PROTOCOL]`
fn short(text: &str, place: &str) -> Result<Port, Bad> {
    let (ports, protocol) = match text.split_once('/') {
        Some((ports, protocol)) => (ports, Some(protocol)),
        None => (text, None),
    };
    let mut from_the_end = ports.rsplitn(3, ':');
    let container = from_the_end.next().unwrap_or_default();
    let (host, address) = (from_the_end.next(), from_the_end.next());
    made(address, host, container, protocol, place)
}

fn made(
    address: Option<&str>,
    host: Option<&str>,
    container: &str,
    protocol: Option<&str>,
    place: &str,
) -> Result<Port, Bad> {
    if let Some(address) = address.filter(|address| !matches!(*address, "127.0.0.1" | "localhost")) {
        let detail = format!("opens {address}, and ports are opened on this machine alone");
        return Err(Bad::new(place, detail, "Write 127.0.0.1, or leave the address away: it means the same here."));
    }
    let number = |text: &str| {
        text.parse::<u16>().ok().filter(|port| *port > 0).ok_or_else(|| {
            let next = "Write one port from 1 to 65535, each range's ports one by one.";
            Bad::new(place, format!("{text:?} is no port"), next)
        })
    };
    let udp = match protocol {
        None | Some("tcp") => false,
        Some("udp") => true,
        Some(other) => return Err(Bad::new(place, format!("{other:?} is no protocol"), "Write tcp or udp.")),
    };
    let host = host.filter(|host| !host.is_empty()).map(number).transpose()?;
    Ok(Port { container: number(container)?, host, udp })
}
