//! What the tests of containers need: an engine, or the means to start one, and the image that they build on.

use anyhow::{Result, bail};

use super::{Need, system};
use crate::engine;
use crate::places::Places;
use crate::shell;

/// Debian and Ubuntu names. Docker's package leaves its client out where another one is there.
const PACKAGES: &[&str] = &["docker.io", "debootstrap", "iptables"];

pub const ENGINE: Need = Need {
    name: "a container engine",
    tests_only: true,
    missing: |places| {
        let lack = Seen::of(places).lack();
        Ok(lack.map(|lack| match lack {
            Lack::Docker => "docker was not found".to_owned(),
            Lack::Start => "none runs, and only root may start one".to_owned(),
            Lack::Right => "it runs, and this user may not use it".to_owned(),
        }))
    },
    mend: Some(|places| match Seen::of(places).lack() {
        Some(Lack::Start | Lack::Right) => bail!("docker is here, and set-up starts no service and changes no user"),
        _ => system::apt_install(places, PACKAGES),
    }),
    by_hand: |places| match Seen::of(places).lack() {
        Some(Lack::Right) => "sudo usermod --append --groups docker \"$USER\", then log in anew".to_owned(),
        Some(Lack::Start) => "sudo systemctl start docker".to_owned(),
        _ => format!("sudo apt-get install {} && sudo systemctl start docker", PACKAGES.join(" ")),
    },
};

/// What stands between this user and an engine.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
enum Lack {
    Docker,
    Start,
    Right,
}

/// What there is of an engine.
#[derive(Debug, Clone, Copy)]
struct Seen {
    answers: bool,
    client: bool,
    daemon: bool,
    /// Its socket is there, and this user may not use it.
    turns_away: bool,
    root: bool,
}

impl Seen {
    fn of(places: &Places) -> Self {
        Self {
            answers: engine::answering(places).is_some(),
            client: shell::find(places, "docker").is_some(),
            daemon: engine::dockerd(places).is_some(),
            turns_away: engine::turns_away(places),
            root: shell::read(shell::command(places, "id").arg("-u")).is_ok_and(|id| id == "0"),
        }
    }

    /// None where an engine answers, or root may start one.
    fn lack(self) -> Option<Lack> {
        match self {
            Self { answers: true, .. } => None,
            Self { client: false, .. } => Some(Lack::Docker),
            Self { turns_away: true, .. } => Some(Lack::Right),
            Self { daemon: false, .. } => Some(Lack::Docker),
            Self { root: true, .. } => None,
            _ => Some(Lack::Start),
        }
    }
}

/// Tests serve an image of their own with it.
pub const REGISTRY: Need = Need {
    name: "a registry of images",
    tests_only: true,
    missing: |places| Ok(absent(places, "docker-registry")),
    mend: Some(|places| system::apt_install(places, &["docker-registry"])),
    by_hand: |_| "sudo apt-get install docker-registry, or put the registry's program under that name".to_owned(),
};

/// Compose's own client, which has to see the same stacks, and is what the bench measures beside.
pub const COMPOSE: Need = Need {
    name: "docker-compose",
    tests_only: true,
    missing: |places| Ok(absent(places, "docker-compose")),
    mend: Some(|places| system::apt_install(places, &["docker-compose"])),
    by_hand: |_| "sudo apt-get install docker-compose".to_owned(),
};

pub const IMAGE: Need = Need {
    name: "the image groundwork/python",
    tests_only: true,
    missing: |places| Ok((!engine::image_file(places)?.is_file()).then(|| "made from Debian's packages".to_owned())),
    mend: Some(make),
    by_hand: |places| match engine::image_file(places) {
        Ok(file) => format!("sudo apt-get install debootstrap && sudo sh assets/images/python.sh {}", file.display()),
        Err(error) => error.to_string(),
    },
};

fn absent(places: &Places, program: &str) -> Option<String> {
    shell::find(places, program).is_none().then(|| format!("{program} was not found"))
}

fn make(places: &Places) -> Result<()> {
    if shell::find(places, "debootstrap").is_none() && !std::path::Path::new("/usr/sbin/debootstrap").is_file() {
        system::apt_install(places, &["debootstrap"])?;
    }
    engine::make_image(places)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn what_is_missing_of_an_engine() {
        let fresh = Seen { answers: false, client: false, daemon: false, turns_away: false, root: false };
        let installed = Seen { client: true, daemon: true, ..fresh };
        for (seen, expected) in [
            (fresh, Some(Lack::Docker)),
            (Seen { daemon: true, ..fresh }, Some(Lack::Docker)),
            (installed, Some(Lack::Start)),
            // As Debian's package leaves it: the service runs, and the user is not of its group.
            (Seen { turns_away: true, ..installed }, Some(Lack::Right)),
            (Seen { root: true, ..installed }, None),
            (Seen { answers: true, ..installed }, None),
            (Seen { answers: true, client: true, ..fresh }, None),
        ] {
            assert_eq!(seen.lack(), expected, "{seen:?}");
        }
    }
}
