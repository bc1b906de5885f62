//! Machines for the jobs of a workflow, each with a copy of the workspace.

use std::{collections::BTreeMap, path::PathBuf};

use async_trait::async_trait;
use checks::{Exit, Files, Machine, MachineRun, Obstacle, Program, Ran, Read, Trouble};
use containers::{Beside, Engine, Error, Found, Health, Limits};
use task::{Cancellation, Fault};

use super::Visit;
use crate::homes::{from_inside, obstacle, open};

/// Bytes of a job's machine: its programs read models.
const MEMORY: u64 = 2 << 30;

impl Visit {
    pub(super) async fn job_machine(&self, wanted: &MachineRun) -> Result<Result<Box<dyn Machine>, Trouble>, Obstacle> {
        // Packages come from the gateway's index, where there is one.
        let mut environment = open(&self.door, &self.engine, &self.key).await?;
        if wanted.gateway {
            self.engine.reaches_this_machine().map_err(|error| obstacle(&error))?;
            environment.extend(from_inside(&self.home.variables));
        }
        environment.extend(wanted.environment.clone());
        let name = format!("{}-job", self.name);
        let wanted = containers::MachineRun {
            name: name.clone(),
            image: wanted.image.clone(),
            environment,
            limits: Limits { memory: MEMORY, ..Limits::default() },
            services: wanted.services.iter().map(beside).collect(),
            within: wanted.within,
        };
        // What is stopped while it starts is taken away as well.
        let guard = Guard { engine: self.engine.clone(), name, armed: true };
        match self.engine.machine(&wanted, &Cancellation::new()).await {
            Ok(machine) => Ok(Ok(Box::new(Job { machine, folder: self.home.folder.clone(), guard }))),
            Err(error) => {
                guard.end().await?;
                // The product brings its own image; a workflow only names others.
                if wanted.image.is_none() && matches!(&error, Error::NoImage { name } if name == containers::BASE) {
                    return Err(obstacle(&error));
                }
                Ok(Err(self.trouble(error, "").await?))
            }
        }
    }
}

fn beside(service: &checks::Beside) -> Beside {
    Beside {
        name: service.name.clone(),
        image: service.image.clone(),
        environment: service.environment.clone(),
        ports: service.ports.clone(),
        health: service.health.as_ref().map(|health| Health {
            test: Some(vec!["CMD-SHELL".to_owned(), health.command.clone()]),
            interval: health.interval,
            timeout: health.timeout,
            retries: health.retries,
            start_period: health.start_period,
        }),
    }
}

/// Takes a machine away when this is dropped, also where a check was stopped in the middle.
struct Guard {
    engine: Engine,
    name: String,
    armed: bool,
}

impl Guard {
    async fn end(mut self) -> Result<(), Obstacle> {
        self.armed = false;
        self.engine.remove_machine(&self.name).await.map_err(|error| obstacle(&error))
    }
}

impl Drop for Guard {
    fn drop(&mut self) {
        if self.armed {
            let (engine, name) = (self.engine.clone(), self.name.clone());
            tokio::spawn(async move {
                if let Err(error) = engine.remove_machine(&name).await {
                    tracing::warn!(%error, "a job's machine stays behind until the next check");
                }
            });
        }
    }
}

/// A machine with the workspace that it may copy.
struct Job {
    machine: containers::Machine,
    folder: PathBuf,
    guard: Guard,
}

#[async_trait]
impl Machine for Job {
    async fn copy_workspace(&self, folder: &str, changes: &BTreeMap<String, Option<Vec<u8>>>) -> Result<(), Obstacle> {
        let own = self.folder.clone();
        let paths = tokio::task::spawn_blocking(move || workspaces::work(&own)).await.map_err(|error| Obstacle {
            message: format!("The workspace could not be copied: {error}."),
            next_step: "Run the check again.".to_owned(),
        })?;
        let paths = paths.map_err(|error| Obstacle { message: error.to_string(), next_step: error.next_step() })?;
        self.machine.copy(&self.folder, paths, folder, changes).await.map_err(|error| obstacle(&error))
    }

    async fn write(&self, files: &Files) -> Result<(), Obstacle> {
        self.machine.write(files).await.map_err(|error| obstacle(&error))
    }

    async fn read(&self, path: &str, most: u64) -> Result<Read, Obstacle> {
        Ok(match self.machine.read(path, most).await.map_err(|error| obstacle(&error))? {
            Found::Nothing => Read::Nothing,
            Found::TooLarge => Read::TooLarge,
            Found::File(content) => Read::File(content),
            Found::Folder(files) => Read::Folder(files),
        })
    }

    async fn run(&self, program: &Program) -> Result<Ran, Obstacle> {
        let Program { argv, environment, within } = program;
        let done = self.machine.execute(argv, environment, *within).await.map_err(|error| obstacle(&error))?;
        let exit = match done.code {
            None => Exit::TimedOut,
            Some(code) => Exit::Code(i32::try_from(code).unwrap_or(-1)),
        };
        Ok(Ran { exit, stdout: done.output, stderr: String::new(), cut: done.cut, elapsed: done.elapsed })
    }

    async fn end(self: Box<Self>) -> Result<(), Obstacle> {
        self.guard.end().await
    }
}
