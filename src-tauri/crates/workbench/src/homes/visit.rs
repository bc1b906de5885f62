//! One look at a workspace's containers, for its checks: what it builds and starts goes when the look ends.

mod machine;

use std::{
    collections::{BTreeMap, HashMap},
    sync::{Arc, Mutex, PoisonError},
    time::Duration,
};

use async_trait::async_trait;
use checks::{
    Condition, Container, ContainerRun, Containers, Image, ImageBuild, Machine, MachineRun, Obstacle, Revealed, Stack,
    Stopped, Trouble,
};
use containers::{Build, Compose, Crash, Engine, Error, Limits, Ready, Run, Running};
use task::{Cancellation, Fault, Reporter, Silent};

use super::{Home, MACHINE, from_inside, obstacle, open};
use crate::{door::Door, problem::sentence};

/// Lines of a build or a log that an outcome shows.
const LINES: usize = 40;

/// One look at a workspace's containers.
pub struct Visit {
    engine: Engine,
    home: Home,
    /// What its containers, images and stacks are named by. What a check left that was killed makes way for the next.
    name: String,
    door: Arc<Door>,
    key: String,
}

#[async_trait]
impl Containers for Visit {
    async fn build(&self, build: &ImageBuild) -> Result<Result<Image, Trouble>, Obstacle> {
        let mut arguments = open(&self.door, &self.engine, &self.key).await?;
        let offered: Vec<String> = arguments.keys().cloned().collect();
        arguments.extend(build.arguments.clone());
        let wanted = Build {
            name: format!("groundwork-{}:latest", self.name),
            folder: self.home.folder.join(&build.folder),
            dockerfile: build.dockerfile.clone().into(),
            arguments,
            target: build.target.clone(),
        };
        let heard = Heard::default();
        match self.engine.build(&wanted, &heard, &Cancellation::new()).await {
            Ok(_) => {
                let about = self.about(&wanted.name, &build.base, &offered).await;
                Ok(Ok(about.map_err(|error| obstacle(&error))?))
            }
            Err(error) => Ok(Err(self.trouble(error, &heard.last()).await?)),
        }
    }

    async fn revealing_files(&self, image: &Image) -> Result<Vec<Revealed>, Obstacle> {
        let found = Arc::new(Mutex::new(Vec::new()));
        let (into, steps, given) = (found.clone(), image.steps.clone(), image.given_layers);
        let see = move |file: &containers::LayerFile<'_>| {
            if let Some(what) = checks::revealing(file.path, file.content) {
                let step = steps.get(file.layer - given).cloned().unwrap_or_default();
                let one = Revealed { layer: file.layer, path: file.path.to_owned(), what: what.to_owned(), step };
                into.lock().unwrap_or_else(PoisonError::into_inner).push(one);
            }
        };
        let reading = self.engine.read_layers(&image.name, given, checks::LOOKED_AT, &Cancellation::new(), see).await;
        reading.map_err(|error| obstacle(&error))?;
        let found = std::mem::take(&mut *found.lock().unwrap_or_else(PoisonError::into_inner));
        Ok(found)
    }

    async fn start(&self, run: &ContainerRun) -> Result<Result<Box<dyn Container>, Trouble>, Obstacle> {
        let mut environment = BTreeMap::new();
        if run.gateway {
            self.engine.reaches_this_machine().map_err(|error| obstacle(&error))?;
            open(&self.door, &self.engine, &self.key).await?;
            environment = from_inside(&self.home.variables);
        }
        environment.extend(run.environment.clone());
        let wanted = Run {
            name: self.name.clone(),
            image: run.image.clone(),
            command: Vec::new(),
            environment,
            limits: Limits { memory: u64::from(run.memory_mb) << 20, ..Limits::default() },
            read_only: run.read_only,
            port: run.port,
            ready: if run.healthy { Ready::Healthy } else { Ready::Port },
            within: run.within,
        };
        match self.engine.run(&wanted, &Cancellation::new()).await {
            Ok(running) => Ok(Ok(Box::new(Alone(Some(running))))),
            Err(error) => Ok(Err(self.trouble(error, "").await?)),
        }
    }

    async fn raise(&self, file: &str) -> Result<Result<Box<dyn Stack>, Trouble>, Obstacle> {
        let arguments = open(&self.door, &self.engine, &self.key).await?;
        let read = Compose::read(&self.home.folder.join(file), &from_inside(&self.home.variables));
        let compose = match read {
            Ok(compose) => compose.beside("check").with_arguments(&arguments),
            Err(error) => return Ok(Err(self.trouble(error, "").await?)),
        };
        if compose.tells(MACHINE) {
            self.engine.reaches_this_machine().map_err(|error| obstacle(&error))?;
        }
        let heard = Heard::default();
        // What an earlier check left that was killed.
        clear(&self.engine, &compose).await.map_err(|error| obstacle(&error))?;
        let raised = Box::new(Raised { engine: self.engine.clone(), compose, crashes: Mutex::default(), up: true });
        match raised.engine.up(&raised.compose, &heard, &Cancellation::new()).await {
            Ok(_) => Ok(Ok(raised)),
            Err(error) => {
                let trouble = self.trouble(error, &heard.last()).await;
                raised.lower().await?;
                Ok(Err(trouble?))
            }
        }
    }

    async fn machine(&self, wanted: &MachineRun) -> Result<Result<Box<dyn Machine>, Trouble>, Obstacle> {
        self.job_machine(wanted).await
    }
}

