//! The labels by which Groundwork knows its own again. What does not carry [`MADE`] belongs to somebody else. So may what does:
//! a container has its image's labels, and an image those of its base. Hence a container is ours where the label's value is the
//! container's own name, and an image where the label is its last step.

use std::collections::HashMap;
use std::path::Path;

/// On every image, container, network and volume of ours. Its value says something on containers alone: their names.
pub const MADE: &str = "dev.groundwork.made";
/// The folder that a stack's file lies in.
pub const WORKSPACE: &str = "dev.groundwork.workspace";
pub const FILE: &str = "dev.groundwork.file";
pub const STACK: &str = "dev.groundwork.stack";
pub const SERVICE: &str = "dev.groundwork.service";
/// How many services stand below this one: the highest are stopped first.
pub const LEVEL: &str = "dev.groundwork.level";
/// What a container was made from: a digest of the service as it was read, and of its image.
pub const CONFIG: &str = "dev.groundwork.config";
/// The name of a container that stands alone, or of a job's machine.
pub const RUN: &str = "dev.groundwork.run";

pub fn made() -> HashMap<String, String> {
    HashMap::from([(MADE.to_owned(), "yes".to_owned())])
}

/// Of what belongs to the container, or the machine, of this name.
pub fn of_run(name: &str) -> HashMap<String, String> {
    let mut labels = made();
    labels.insert(RUN.to_owned(), name.to_owned());
    labels
}

pub fn is_ours(labels: Option<&HashMap<String, String>>) -> bool {
    labels.is_some_and(|labels| labels.contains_key(MADE))
}

/// A filter for what carries a label of this value.
pub fn filter(name: &str, value: &str) -> HashMap<String, Vec<String>> {
    HashMap::from([("label".to_owned(), vec![MADE.to_owned(), format!("{name}={value}")])])
}

/// What Compose's own clients know a service's container by, so that they list it.
pub fn of_compose(project: &str, service: &str, file: &Path) -> HashMap<String, String> {
    let folder = file.parent().unwrap_or(file);
    let pairs = [
        ("project", project.to_owned()),
        ("service", service.to_owned()),
        ("project.config_files", file.display().to_string()),
        ("project.working_dir", folder.display().to_string()),
        ("container-number", "1".to_owned()),
        ("oneoff", "False".to_owned()),
    ];
    pairs.into_iter().map(|(name, value)| (format!("com.docker.compose.{name}"), value)).collect()
}
