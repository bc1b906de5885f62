//! `stack`: the learner's compose file brought up beside whatever runs: well, reachable, back after a kill, its data kept.

use std::time::Duration;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Condition, Context, Place, Stack, files,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    kinds::{
        image::told,
        visit::{FIELDS, Visit},
    },
    registry::{Kind, Setting, read},
    settings::{FilePath, a_minute},
};

pub const KIND: Kind = Kind {
    name: "stack",
    doc: "A stack of the learner's comes up, is well and reachable, recovers from the kill of each service, and keeps its data.",
    settings: &[
        Setting::new("file", "path", "The compose file. `compose.yaml` where left out."),
        Setting::new("services", "list of names", "Services that it must have."),
        Setting::new(
            "healthy",
            "true or false",
            "Whether each service that goes on running must have a health check. Those that have one must be healthy in any case; the others have to run.",
        ),
        Setting::new("reach", "list of tables", "Requests that must be answered, in order, once all is up.")
            .fields(FIELDS),
        Setting::new(
            "survives",
            "list of names",
            "Services that are killed in turn; each must come back, and the requests be answered again.",
        ),
        Setting::new(
            "recovers_s",
            "whole number",
            "Seconds in which a killed service must be well again. 60 where left out.",
        ),
        Setting::new(
            "keeps",
            "table",
            "Data that must be there again after all containers were taken away and made anew.",
        )
        .fields(&[
            Setting::required("write", "table", "The request that writes it, as those of `reach`.").fields(FIELDS),
            Setting::required("read", "table", "The request that finds it again.").fields(FIELDS),
        ]),
    ],
    read: read::<StackCheck>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct StackCheck {
    #[serde(default = "compose")]
    file: FilePath,
    #[serde(default)]
    services: Vec<String>,
    #[serde(default)]
    healthy: bool,
    #[serde(default)]
    reach: Vec<Visit>,
    #[serde(default)]
    survives: Vec<String>,
    #[serde(default = "a_minute")]
    recovers_s: u64,
    keeps: Option<Keeps>,
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Keeps {
    write: Visit,
    read: Visit,
}

fn compose() -> FilePath {
    FilePath("compose.yaml".to_owned())
}

#[async_trait]
impl Judge for StackCheck {
    fn sources(&self) -> Sources {
        // Services may be built from any folder beside the file, and read any file there.
        let folder = self.file.0.rsplit_once('/').map(|(folder, _)| folder);
        let glob = folder.map_or_else(|| "**".to_owned(), |folder| format!("{folder}/**"));
        Sources { globs: vec![glob], ..Sources::default() }
    }

    fn runs(&self) -> Option<String> {
        Some(format!("docker compose --file {} up --wait", self.file.0))
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> =
            self.reach.iter().enumerate().flat_map(|(index, one)| one.lint(&format!("reach[{index}]"))).collect();
        if let Some(Keeps { write, read }) = &self.keeps {
            wrong.extend(write.lint("keeps.write"));
            wrong.extend(read.lint("keeps.read"));
        }
        if !(1..=300).contains(&self.recovers_s) {
            wrong.push(Wrong::new("recovers_s", "nobody waits so long", "Write a number of seconds from 1 to 300."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        files::text(context.probe, &self.file.0).await?;
        let containers = context.probe.containers().await?;
        let stack = containers.raise(&self.file.0).await?.map_err(|trouble| told(trouble, self.place()))?;
        let judged = self.look(stack.as_ref(), context).await;
        stack.lower().await?;
        judged
    }
}

impl StackCheck {
    fn place(&self) -> Place {
        Place::file(&self.file.0, None)
    }

    async fn look(&self, stack: &dyn Stack, context: &Context<'_>) -> Result<Passed, Halt> {
        let there = stack.services().await?;
        let has = |wanted: &str| there.iter().any(|(name, _)| name == wanted);
        if let Some(missing) = self.services.iter().chain(&self.survives).find(|name| !has(name)) {
            return Err(Failure::new(format!("The stack has no service `{missing}`."))
                .expected(format!("a service `{missing}`"))
                .actual(there.iter().map(|(name, _)| name.as_str()).collect::<Vec<_>>().join(", "))
                .at(self.place())
                .next(format!("Describe it under `services:` by the name `{missing}`."))
                .into());
        }
        if self.healthy
            && let Some((name, _)) = there.iter().find(|(_, condition)| *condition == Condition::Runs)
        {
            return Err(Failure::new(format!("The service `{name}` has no health check."))
                .expected(format!("`healthcheck:` at `{name}`, or in its image"))
                .actual("it runs, and nothing says whether it is well")
                .at(self.place())
                .next("Let its `test` ask the service itself, with a program that is in the image.")
                .into());
        }
        self.reach(stack, "", context).await?;
        if let Some(keeps) = &self.keeps {
            self.visit(&keeps.write, stack, "", context).await?;
        }
        let mut passed = Passed::default();
        for service in &self.survives {
            stack.kill(service).await?;
            let within = Duration::from_secs(self.recovers_s);
            let back = stack.recovered(service, within).await?.map_err(|trouble| told(trouble, self.place()))?;
            let seconds = format!("{:.1}", back.as_secs_f64());
            passed = passed.measured(&format!("{service} back"), seconds, "s");
            self.reach(stack, &format!(" after `{service}` was killed"), context).await?;
        }
        if let Some(keeps) = &self.keeps {
            self.visit(&keeps.read, stack, " after the kills", context).await?;
            stack.renew().await?.map_err(|trouble| told(trouble, self.place()))?;
            self.visit(&keeps.read, stack, " once all containers were made anew", context).await?;
        }
        let came = [(Condition::Healthy, "healthy"), (Condition::Runs, "running"), (Condition::Ended, "done")];
        let came = came.into_iter().filter_map(|(condition, how)| {
            let names = there.iter().filter(|(_, its)| *its == condition).map(|(name, _)| name.as_str());
            let names = names.collect::<Vec<_>>().join(", ");
            (!names.is_empty()).then(|| format!("{names} {how}"))
        });
        passed.summary = format!("It came up: {}.", came.collect::<Vec<_>>().join("; "));
        if !self.survives.is_empty() {
            passed.summary += " It came back after each kill.";
        }
        if self.keeps.is_some() {
            passed.summary += " Its data was kept.";
        }
        Ok(passed)
    }

    async fn reach(&self, stack: &dyn Stack, when: &str, context: &Context<'_>) -> Result<(), Halt> {
        for visit in &self.reach {
            self.visit(visit, stack, when, context).await?;
        }
        Ok(())
    }

    async fn visit(&self, visit: &Visit, stack: &dyn Stack, when: &str, context: &Context<'_>) -> Result<(), Halt> {
        let Some(root) = stack.url(&visit.service, visit.port).await? else {
            return Err(Failure::new(format!("Port {} of `{}` is not published.", visit.port, visit.service))
                .expected(format!("`ports: [\"{}\"]` at `{}`", visit.port, visit.service))
                .actual("nothing of this machine leads there")
                .at(self.place())
                .next("Publish it on 127.0.0.1. Ports that only other services use need not be published.")
                .into());
        };
        visit.pay(&root, when, context).await.map(drop)
    }
}
