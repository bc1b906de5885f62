//! `image`: what the learner's Dockerfile makes: small, run as an ordinary user, telling whether it is well, giving nothing away.

mod dockerfile;

use std::collections::BTreeMap;

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Context, Image, ImageBuild, Place, Trouble,
    excerpt::count,
    files,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    registry::{Kind, Setting, read},
    revealing::revealing_text,
    settings::{FilePath, Pattern},
};

pub const FOLDER: Setting = Setting::new("folder", "path", "The folder that is built. The workspace where left out.");
pub const DOCKERFILE: Setting =
    Setting::new("dockerfile", "path", "The Dockerfile in that folder. `Dockerfile` where left out.");
pub const ARGUMENTS: Setting = Setting::new("arguments", "table of texts", "Values for `ARG`.");
pub const TARGET: Setting = Setting::new("target", "name", "The stage to build. The last where left out.");

pub const KIND: Kind = Kind {
    name: "image",
    doc: "An image can be built from a Dockerfile of the learner's, is small, runs as an ordinary user, and gives nothing away.",
    settings: &[
        FOLDER,
        DOCKERFILE,
        ARGUMENTS,
        TARGET,
        Setting::new("max_mb", "number", "The most megabytes of all its layers."),
        Setting::new(
            "adds_max_mb",
            "number",
            "The most megabytes that its own layers add to the image that its `FROM` names.",
        ),
        Setting::new(
            "pinned",
            "true or false",
            "Whether every base must be named by a digest, or a tag that is not `latest`.",
        ),
        Setting::new("ordinary_user", "true or false", "Whether it must run as somebody else than root."),
        Setting::new("healthcheck", "true or false", "Whether it must have a health check."),
        Setting::new("ports", "list of numbers", "Ports that it must expose."),
        Setting::new("labels", "table of patterns", "Labels, each with what its value matches."),
        Setting::new(
            "reveals",
            "true or false",
            "Whether keys, credentials and shell histories may stand in its variables, its steps or its layers, those of the image that its `FROM` names included where that was built on this machine. False where left out.",
        ),
    ],
    read: read::<ImageCheck>,
};

/// A megabyte as disks and engines count it.
const MB: f64 = 1e6;

/// What is built, as the settings of more than one kind say it.
#[derive(Debug, Clone, Copy)]
pub struct Source<'a> {
    pub folder: Option<&'a FilePath>,
    pub dockerfile: Option<&'a FilePath>,
    pub arguments: &'a BTreeMap<String, String>,
    pub target: Option<&'a str>,
}

impl Source<'_> {
    fn folder(&self) -> &str {
        self.folder.map_or("", |path| path.0.as_str())
    }

    fn dockerfile(&self) -> &str {
        self.dockerfile.map_or("Dockerfile", |path| path.0.as_str())
    }

    /// The Dockerfile's path in the workspace.
    pub fn file(&self) -> String {
        let (folder, dockerfile) = (self.folder(), self.dockerfile());
        if folder.is_empty() { dockerfile.to_owned() } else { format!("{folder}/{dockerfile}") }
    }

    /// Whatever lies in the folder may be copied into the image.
    pub fn sources(&self) -> Sources {
        let folder = self.folder();
        let glob = if folder.is_empty() { "**".to_owned() } else { format!("{folder}/**") };
        Sources { globs: vec![glob], ..Sources::default() }
    }

    /// Builds it, or tells the step that failed.
    pub async fn image(&self, context: &Context<'_>) -> Result<Image, Halt> {
        let text = files::text(context.probe, &self.file()).await?;
        let build = ImageBuild {
            folder: self.folder().to_owned(),
            dockerfile: self.dockerfile().to_owned(),
            base: dockerfile::base(&text, self.arguments, self.target),
            arguments: self.arguments.clone(),
            target: self.target.map(str::to_owned),
        };
        let containers = context.probe.containers().await?;
        containers.build(&build).await?.map_err(|trouble| told(trouble, Place::file(&self.file(), None)))
    }
}