impl Visit {
    pub(super) fn new(engine: Engine, home: Home, name: String, door: Arc<Door>, key: String) -> Self {
        Self { engine, home, name, door, key }
    }

    /// What an image is that was built from another. `offered` are arguments that every build is given, and no step's own.
    async fn about(&self, name: &str, base: &str, offered: &[String]) -> Result<Image, Error> {
        let inside = self.engine.inside(name).await?;
        let below = self.engine.base_of(&inside, base).await?;
        let layered = inside.steps.iter().filter(|(_, layer)| *layer).map(|(step, _)| step);
        // An empty layer looks like none: rather a step of the base's too many than one of its own too few.
        let above = inside.layers.len().saturating_sub(below.given);
        let others = layered.clone().count().saturating_sub(above);
        let own = layered.skip(others).map(|step| plain(step, offered)).collect();
        Ok(Image {
            name: name.to_owned(),
            bytes: inside.bytes,
            base_bytes: below.bytes,
            user: inside.user,
            health: inside.health,
            ports: inside.ports,
            labels: inside.labels,
            environment: inside.environment,
            steps: own,
            layers: inside.layers,
            base_layers: below.layers,
            given_layers: below.given,
        })
    }

    /// What the learner has to mend; an obstacle where the engine or this machine does not play.
    async fn trouble(&self, error: Error, heard: &str) -> Result<Trouble, Obstacle> {
        let theirs = matches!(
            error,
            Error::NoImage { .. }
                | Error::Pull { .. }
                | Error::NoDockerfile { .. }
                | Error::Ignore { .. }
                | Error::Build { .. }
                | Error::Compose { .. }
                | Error::Ended { .. }
                | Error::Unhealthy { .. }
                | Error::Late { .. }
        );
        if !theirs {
            return Err(obstacle(&error));
        }
        // An engine that stops ends a step or a container as if that had failed.
        Engine::find(&self.home.engine).await.map_err(|gone| obstacle(&gone))?;
        let told = error.to_string();
        let (first, rest) = told.split_once('\n').unwrap_or((&told, ""));
        let folder = format!("{}/", self.home.folder.display());
        let summary = sentence(&first.trim_end_matches("; it said last:").replace(&folder, ""));
        let detail = if rest.is_empty() { heard.to_owned() } else { rest.to_owned() };
        let next_step = match &error {
            Error::Ended { .. } | Error::Unhealthy { .. } => {
                "Its last words say why; run it by hand with `docker run` to see more.".into()
            }
            other => other.next_step(),
        };
        Ok(Trouble { summary, detail, next_step })
    }
}

/// A step as its author wrote it: `/bin/sh -c #(nop) COPY dir:… in /app ` and the values of offered arguments say nothing.
fn plain(step: &str, offered: &[String]) -> String {
    let step = step.strip_prefix("/bin/sh -c #(nop) ").or_else(|| step.strip_prefix("/bin/sh -c ")).unwrap_or(step);
    let Some(rest) = step.trim().strip_prefix('|') else { return step.trim().to_owned() };
    let words = rest.split_whitespace().skip(1);
    let own = words.filter(|word| !offered.iter().any(|name| word.starts_with(&format!("{name}="))));
    own.collect::<Vec<_>>().join(" ").replacen("/bin/sh -c ", "RUN ", 1)
}

/// Remembers the last lines of a build.
#[derive(Default)]
struct Heard(Mutex<Vec<String>>);

impl Reporter for Heard {
    fn progress(&self, _: task::Progress) {}

    fn output(&self, line: &str) {
        let mut lines = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        if lines.len() == LINES {
            lines.remove(0);
        }
        lines.push(line.to_owned());
    }
}

impl Heard {
    fn last(&self) -> String {
        self.0.lock().unwrap_or_else(PoisonError::into_inner).join("\n")
    }
}

/// A container that goes when this is dropped, also where a check was stopped in the middle.
struct Alone(Option<Running>);

#[async_trait]
impl Container for Alone {
    fn url(&self) -> String {
        self.0.as_ref().map(|running| format!("http://{}", running.address)).unwrap_or_default()
    }

    async fn stop(mut self: Box<Self>, within: Duration) -> Result<Stopped, Obstacle> {
        let Some(running) = self.0.take() else {
            return Err(Obstacle { message: "the container is gone".into(), next_step: "Run the check again.".into() });
        };
        let (code, after, log) = running.stop(within).await.map_err(|error| obstacle(&error))?;
        Ok(Stopped { code, after, log })
    }
}

