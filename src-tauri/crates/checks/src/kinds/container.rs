//! `container`: the learner's image run as a platform runs it: with limits, asked over its port, told to end.

use std::{collections::BTreeMap, time::Duration};

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    ContainerRun, Context, Place,
    excerpt::tail,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::{
        image::{ARGUMENTS, DOCKERFILE, FOLDER, Source, TARGET, told},
        visit::Visit,
    },
    registry::{Kind, Setting, read},
    settings::{FilePath, a_minute, ok},
};

pub const KIND: Kind = Kind {
    name: "container",
    doc: "A container of the learner's image starts, is healthy, answers, keeps to its walls, and ends when it is told to.",
    settings: &[
        FOLDER,
        DOCKERFILE,
        ARGUMENTS,
        TARGET,
        Setting::required("port", "whole number", "The port that it listens on inside."),
        Setting::new("path", "text", "What is asked of it by GET. `/` where left out."),
        Setting::new("status", "whole number", "The status that is right. 200 where left out."),
        Setting::new("env", "table of texts", "Its variables."),
        Setting::new("gateway", "true or false", "Whether it is told where the gateway is, with the workspace's key."),
        Setting::new("healthy", "true or false", "Whether its image's own health check must turn healthy."),
        Setting::new("within_s", "whole number", "Seconds until it must answer, at most 300. 60 where left out."),
        Setting::new(
            "read_only",
            "true or false",
            "Whether it runs on a root file system that it cannot write, but for `/tmp`.",
        ),
        Setting::new("memory_mb", "whole number", "The most memory that it may take, in MiB. 512 where left out."),
        Setting::new(
            "stops_within_s",
            "whole number",
            "Seconds in which it must end, with code 0, once it is told to (SIGTERM).",
        ),
    ],
    read: read::<ContainerCheck>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ContainerCheck {
    folder: Option<FilePath>,
    dockerfile: Option<FilePath>,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
    target: Option<String>,
    port: u16,
    #[serde(default = "root")]
    path: String,
    #[serde(default = "ok")]
    status: u16,
    #[serde(default)]
    env: BTreeMap<String, String>,
    #[serde(default)]
    gateway: bool,
    #[serde(default)]
    healthy: bool,
    #[serde(default = "a_minute")]
    within_s: u64,
    #[serde(default)]
    read_only: bool,
    #[serde(default = "half_gibibyte")]
    memory_mb: u32,
    stops_within_s: Option<u64>,
}

fn root() -> String {
    "/".to_owned()
}

fn half_gibibyte() -> u32 {
    512
}

#[async_trait]
impl Judge for ContainerCheck {
    fn sources(&self) -> Sources {
        self.source().sources()
    }

    fn runs(&self) -> Option<String> {
        Some(format!("docker run --publish 127.0.0.1::{} IMAGE", self.port))
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong = Vec::new();
        if !self.path.starts_with('/') {
            wrong.push(Wrong::new("path", "it does not begin with a slash", "Write it like \"/health\"."));
        }
        for (at, seconds) in [("within_s", Some(self.within_s)), ("stops_within_s", self.stops_within_s)] {
            if seconds.is_some_and(|seconds| !(1..=300).contains(&seconds)) {
                wrong.push(Wrong::new(at, "nobody waits so long", "Write a number of seconds from 1 to 300."));
            }
        }
        if self.memory_mb < 8 {
            wrong.push(Wrong::new("memory_mb", "no container runs in that", "Write at least 8."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let file = Place::file(&self.source().file(), None);
        let image = self.source().image(context).await?;
        let run = ContainerRun {
            image: image.name,
            environment: self.env.clone(),
            gateway: self.gateway,
            port: self.port,
            read_only: self.read_only,
            memory_mb: self.memory_mb,
            within: Duration::from_secs(self.within_s),
            healthy: self.healthy,
        };
        let containers = context.probe.containers().await?;
        let container = containers.start(&run).await?.map_err(|trouble| told(trouble, file.clone()))?;
        let answered = Visit::get(&self.path, self.status).pay(&container.url(), "", context).await;
        let millis = format!("{:.0}", answered?.as_secs_f64() * 1000.0);
        let mut passed = Passed::new(format!("It answered {} on {} in {millis} ms.", self.status, self.path))
            .measured("time", millis, "ms");
        // Without a bound it is ended at once, and nothing is said of that.
        let Some(most) = self.stops_within_s else {
            container.stop(Duration::ZERO).await?;
            return Ok(passed);
        };
        let stopped = container.stop(Duration::from_secs(most)).await?;
        if stopped.code != 0 {
            let killed = stopped.code == 137;
            let what =
                if killed { "did not end when it was told to" } else { "ended with an error when it was told to end" };
            let next = if killed {
                "Let the service be process 1, by `CMD [\"program\", …]` and not by a shell, and end it on SIGTERM."
            } else {
                "End with code 0 on SIGTERM, once the work under way is done."
            };
            return Err(Failure::new(format!("The container {what}."))
                .expected(format!("code 0 within {most} s of SIGTERM"))
                .actual(format!("code {}\n{}", stopped.code, tail(&stopped.log.join("\n"))))
                .at(file)
                .next(next)
                .into());
        }
        let seconds = format!("{:.1}", stopped.after.as_secs_f64());
        passed.summary += &format!(" It ended in {seconds} s when it was told to.");
        Ok(passed.measured("time to end", seconds, "s"))
    }
}

impl ContainerCheck {
    fn source(&self) -> Source<'_> {
        Source {
            folder: self.folder.as_ref(),
            dockerfile: self.dockerfile.as_ref(),
            arguments: &self.arguments,
            target: self.target.as_deref(),
        }
    }
}