/// What the learner's work did wrong, as a failure.
pub fn told(trouble: Trouble, place: Place) -> Halt {
    let Trouble { summary, detail, next_step } = trouble;
    let failure = Failure::new(summary).at(place).next(next_step);
    if detail.is_empty() { failure.into() } else { failure.actual(crate::excerpt::tail(&detail)).into() }
}

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct ImageCheck {
    folder: Option<FilePath>,
    dockerfile: Option<FilePath>,
    #[serde(default)]
    arguments: BTreeMap<String, String>,
    target: Option<String>,
    max_mb: Option<f64>,
    adds_max_mb: Option<f64>,
    #[serde(default)]
    pinned: bool,
    #[serde(default)]
    ordinary_user: bool,
    #[serde(default)]
    healthcheck: bool,
    #[serde(default)]
    ports: Vec<u16>,
    #[serde(default)]
    labels: BTreeMap<String, Pattern>,
    #[serde(default)]
    reveals: bool,
}

#[async_trait]
impl Judge for ImageCheck {
    fn sources(&self) -> Sources {
        self.source().sources()
    }

    fn runs(&self) -> Option<String> {
        Some(format!("docker build --file {} .", self.source().file()))
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let sizes = [("max_mb", self.max_mb), ("adds_max_mb", self.adds_max_mb)];
        let wrong = sizes.into_iter().filter(|(_, most)| most.is_some_and(|most| most <= 0.0));
        wrong.map(|(at, _)| Wrong::new(at, "no image is so small", "Write a number of megabytes.")).collect()
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let file = self.source().file();
        let text = files::text(context.probe, &file).await?;
        if self.pinned
            && let Some((line, base)) = dockerfile::floating(&text, &self.arguments)
        {
            return Err(Failure::new(format!("The base `{base}` is not pinned."))
                .expected("a base with a digest, or a tag that is not `latest`")
                .actual(base)
                .at(Place::file(&file, Some(line)))
                .next("Name the version that you tested: the same file then builds the same image next month.")
                .into());
        }
        let image = self.source().image(context).await?;
        if let Some(failure) = self.first_wrong(&image) {
            let line = dockerfile::line_of(&text, failure.1);
            return Err(failure.0.at(Place::file(&file, line)).into());
        }
        if !self.reveals {
            self.reveals_nothing(&image, &file, context).await?;
        }
        let (size, own) = (image.bytes as f64 / MB, image.bytes.saturating_sub(image.base_bytes) as f64 / MB);
        let steps = count(image.layers.len(), "layer");
        Ok(Passed::new(format!("{size:.0} MB in {steps}, {own:.1} MB of them your own."))
            .measured("image size", format!("{size:.0}"), "MB")
            .measured("own layers", format!("{own:.1}"), "MB"))
    }
}

