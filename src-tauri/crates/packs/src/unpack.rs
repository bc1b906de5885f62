//! Takes an archive apart into a temporary folder, believing nothing that it says.

use std::{
    collections::BTreeMap,
    fs::{self, File},
    io::{self, Read, Write},
    path::Path,
};

use sha2::{Digest, Sha256};
use tar::{Archive, EntryType};
use tempfile::TempDir;

use crate::{
    Entry, Error, Limits, Manifest, Result, manifest,
    name::unportable,
    reader::{Bounded, Excess, failed},
    store,
};

/// An archive's files, each as the manifest describes it, in a folder that goes away unless it is kept.
#[derive(Debug)]
pub struct Unpacked {
    pub manifest: Manifest,
    pub(crate) folder: TempDir,
}

impl Unpacked {
    pub fn folder(&self) -> &Path {
        self.folder.path()
    }
}

/// Unpacks into a fresh folder inside `store`. Writes nowhere else; an archive that is refused leaves nothing.
pub fn unpack(archive: impl Read, store: &Path, limits: &Limits) -> Result<Unpacked> {
    fs::create_dir_all(store).map_err(Error::at(store))?;
    let folder = tempfile::Builder::new().prefix(store::INCOMING).tempdir_in(store).map_err(Error::at(store))?;
    let (bounded, excess) = Bounded::new(archive, limits);
    let mut archive = Archive::new(bounded);
    let broken = failed(&excess);
    let mut manifest: Option<Manifest> = None;
    let mut awaited: BTreeMap<String, Entry> = BTreeMap::new();
    // Raw: a member that only renames the next one is a member like any other, and refused.
    for (index, member) in archive.entries().map_err(&broken)?.raw(true).enumerate() {
        let mut member = member.map_err(&broken)?;
        if index > limits.files {
            return Err(Error::TooMany { most: limits.files });
        }
        let name = String::from_utf8_lossy(&member.path_bytes()).into_owned();
        if let Some(kind) = not_a_file(member.header().entry_type()) {
            return Err(Error::Kind { name, kind });
        }
        let Some(manifest) = &manifest else {
            let read = read_manifest(&name, &mut member, limits, &excess)?;
            awaited = read.files.iter().map(|entry| (entry.path.clone(), entry.clone())).collect();
            manifest = Some(read);
            continue;
        };
        if let Some(reason) = unportable(&name) {
            return Err(Error::Name { name, reason });
        }
        let Some(entry) = awaited.remove(&name) else {
            let listed = name == manifest::NAME || manifest.files.iter().any(|entry| entry.path == name);
            return Err(if listed { Error::Twice { name } } else { Error::Unlisted { name } });
        };
        let runs = member.header().mode().is_ok_and(|mode| mode & 0o100 != 0);
        write(&entry, &mut member, &folder.path().join(&name), runs, &excess)?;
    }
    // To the end: the archive's own sum stands there.
    io::copy(&mut archive.into_inner(), &mut io::sink()).map_err(&broken)?;
    let manifest = manifest.ok_or(Error::NoManifest)?;
    match awaited.into_keys().next() {
        Some(name) => Err(Error::Missing { name }),
        None => Ok(Unpacked { manifest, folder }),
    }
}

fn read_manifest(name: &str, member: &mut impl Read, limits: &Limits, excess: &Excess) -> Result<Manifest> {
    if name != manifest::NAME {
        return Err(Error::NoManifest);
    }
    let mut bytes = Vec::new();
    member.take(limits.manifest_bytes + 1).read_to_end(&mut bytes).map_err(failed(excess))?;
    if bytes.len() as u64 > limits.manifest_bytes {
        return Err(Error::BadManifest { detail: format!("it is larger than {} MB", limits.manifest_bytes >> 20) });
    }
    let text = String::from_utf8(bytes).map_err(|_| Error::BadManifest { detail: "it is not UTF-8 text".into() })?;
    Manifest::read(&text, limits)
}

/// Writes a member while its hash is taken. More bytes than the manifest says are never written.
fn write(entry: &Entry, member: &mut impl Read, place: &Path, runs: bool, excess: &Excess) -> Result<()> {
    let altered = || Error::Altered { name: entry.path.clone() };
    if let Some(parent) = place.parent() {
        fs::create_dir_all(parent).map_err(Error::at(parent))?;
    }
    let mut file = create(place, runs).map_err(Error::at(place))?;
    let mut hash = Sha256::new();
    let mut left = entry.bytes;
    let mut chunk = vec![0; 64 << 10];
    loop {
        let count = member.read(&mut chunk).map_err(failed(excess))?;
        if count == 0 {
            break;
        }
        left = left.checked_sub(count as u64).ok_or_else(altered)?;
        hash.update(&chunk[..count]);
        file.write_all(&chunk[..count]).map_err(Error::at(place))?;
    }
    if left > 0 || hex(&hash.finalize()) != entry.sha256 {
        return Err(altered());
    }
    file.sync_all().map_err(Error::at(place))
}

fn create(place: &Path, runs: bool) -> io::Result<File> {
    let mut options = File::options();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, if runs { 0o755 } else { 0o644 });
    #[cfg(not(unix))]
    let _ = runs;
    options.open(place)
}

pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}

fn not_a_file(kind: EntryType) -> Option<&'static str> {
    Some(match kind {
        EntryType::Regular => return None,
        EntryType::Directory => "a folder",
        EntryType::Symlink => "a symbolic link",
        EntryType::Link => "a hard link",
        EntryType::Char | EntryType::Block => "a device",
        EntryType::Fifo => "a pipe",
        _ => "a member of a kind that no pack has",
    })
}
