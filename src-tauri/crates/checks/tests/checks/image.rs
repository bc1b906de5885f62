use checks::{Image, Trouble};
use testkit::memory_probe::MemoryProbe;

use crate::world::table;

const FILE: &str = "FROM python:3.12-slim\nCOPY . /app\nEXPOSE 8000\nUSER 10001\n";

fn image() -> Image {
    Image {
        name: "it".into(),
        bytes: 190_000_000,
        base_bytes: 150_000_000,
        user: "10001".into(),
        health: vec!["CMD".into(), "true".into()],
        ports: vec![8000],
        labels: [("org.opencontainers.image.version".to_owned(), "1.2.0".to_owned())].into(),
        environment: vec!["PATH=/usr/bin".into()],
        steps: vec!["COPY dir:0a in /app".into()],
        layers: vec!["a".into(), "b".into()],
        base_layers: 1,
        given_layers: 0,
    }
}

fn world(change: impl FnOnce(&mut Image)) -> MemoryProbe {
    let mut image = image();
    change(&mut image);
    MemoryProbe::new().file("Dockerfile", FILE).builds(Ok(image))
}

const ALL: &str = "max_mb = 200\nadds_max_mb = 50\npinned = true\nordinary_user = true\nhealthcheck = true\nports = [8000]\n\
    labels = { \"org.opencontainers.image.version\" = '^\\d+\\.' }";

#[tokio::test]
async fn images() {
    let step = |text: &str| world(|image| image.steps.push(text.into()));
    let secret = format!("API_{}={}", "KEY", "a1b2".repeat(8));
    table(
        "image",
        vec![
            ("all is well", ALL, world(|_| ()), "passed: 190 MB in 2 layers, 40.0 MB of them your own.\nmeasured: image size 190 MB, own layers 40.0 MB"),
            ("no Dockerfile", ALL, MemoryProbe::new().file("Dockerfil", "FROM x:1"), "failed: There is no `Dockerfile`, but there is `Dockerfil`: the name is close.\nexpected: a file `Dockerfile`\nactual: `Dockerfil`\nat: Dockerfil\nnext: Rename `Dockerfil` to `Dockerfile`."),
            (
                "a step that fails",
                ALL,
                MemoryProbe::new().file("Dockerfile", FILE).builds(Err(Trouble {
                    summary: "The build stopped at step 2/4.".into(),
                    detail: "no such file".into(),
                    next_step: "Mend that step.".into(),
                })),
                "failed: The build stopped at step 2/4.\nactual: no such file\nat: Dockerfile\nnext: Mend that step.",
            ),
            (
                "a floating base",
                ALL,
                MemoryProbe::new().file("Dockerfile", "FROM python\n").builds(Ok(image())),
                "failed: The base `python` is not pinned.\nexpected: a base with a digest, or a tag that is not `latest`\nactual: python\nat: Dockerfile:1\nnext: Name the version that you tested: the same file then builds the same image next month.",
            ),
            (
                "too large",
                ALL,
                world(|image| image.bytes = 1_200_000_000),
                "failed: The image is too large.\nexpected: at most 200 MB\nactual: 1200.0 MB\nat: Dockerfile:1\nnext: `groundwork image history` tells which step adds how much. Build in one stage, and copy only what runs into the last.",
            ),
            (
                "too much of its own",
                "adds_max_mb = 20",
                world(|_| ()),
                "failed: The image adds too much to its base.\nexpected: at most 20 MB\nactual: 40.0 MB\nat: Dockerfile:1\nnext: `groundwork image history` tells which step adds how much. Build in one stage, and copy only what runs into the last.",
            ),
            (
                "root",
                ALL,
                world(|image| image.user = "0:0".into()),
                "failed: The image runs as root.\nexpected: `USER` with a user of its own\nactual: 0:0\nat: Dockerfile:4\nnext: Make a user with a number, give it what it must write to, and name it by `USER` before `CMD`.",
            ),
            (
                "a health check switched off",
                ALL,
                world(|image| image.health = vec!["NONE".into()]),
                "failed: The image has no health check.\nexpected: `HEALTHCHECK` with a command that asks the service\nactual: none\nat: Dockerfile\nnext: Let it ask the service's own health route, with a program that is in the image.",
            ),
            (
                "another port",
                ALL,
                world(|image| image.ports = vec![80]),
                "failed: The image does not expose port 8000.\nexpected: `EXPOSE 8000`\nactual: 80\nat: Dockerfile:3\nnext: Say by `EXPOSE` where the service listens: people and platforms read it.",
            ),
            (
                "no label",
                ALL,
                world(|image| image.labels.clear()),
                "failed: The label `org.opencontainers.image.version` is missing.\nexpected: text that matches `^\\d+\\.`\nactual: no such label\nat: Dockerfile\nnext: Write `LABEL org.opencontainers.image.version=...`; a value that changes with each build comes by `ARG`.",
            ),
            (
                "a variable with a key",
                "",
                world(|image| image.environment.push(secret.clone())),
                "failed: The image gives away what looks like a credential.\nexpected: nothing that opens a door\nactual: the variable `API_KEY`\nat: Dockerfile\nnext: Pass it when the container starts. Whoever has the image reads its variables.",
            ),
            (
                "a step with a key",
                "",
                step(&format!("{secret} RUN pip install x")),
                "failed: The image gives away what looks like a credential.\nexpected: nothing that opens a door\nactual: the step `API_KEY=…`\nat: Dockerfile\nnext: Steps and their build arguments stay in the image's history. Bring a secret to a build by a mount, or not at all.",
            ),
            (
                "a file with a key",
                "",
                world(|_| ()).reveals(1, "app/.env", "a file of environment variables", "COPY dir:0a in /app"),
                "failed: The image gives away a file of environment variables.\nexpected: nothing that opens a door\nactual: `/app/.env`, from `COPY dir:0a in /app`\nat: Dockerfile\nnext: Add it to .dockerignore, or copy named files in place of the folder. Removing it in a later step leaves it in the layer below.",
            ),
            (
                "a file with a key in a base of one's own",
                "",
                world(|_| ()).reveals(0, "app/.env", "a file of environment variables", "COPY dir:0a in /app").reveals(1, "x", "y", "z"),
                "failed: The image gives away a file of environment variables.\nexpected: nothing that opens a door\nactual: `/app/.env`, from `COPY dir:0a in /app` of its base, and 1 file more\nat: Dockerfile\nnext: Build its base again without it: add it to .dockerignore there, or copy named files in place of the folder. Removing it in a later step leaves it in the layer below.",
            ),
            ("a file with a key that may be there", "reveals = true", world(|_| ()).reveals(1, "app/.env", "x", "y"), "passed: 190 MB in 2 layers, 40.0 MB of them your own.\nmeasured: image size 190 MB, own layers 40.0 MB"),
            ("no engine", "", MemoryProbe::new().file("Dockerfile", FILE), "error: There is no container engine here.\nnext: Run `groundwork engine`."),
        ],
    )
    .await;
}