impl Drop for Alone {
    fn drop(&mut self) {
        if let Some(running) = self.0.take() {
            tokio::spawn(async move {
                if let Err(error) = running.remove().await {
                    tracing::warn!(%error, "a check's container stays behind until the next check");
                }
            });
        }
    }
}

/// A stack of a check, which goes when this is dropped.
struct Raised {
    engine: Engine,
    compose: Compose,
    crashes: Mutex<HashMap<String, Crash>>,
    up: bool,
}

/// Takes a check's stack away, with its volumes and the images that were built for it.
async fn clear(engine: &Engine, compose: &Compose) -> Result<(), Error> {
    engine.down(&compose.project, true, &Silent, &Cancellation::new()).await?;
    for image in compose.built() {
        match engine.remove_image(&image).await {
            Ok(()) | Err(Error::NoImage { .. } | Error::InUse { .. }) => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[async_trait]
impl Stack for Raised {
    async fn services(&self) -> Result<Vec<(String, Condition)>, Obstacle> {
        let stack = self.engine.stack(&self.compose.project).await.map_err(|error| obstacle(&error))?;
        let services = stack.into_iter().flat_map(|stack| stack.services).map(|one| {
            let condition = match one.state.as_str() {
                _ if one.healthy => Condition::Healthy,
                "exited" => Condition::Ended,
                _ => Condition::Runs,
            };
            (one.service, condition)
        });
        Ok(services.collect())
    }

    async fn url(&self, service: &str, port: u16) -> Result<Option<String>, Obstacle> {
        let stack = self.engine.stack(&self.compose.project).await.map_err(|error| obstacle(&error))?;
        let services = stack.into_iter().flat_map(|stack| stack.services);
        let mut ports = services.filter(|one| one.service == service).flat_map(|one| one.ports);
        Ok(ports.find(|(_, inside)| *inside == port).map(|(host, _)| format!("http://127.0.0.1:{host}")))
    }

    async fn kill(&self, service: &str) -> Result<(), Obstacle> {
        let crash = self.engine.crash(&self.compose.project, service).await.map_err(|error| obstacle(&error))?;
        self.crashes.lock().unwrap_or_else(PoisonError::into_inner).insert(service.to_owned(), crash);
        Ok(())
    }

    async fn recovered(&self, service: &str, within: Duration) -> Result<Result<Duration, Trouble>, Obstacle> {
        let crash = self.crashes.lock().unwrap_or_else(PoisonError::into_inner).remove(service);
        let Some(crash) = crash else { return Ok(Ok(Duration::ZERO)) };
        match self.engine.recovered(&crash, service, within, &Cancellation::new()).await {
            Ok(after) => Ok(Ok(after)),
            Err(error @ (Error::Ended { .. } | Error::Unhealthy { .. } | Error::Late { .. })) => {
                let told = error.to_string();
                let next =
                    "Give it `restart: unless-stopped` or `always`, and let it start again from what is on its volume.";
                let summary = format!("The service `{service}` did not come back after it was killed.");
                Ok(Err(Trouble { summary, detail: told, next_step: next.to_owned() }))
            }
            Err(error) => Err(obstacle(&error)),
        }
    }

    async fn renew(&self) -> Result<Result<(), Trouble>, Obstacle> {
        let cancellation = Cancellation::new();
        let down = self.engine.down(&self.compose.project, false, &Silent, &cancellation).await;
        down.map_err(|error| obstacle(&error))?;
        match self.engine.up(&self.compose, &Silent, &cancellation).await {
            Ok(_) => Ok(Ok(())),
            Err(error @ (Error::Ended { .. } | Error::Unhealthy { .. } | Error::Late { .. })) => Ok(Err(Trouble {
                summary: "The stack did not come up again from its own volumes.".to_owned(),
                detail: error.to_string(),
                next_step: "A service has to start on data that is there already, as well as on none.".to_owned(),
            })),
            Err(error) => Err(obstacle(&error)),
        }
    }

    async fn lower(mut self: Box<Self>) -> Result<(), Obstacle> {
        self.up = false;
        clear(&self.engine, &self.compose).await.map_err(|error| obstacle(&error))
    }
}

impl Drop for Raised {
    fn drop(&mut self) {
        if self.up {
            let (engine, compose) = (self.engine.clone(), self.compose.clone());
            tokio::spawn(async move {
                if let Err(error) = clear(&engine, &compose).await {
                    tracing::warn!(%error, "a check's stack stays behind until the next check");
                }
            });
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_step_reads_as_it_was_written() {
        let offered = vec!["PIP_INDEX_URL".to_owned()];
        for (step, expected) in [
            ("/bin/sh -c #(nop) COPY dir:0a in /app ", "COPY dir:0a in /app"),
            ("/bin/sh -c pip install x", "pip install x"),
            ("|2 KEY=1 PIP_INDEX_URL=http://x/ /bin/sh -c pip install x", "KEY=1 RUN pip install x"),
        ] {
            assert_eq!(plain(step, &offered), expected);
        }
    }
}