impl ImageCheck {
    fn source(&self) -> Source<'_> {
        Source {
            folder: self.folder.as_ref(),
            dockerfile: self.dockerfile.as_ref(),
            arguments: &self.arguments,
            target: self.target.as_deref(),
        }
    }

    /// The first rule that the image breaks, and the instruction that it is about.
    fn first_wrong(&self, image: &Image) -> Option<(Failure, &'static str)> {
        let size = |what: &str, bytes: u64, most: Option<f64>, next: &str| {
            let (size, most) = (bytes as f64 / MB, most?);
            let failure = || {
                Failure::new(format!("The image {what}."))
                    .expected(format!("at most {most} MB"))
                    .actual(format!("{size:.1} MB"))
                    .next(next)
            };
            (size > most).then(|| (failure(), "FROM"))
        };
        let own = image.bytes.saturating_sub(image.base_bytes);
        let lean = "`groundwork image history` tells which step adds how much. Build in one stage, and copy only what runs into the last.";
        size("is too large", image.bytes, self.max_mb, lean)
            .or_else(|| size("adds too much to its base", own, self.adds_max_mb, lean))
            .or_else(|| self.wrong_user(image))
            .or_else(|| self.no_health(image))
            .or_else(|| self.wrong_port(image))
            .or_else(|| self.wrong_label(image))
    }

    fn wrong_user(&self, image: &Image) -> Option<(Failure, &'static str)> {
        let name = image.user.split(':').next().unwrap_or_default();
        let root = matches!(name, "" | "root" | "0");
        (self.ordinary_user && root).then(|| {
            let failure = Failure::new("The image runs as root.")
                .expected("`USER` with a user of its own")
                .actual(if image.user.is_empty() { "no `USER`, which is root" } else { image.user.as_str() })
                .next("Make a user with a number, give it what it must write to, and name it by `USER` before `CMD`.");
            (failure, "USER")
        })
    }

    fn no_health(&self, image: &Image) -> Option<(Failure, &'static str)> {
        let none = image.health.is_empty() || image.health.first().is_some_and(|first| first == "NONE");
        (self.healthcheck && none).then(|| {
            let failure = Failure::new("The image has no health check.")
                .expected("`HEALTHCHECK` with a command that asks the service")
                .actual("none")
                .next("Let it ask the service's own health route, with a program that is in the image.");
            (failure, "HEALTHCHECK")
        })
    }

    fn wrong_port(&self, image: &Image) -> Option<(Failure, &'static str)> {
        let missing = self.ports.iter().find(|port| !image.ports.contains(port))?;
        let list = image.ports.iter().map(u16::to_string).collect::<Vec<_>>().join(", ");
        let failure = Failure::new(format!("The image does not expose port {missing}."))
            .expected(format!("`EXPOSE {missing}`"))
            .actual(if list.is_empty() { "no `EXPOSE`".to_owned() } else { list })
            .next("Say by `EXPOSE` where the service listens: people and platforms read it.");
        Some((failure, "EXPOSE"))
    }

    fn wrong_label(&self, image: &Image) -> Option<(Failure, &'static str)> {
        let wrong = |(name, pattern): &(&String, &Pattern)| {
            !image.labels.get(*name).is_some_and(|value| pattern.regex.is_match(value))
        };
        let (name, pattern) = self.labels.iter().find(wrong)?;
        let found = image.labels.get(name);
        let what = if found.is_some() { "has another value" } else { "is missing" };
        let failure = Failure::new(format!("The label `{name}` {what}."))
            .expected(pattern.wish())
            .actual(found.map_or("no such label", String::as_str))
            .next(format!("Write `LABEL {name}=...`; a value that changes with each build comes by `ARG`."));
        Some((failure, "LABEL"))
    }

    async fn reveals_nothing(&self, image: &Image, file: &str, context: &Context<'_>) -> Result<(), Halt> {
        let found = |what: &str, actual: String, next: &str| {
            Failure::new(format!("The image gives away {what}."))
                .expected("nothing that opens a door")
                .actual(actual)
                .at(Place::file(file, None))
                .next(next)
        };
        // By name and kind alone: an outcome is kept and shown.
        for variable in &image.environment {
            if let Some(what) = revealing_text(variable.as_bytes()) {
                let name = variable.split('=').next().unwrap_or_default();
                let next = "Pass it when the container starts. Whoever has the image reads its variables.";
                return Err(found(what, format!("the variable `{name}`"), next).into());
            }
        }
        for step in &image.steps {
            if let Some(what) = revealing_text(step.as_bytes()) {
                let first = step.split_whitespace().next().unwrap_or_default();
                let first = first.split_once('=').map_or_else(|| format!("{first} "), |(name, _)| format!("{name}="));
                let next = "Steps and their build arguments stay in the image's history. Bring a secret to a build by a mount, or not at all.";
                return Err(found(what, format!("the step `{first}…`"), next).into());
            }
        }
        let containers = context.probe.containers().await?;
        let files = containers.revealing_files(image).await?;
        let Some(first) = files.first() else { return Ok(()) };
        let more =
            if files.len() > 1 { format!(", and {} more", count(files.len() - 1, "file")) } else { String::new() };
        let (whose, again) = match first.layer < image.base_layers {
            true => (" of its base", "Build its base again without it: add it to .dockerignore there,"),
            false => ("", "Add it to .dockerignore,"),
        };
        let actual = format!("`/{}`, from `{}`{whose}{more}", first.path, first.step);
        let next = format!(
            "{again} or copy named files in place of the folder. Removing it in a later step leaves it in the layer below."
        );
        Err(found(&first.what, actual, &next).into())
    }
}
