//! Looking into a running stack: a command in one of its services, and what each of them takes.

use bollard::exec::{CreateExecOptions, StartExecOptions, StartExecResults};
use futures::StreamExt;
use futures::future::try_join_all;
use task::{Cancellation, Reporter};

use super::{label_of, state};
use crate::engine::unless_cancelled;
use crate::lines::Lines;
use crate::{Engine, Error, Usage, label};

/// What a service takes now.
#[derive(Debug, Clone, PartialEq)]
pub struct ServiceUsage {
    pub service: String,
    pub usage: Usage,
}

impl Engine {
    /// Runs a command in a service's container, with its output a line at a time, and gives the code that it ended with.
    /// Cancelling stops listening; the engine has no way to end the command.
    pub async fn exec(
        &self,
        project: &str,
        service: &str,
        command: &[String],
        reporter: &dyn Reporter,
        cancellation: &Cancellation,
    ) -> Result<i64, Error> {
        let container = self.running(project, service).await?;
        let options = CreateExecOptions {
            cmd: Some(command.to_vec()),
            attach_stdout: Some(true),
            attach_stderr: Some(true),
            ..CreateExecOptions::default()
        };
        let id = self.docker.create_exec(&container, options).await?.id;
        let started = self.docker.start_exec(&id, None::<StartExecOptions>).await?;
        if let StartExecResults::Attached { mut output, .. } = started {
            let mut lines = Lines::default();
            while let Some(piece) = unless_cancelled(cancellation, async { Ok(output.next().await) }).await? {
                lines.push(&piece?.into_bytes()).iter().for_each(|line| reporter.output(line));
            }
            lines.rest().iter().for_each(|line| reporter.output(line));
        }
        Ok(self.docker.inspect_exec(&id).await?.exit_code.unwrap_or(-1))
    }

    /// What each running service takes, by its name. Takes about two seconds.
    pub async fn stack_usage(&self, project: &str) -> Result<Vec<ServiceUsage>, Error> {
        let containers = self.containers_of(project).await?;
        let running = containers.iter().filter(|container| state(container) == "running");
        let measuring = running.map(|container| async move {
            let usage = self.usage(container.id.as_deref().unwrap_or_default()).await?;
            Ok::<_, Error>(ServiceUsage { service: label_of(container, label::SERVICE).to_owned(), usage })
        });
        let mut found = try_join_all(measuring).await?;
        found.sort_by(|a, b| a.service.cmp(&b.service));
        Ok(found)
    }
}
