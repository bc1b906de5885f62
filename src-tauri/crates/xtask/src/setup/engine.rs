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
        if engine::answering(places).is_some() {
            return Ok(None);
        }
        let root = shell::read(shell::command(places, "id").arg("-u")).is_ok_and(|id| id == "0");
        Ok(match (engine::dockerd(places), shell::find(places, "docker"), root) {
            (Some(_), Some(_), true) => None,
            (Some(_), Some(_), false) => Some("none runs, and only root may start one".to_owned()),
            _ => Some("docker was not found".to_owned()),
        })
    },
    mend: Some(|places| {
        if engine::dockerd(places).is_some() {
            bail!("docker is here; start it");
        }
        system::apt_install(places, PACKAGES)
    }),
    by_hand: |_| "sudo apt-get install docker.io debootstrap iptables && sudo systemctl start docker".to_owned(),
};

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
