//! Why the gateway could not start.

use std::net::SocketAddr;

use task::{Fault, Owner};

#[derive(Debug, thiserror::Error)]
pub enum Error {
    #[error("port {port} is already taken{}", by(holder.as_deref()))]
    PortTaken {
        port: u16,
        /// `python3 (process 4711)`, where the system tells.
        holder: Option<String>,
    },
    #[error("the gateway listens on this machine only, and {address} can be reached from others")]
    NotLocal { address: SocketAddr },
    #[error("the gateway could not listen on {address}: {source}")]
    Listen { address: SocketAddr, source: std::io::Error },
    #[error("the gateway could not set up its measures: {message}")]
    Measures { message: String },
}

fn by(holder: Option<&str>) -> String {
    holder.map(|holder| format!(" by {holder}")).unwrap_or_default()
}

impl Fault for Error {
    fn code(&self) -> &'static str {
        match self {
            Self::PortTaken { .. } => "gateway.port_taken",
            Self::NotLocal { .. } => "gateway.not_local",
            Self::Listen { .. } => "gateway.listen",
            Self::Measures { .. } => "gateway.measures",
        }
    }

    fn next_step(&self) -> String {
        match self {
            Self::PortTaken { holder, .. } => format!(
                "Stop {}, or start Groundwork with another port in GROUNDWORK_PORT.",
                holder.as_deref().unwrap_or("the program that holds it")
            ),
            Self::NotLocal { .. } => "Use an address of this machine alone, such as 127.0.0.1.".into(),
            Self::Listen { .. } => "Choose another port, one above 1023.".into(),
            Self::Measures { .. } => "Report it with the log: this is a fault of Groundwork.".into(),
        }
    }

    fn owner(&self) -> Owner {
        match self {
            Self::Measures { .. } => Owner::Product,
            _ => Owner::Learner,
        }
    }
}
