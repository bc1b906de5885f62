//! How long a stack of three takes until it is healthy, beside docker-compose with the same file on the same engine, in turn.
//! Images are there before; every round begins with nothing of the stack and ends so.

use std::path::Path;
use std::process::Command;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

use super::Figures;
use super::workspace::Home;
use crate::engine::Engine;
use crate::places::Places;
use crate::shell;

const ROUNDS: usize = 7;
const PATIENCE: Duration = Duration::from_secs(120);
const PEER: &str = "groundwork-peer";

/// A store, a service that needs it, a door that needs the service: each healthy by its own check.
const COMPOSE: &str = "\
version: '3.9'
services:
  store: &service
    image: groundwork/python:3.11
    command: [python3, -m, http.server, '8000']
    stop_grace_period: 1s
    healthcheck:
      test: [CMD, python3, -c, \"import urllib.request as u; u.urlopen('http://127.0.0.1:8000/')\"]
      interval: 500ms
      timeout: 5s
      retries: 60
  service:
    <<: *service
    depends_on: {store: {condition: service_healthy}}
  door:
    <<: *service
    depends_on: {service: {condition: service_healthy}}
    ports: ['8000']
";

pub fn measure(places: &Places) -> Result<Figures> {
    let engine = Engine::open(places)?;
    let home = Home::new("containers")?;
    let file = home.folder().join("compose.yaml");
    std::fs::write(&file, COMPOSE)?;
    let (mut ours, mut theirs) = (Vec::new(), Vec::new());
    for round in 0..=ROUNDS {
        shell::announce(&format!("round {round} of {ROUNDS}{}", if round == 0 { ", not counted" } else { "" }));
        let own = groundwork(places, &home, &engine, &file)?;
        let peer = compose(places, &engine, &file)?;
        if round > 0 {
            ours.push(own);
            theirs.push(peer);
        }
    }
    let mut figures = Figures::default();
    figures.times("up", "stack of three, from nothing to healthy", &ours);
    figures.times("compose_up", "the same by docker-compose", &theirs);
    figures.ratio("up_ratio", "time over docker-compose's", [&ours, &theirs], "ms");
    Ok(figures)
}

/// Milliseconds until `groundwork stack up` says that all is healthy.
fn groundwork(places: &Places, home: &Home, engine: &Engine, file: &Path) -> Result<f64> {
    let run = |arguments: &[&str]| {
        let mut command = shell::command(places, places.release_binary("groundwork"));
        command.args(arguments).arg(file).env("DOCKER_HOST", &engine.address);
        shell::read(home.of(places, &mut command))
    };
    let started = Instant::now();
    run(&["stack", "up"])?;
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    run(&["stack", "down", "--volumes"])?;
    Ok(millis)
}

/// The same of `docker-compose up`, which does not wait for the last service: its health is asked for until it is there.
fn compose(places: &Places, engine: &Engine, file: &Path) -> Result<f64> {
    let docker_compose = |arguments: &[&str]| {
        let mut command = shell::command(places, "docker-compose");
        command.arg("--file").arg(file).args(["--project-name", PEER]).args(arguments);
        command.env("DOCKER_HOST", &engine.address);
        command
    };
    let started = Instant::now();
    quietly(docker_compose(&["up", "--detach"]))?;
    let door = shell::read(&mut docker_compose(&["ps", "--quiet", "door"]))?;
    loop {
        let mut inspect = shell::command(places, "docker");
        inspect.args(["--host", &engine.address, "inspect", "--format", "{{.State.Health.Status}}", &door]);
        match shell::read(&mut inspect)?.as_str() {
            "healthy" => break,
            "unhealthy" => bail!("the peer's stack is not healthy"),
            _ if started.elapsed() > PATIENCE => bail!("the peer's stack was not healthy after {PATIENCE:?}"),
            _ => std::thread::sleep(Duration::from_millis(50)),
        }
    }
    let millis = started.elapsed().as_secs_f64() * 1000.0;
    quietly(docker_compose(&["down", "--volumes"]))?;
    Ok(millis)
}

/// docker-compose draws its progress where an error would stand.
fn quietly(mut command: Command) -> Result<()> {
    let done = command.output().context("docker-compose was not found; run: sudo apt-get install docker-compose")?;
    if !done.status.success() {
        bail!("docker-compose failed: {}", String::from_utf8_lossy(&done.stderr).trim());
    }
    Ok(())
}
