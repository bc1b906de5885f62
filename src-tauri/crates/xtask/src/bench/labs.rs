//! How long the shipped pack takes to prove itself whole: every lab's starter, solution and mutants, all checks of each. Where
//! no network is: in a namespace of its own that has nothing but itself, which takes the superuser to make.
//!
//! The aim: `verify_minutes` at most 15 on two cores.

use std::time::Instant;

use anyhow::{Result, ensure};

use super::Figures;
use super::workspace::Home;
use crate::places::Places;
use crate::shell;

pub fn measure(places: &Places) -> Result<Figures> {
    let home = Home::new("labs")?;
    let mut verify = shell::command(places, "unshare");
    verify.args(["--net", "sh", "-c", r#"ip link set lo up; exec "$0" pack verify "$1""#]);
    verify.arg(places.release_binary("groundwork")).arg(places.resources().join("labs"));
    let started = Instant::now();
    let status = shell::status(home.of(places, &mut verify))?;
    let minutes = started.elapsed().as_secs_f64() / 60.0;
    ensure!(status.success(), "the pack does not prove itself: see above");
    let mut figures = Figures::default();
    figures.figure("verify_minutes", "the whole pack proves itself, without a network", minutes, "min");
    Ok(figures)
}
