//! What a service sees of this machine's files: named volumes of its stack, and folders inside its workspace.

use std::path::{Path, PathBuf};

use super::bad::Bad;
use super::form::{VolumeMapping, VolumeSort, VolumeUse};
use super::service::{Mount, Source};

pub fn mount(form: VolumeUse, folder: &Path, volumes: &[String], place: &str) -> Result<Mount, Bad> {
    match form {
        VolumeUse::Short(text) => short(&text, folder, volumes, place),
        VolumeUse::Long(VolumeMapping { r#type, source, target, read_only }) => {
            let source = match (r#type, source) {
                (VolumeSort::Tmpfs, None) => Source::Memory,
                (VolumeSort::Volume, Some(name)) => named(&name, volumes, place)?,
                (VolumeSort::Volume, None) => Source::Unnamed,
                (VolumeSort::Bind, Some(path)) => Source::Folder(shown(&path, folder, place)?),
                (VolumeSort::Bind, None) => {
                    return Err(Bad::new(place, "has no source", "Name a folder of the workspace."));
                }
                (VolumeSort::Tmpfs, Some(_)) => {
                    return Err(Bad::new(place, "has a source, which memory has not", "Take the source out."));
                }
            };
            made(source, &target, read_only, place)
        }
    }
}

/// `TARGET`, or `SOURCE:TARGET[:MODE]`
fn short(text: &str, folder: &Path, volumes: &[String], place: &str) -> Result<Mount, Bad> {
    let parts: Vec<&str> = text.split(':').collect();
    let (source, target, mode) = match parts[..] {
        [target] => return made(Source::Unnamed, target, false, place),
        [source, target] => (source, target, "rw"),
        [source, target, mode] => (source, target, mode),
        _ => {
            return Err(Bad::new(
                place,
                format!("{text:?} has too many colons"),
                "Write SOURCE:TARGET or SOURCE:TARGET:ro.",
            ));
        }
    };
    let read_only = match mode {
        "ro" => true,
        "rw" => false,
        other => return Err(Bad::new(place, format!("{other:?} is no mode"), "Write ro or rw.")),
    };
    let is_path = source.starts_with(['.', '/', '~']);
    let source = if is_path { Source::Folder(shown(source, folder, place)?) } else { named(source, volumes, place)? };
    made(source, target, read_only, place)
}

fn named(name: &str, volumes: &[String], place: &str) -> Result<Source, Bad> {
    match volumes.iter().any(|volume| volume == name) {
        true => Ok(Source::Volume(name.to_owned())),
        false => {
            let next = format!("Add it below `volumes:`, or write ./{name} for a folder.");
            Err(Bad::new(place, format!("there is no volume {name}"), next))
        }
    }
}

/// What a container may be shown: a file or folder of the workspace, and no socket, behind which anything may listen.
fn shown(path: &str, folder: &Path, place: &str) -> Result<PathBuf, Bad> {
    let found = inside(path, folder, place)?;
    match found.is_dir() || found.is_file() {
        true => Ok(found),
        false => Err(Bad::new(place, format!("{path} is a socket or a device"), "Take it out.")),
    }
}

/// A path of this machine, links resolved, which must lie in the workspace: nothing else of the machine is a stack's to see,
/// the engine's socket least of all.
pub fn inside(path: &str, folder: &Path, place: &str) -> Result<PathBuf, Bad> {
    let found = folder.join(path).canonicalize();
    let found = found.map_err(|error| Bad::new(place, format!("{path}: {error}"), "Make it first."))?;
    match found.starts_with(folder) {
        true => Ok(found),
        false => {
            let detail = format!("{path} lies outside {}", folder.display());
            Err(Bad::new(place, detail, "Move or copy it into the folder of the compose file."))
        }
    }
}

fn made(source: Source, target: &str, read_only: bool, place: &str) -> Result<Mount, Bad> {
    match target.starts_with('/') && target != "/" {
        true => Ok(Mount { source, target: target.to_owned(), read_only }),
        false => Err(Bad::new(place, format!("{target:?} is no place in a container"), "Write a path like /data.")),
    }
}
