//! The folder that a build sees, as a tar file: what `.dockerignore` leaves, in a fixed order, owned by root. It lies in a file
//! without a name while it is sent, so a folder of any size takes no memory.

use std::fs::File;
use std::io::{Seek, SeekFrom};
use std::path::Path;

use task::Cancellation;
use walkdir::{DirEntry, WalkDir};

use super::ignored::Ignored;
use crate::Error;

/// Packs a folder. `dockerfile` goes in whatever the rules say: the engine needs it.
pub fn pack(folder: &Path, dockerfile: &Path, cancellation: &Cancellation) -> Result<File, Error> {
    let ignored = Ignored::read(folder, dockerfile)?;
    let file = tempfile::tempfile().map_err(Error::disk(&std::env::temp_dir()))?;
    let mut archive = tar::Builder::new(file);
    archive.follow_symlinks(false);
    let relative = |entry: &DirEntry| entry.path().strip_prefix(folder).unwrap_or(entry.path()).to_path_buf();
    let mut entries = WalkDir::new(folder).min_depth(1).sort_by_file_name().into_iter();
    while let Some(entry) = entries.next() {
        if cancellation.is_cancelled() {
            return Err(Error::Cancelled);
        }
        let entry = entry.map_err(|error| {
            let path = error.path().unwrap_or(folder).to_path_buf();
            Error::Disk { path, detail: error.to_string() }
        })?;
        let path = relative(&entry);
        if ignored.leaves_out(&path) && entry.path() != dockerfile {
            // A rule that lets something in again may name what lies below; so may the Dockerfile.
            if entry.file_type().is_dir() && ignored.is_final() && !dockerfile.starts_with(entry.path()) {
                entries.skip_current_dir();
            }
            continue;
        }
        append(&mut archive, entry.path(), &path).map_err(Error::disk(entry.path()))?;
    }
    let mut file = archive.into_inner().map_err(Error::disk(folder))?;
    file.seek(SeekFrom::Start(0)).map_err(Error::disk(folder))?;
    Ok(file)
}

/// Puts what stands at a place into an archive, under a path of its own.
pub fn append(archive: &mut tar::Builder<File>, place: &Path, path: &Path) -> std::io::Result<()> {
    let metadata = place.symlink_metadata()?;
    let mut header = tar::Header::new_gnu();
    header.set_metadata_in_mode(&metadata, tar::HeaderMode::Complete);
    header.set_uid(0);
    header.set_gid(0);
    if cfg!(windows) {
        header.set_mode(0o755);
    }
    let kind = metadata.file_type();
    if kind.is_symlink() {
        header.set_size(0);
        archive.append_link(&mut header, path, std::fs::read_link(place)?)
    } else if kind.is_dir() {
        header.set_size(0);
        archive.append_data(&mut header, path, std::io::empty())
    } else if kind.is_file() {
        // A file that grows meanwhile must not spill into the next one's header.
        let file = File::open(place)?;
        let bytes = file.metadata()?.len();
        header.set_size(bytes);
        archive.append_data(&mut header, path, std::io::Read::take(file, bytes))
    } else {
        // Sockets and pipes mean nothing elsewhere.
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use std::fs;

    use super::*;

    #[test]
    fn the_context_holds_what_the_rules_leave_and_always_the_dockerfile() {
        let folder = tempfile::tempdir().unwrap();
        let at = |path: &str| folder.path().join(path);
        for path in
            ["app/main.py", "app/cache/a.pyc", "secret/.env", "secret/keep.txt", "build/Dockerfile", "build/out"]
        {
            fs::create_dir_all(at(path).parent().unwrap()).unwrap();
            fs::write(at(path), path).unwrap();
        }
        let names = |rules: &str| -> Vec<String> {
            fs::write(at(".dockerignore"), rules).unwrap();
            let packed = pack(folder.path(), &at("build/Dockerfile"), &Cancellation::new()).unwrap();
            let mut archive = tar::Archive::new(packed);
            let entries = archive.entries().unwrap().map(|entry| entry.unwrap());
            entries
                .filter(|entry| entry.header().entry_type().is_file())
                .map(|entry| entry.path().unwrap().display().to_string())
                .collect()
        };
        assert_eq!(names("**/*.pyc\nsecret\nbuild\n"), [".dockerignore", "app/main.py", "build/Dockerfile"]);
        assert_eq!(names("*\n!secret/keep.txt\n"), ["build/Dockerfile", "secret/keep.txt"]);
        let cancelled = Cancellation::new();
        cancelled.cancel();
        assert!(matches!(pack(folder.path(), &at("build/Dockerfile"), &cancelled), Err(Error::Cancelled)));
    }
}
