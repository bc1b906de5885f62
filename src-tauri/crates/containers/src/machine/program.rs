//! Programs in a machine.

use std::collections::BTreeMap;
use std::time::{Duration, Instant};

use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures::StreamExt;

use super::Machine;
use crate::container::pairs;
use crate::{Engine, Error};

/// Bytes that are kept of what a program says: the last.
const KEPT: usize = 256 << 10;

/// How a program ended.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Executed {
    /// `None` where its time was over; the engine has no way to end it, so it goes with the machine.
    pub code: Option<i64>,
    /// Both of its streams; which came first, an engine does not say.
    pub output: String,
    /// Whether the beginning of it is missing.
    pub cut: bool,
    pub elapsed: Duration,
}

impl Machine {
    /// Runs a program to its end, or until its time is over.
    pub async fn execute(
        &self,
        argv: &[String],
        environment: &BTreeMap<String, String>,
        within: Duration,
    ) -> Result<Executed, Error> {
        self.engine.execute(&self.id, argv, environment, within).await
    }
}

impl Engine {
    pub(super) async fn execute(
        &self,
        container: &str,
        argv: &[String],
        environment: &BTreeMap<String, String>,
        within: Duration,
    ) -> Result<Executed, Error> {
        let options = CreateExecOptions {
            cmd: Some(argv.to_vec()),
            env: Some(pairs(environment)),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        let began = Instant::now();
        let id = self.docker.create_exec(container, options).await?.id;
        let (mut output, mut cut) = (Vec::new(), false);
        let listening = async {
            let started = self.docker.start_exec(&id, None::<StartExecOptions>).await?;
            let StartExecResults::Attached { output: mut told, .. } = started else { return Ok(()) };
            while let Some(piece) = told.next().await {
                output.extend_from_slice(&piece?.into_bytes());
                if output.len() > 2 * KEPT {
                    output.drain(..output.len() - KEPT);
                    cut = true;
                }
            }
            Ok::<_, Error>(())
        };
        let ended = tokio::time::timeout(within, listening).await;
        let code = match ended {
            Ok(heard) => {
                heard?;
                Some(self.docker.inspect_exec(&id).await?.exit_code.unwrap_or(-1))
            }
            Err(_) => None,
        };
        let output = String::from_utf8_lossy(&output).replace("\r\n", "\n");
        Ok(Executed { code, output, cut, elapsed: began.elapsed() })
    }
}
