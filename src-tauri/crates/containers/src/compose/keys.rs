//! Which keys of the Compose Specification are understood, and which are refused and why. A key that means nothing is never
//! skipped, but for extensions (`x-…`), `version` and what only says something to people.

use serde_norway::{Mapping, Value};

use super::bad::Bad;

const TOP: &[&str] = &["name", "services", "networks", "volumes", "version"];

pub const SERVICE: &[&str] = &[
    "build",
    "cap_drop",
    "command",
    "cpus",
    "depends_on",
    "deploy",
    "entrypoint",
    "env_file",
    "environment",
    "expose",
    "healthcheck",
    "hostname",
    "image",
    "init",
    "labels",
    "mem_limit",
    "networks",
    "pids_limit",
    "ports",
    "read_only",
    "restart",
    "security_opt",
    "shm_size",
    "stop_grace_period",
    "stop_signal",
    "tmpfs",
    "user",
    "volumes",
    "working_dir",
];

/// Each would reach past the container, or past what Groundwork can clean up.
const REFUSED: &[(&str, &str)] = &[
    ("cap_add", "rights beyond a container's own"),
    ("cgroup_parent", "it would leave the limits that every container has"),
    ("container_name", "Groundwork names containers, so that two stacks never meet"),
    ("device_cgroup_rules", "it reaches this machine's devices"),
    ("devices", "it reaches this machine's devices"),
    ("extra_hosts", "every container knows host.docker.internal already"),
    ("ipc", "it shares memory beyond the stack"),
    ("network_mode", "every stack has networks of its own"),
    ("pid", "it shows other processes of this machine"),
    ("privileged", "it takes away every wall"),
    ("userns_mode", "it takes away a wall"),
    ("volumes_from", "name the volume instead"),
];

const NETWORK: &[&str] = &["driver", "internal"];
const VOLUME: &[&str] = &["driver"];

/// Looks at every key, and drops the extensions.
pub fn check(tree: &mut Value) -> Result<(), Bad> {
    let Value::Mapping(top) = tree else {
        return Err(Bad::new("the file", "is no mapping", "Begin with `services:`."));
    };
    keys(top, "", TOP, &[])?;
    each(top, "services", SERVICE, REFUSED)?;
    each(
        top,
        "networks",
        NETWORK,
        &[("external", "a stack uses only networks of its own"), ("name", "Groundwork names networks")],
    )?;
    each(
        top,
        "volumes",
        VOLUME,
        &[
            ("external", "a stack uses only volumes of its own"),
            ("name", "Groundwork names volumes"),
            ("driver_opts", "it can reach any folder of this machine"),
        ],
    )
}

fn each(top: &mut Mapping, section: &str, known: &[&str], refused: &[(&str, &str)]) -> Result<(), Bad> {
    let Some(Value::Mapping(entries)) = top.get_mut(section) else { return Ok(()) };
    entries.retain(|key, _| !key.as_str().is_some_and(|key| key.starts_with("x-")));
    for (name, value) in entries.iter_mut() {
        if let (Some(name), Value::Mapping(mapping)) = (name.as_str(), value) {
            keys(mapping, &format!("{section}.{name}."), known, refused)?;
        }
    }
    Ok(())
}

fn keys(mapping: &mut Mapping, place: &str, known: &[&str], refused: &[(&str, &str)]) -> Result<(), Bad> {
    mapping.retain(|key, _| !key.as_str().is_some_and(|key| key.starts_with("x-")));
    for key in mapping.keys() {
        let Some(key) = key.as_str() else {
            let place = format!("{place}{}", serde_norway::to_string(key).unwrap_or_default().trim());
            return Err(Bad::new(place, "is no text", "Quote it."));
        };
        if let Some((_, why)) = refused.iter().find(|(name, _)| *name == key) {
            return Err(Bad::new(format!("{place}{key}"), format!("is refused: {why}"), "Take it out of the file."));
        }
        if !known.contains(&key) {
            let next = format!("Take it out, or write one of: {}.", known.join(", "));
            return Err(Bad::new(format!("{place}{key}"), "is no key that Groundwork knows", next));
        }
    }
    Ok(())
}
