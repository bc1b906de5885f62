//! Which names every system can hold, so that a pack built on one can be installed on another.

use curriculum::unfit;

/// The longest path, so that it fits below a learner's folder on every system.
const LONGEST: usize = 180;

/// Names that Windows keeps for devices, whatever their ending.
const DEVICES: &[&str] = &["con", "prn", "aux", "nul", "conin$", "conout$"];

/// Why a pack may not hold a file of this name, or `None` where it may.
pub fn unportable(path: &str) -> Option<&'static str> {
    if let Some(reason) = unfit(path) {
        return Some(reason);
    }
    if path.len() > LONGEST {
        return Some("is longer than 180 bytes");
    }
    path.split('/').find_map(|part| {
        if part.contains(|c: char| c.is_control() || "<>\"|?*".contains(c)) {
            return Some("has a character that Windows cannot hold");
        }
        if part.ends_with(['.', ' ']) {
            return Some("ends in a dot or a space, which Windows drops");
        }
        device(part).then_some("is a device on Windows")
    })
}

fn device(part: &str) -> bool {
    let stem = part.split('.').next().unwrap_or_default().trim_end().to_lowercase();
    let numbered = |prefix: &str| {
        let rest = stem.strip_prefix(prefix).unwrap_or_default();
        let mut digits = rest.chars();
        matches!((digits.next(), digits.next()), (Some('0'..='9' | '¹' | '²' | '³'), None))
    };
    DEVICES.contains(&stem.as_str()) || numbered("com") || numbered("lpt")
}
