//! Which paths a pack may name: relative, `/`-separated, inside their folder, usable on every system.

use std::path::Path;

/// Why `path` may not stand in a pack, or `None` where it may. Looks at the text only; [`leaves`] looks at links.
pub fn unfit(path: &str) -> Option<&'static str> {
    if path.is_empty() {
        return Some("is empty");
    }
    if path.starts_with('/') || path.starts_with('~') {
        return Some("is absolute");
    }
    if path.contains(['\\', ':', '\0']) {
        return Some("has a character that not every system takes (a backslash or a colon)");
    }
    path.split('/').find_map(|part| match part {
        ".." => Some("leaves its folder"),
        ".groundwork" => Some("lies in Groundwork's own folder"),
        "." | "" => Some("has an empty part or a `.` in it"),
        _ => None,
    })
}

/// Whether `path`, its links followed, lies outside `folder`. A link that leads nowhere counts as outside.
pub fn leaves(folder: &Path, path: &Path) -> bool {
    match (folder.canonicalize(), path.canonicalize()) {
        (Ok(folder), Ok(path)) => !path.starts_with(folder),
        _ => true,
    }
}
