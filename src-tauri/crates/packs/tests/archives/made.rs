//! Packs on disk, and archives written member by member, as no honest program writes them.

use std::{collections::BTreeMap, fs, io::Write, path::Path};

use flate2::{Compression, write::GzEncoder};
use packs::{Limits, Unpacked, unpack};
use sha2::{Digest, Sha256};
use tar::{EntryType, Header};
use task::Fault;
use tempfile::TempDir;

pub const ID: &str = "6f2b1c1e-8f8a-4a2e-9a55-0d6a1f0c7b11";

/// A good pack with no lab in it.
pub fn pack(version: u32) -> TempDir {
    let folder = tempfile::tempdir().unwrap();
    let text = format!(
        "format = 1\nid = \"{ID}\"\ntitle = \"A pack\"\nversion = {version}\nauthors = []\nlicence = \"MIT\"\n\
         [plan]\ndays = 1\nphases = []\nlabs = []\n"
    );
    fs::write(folder.path().join("pack.toml"), text).unwrap();
    fs::create_dir_all(folder.path().join("_notes/deep")).unwrap();
    fs::create_dir_all(folder.path().join(".hidden")).unwrap();
    fs::write(folder.path().join(".hidden/secret"), "x").unwrap();
    fs::write(folder.path().join("README.md"), "Read me.\n").unwrap();
    folder
}

/// One member of an archive.
#[derive(Clone)]
pub struct Member {
    pub name: Vec<u8>,
    pub kind: EntryType,
    pub content: Vec<u8>,
    /// Where a link leads.
    pub link: Option<&'static str>,
}

pub fn file(name: &str, content: &str) -> Member {
    Member { name: name.into(), kind: EntryType::Regular, content: content.into(), link: None }
}

pub fn special(name: &str, kind: EntryType, link: Option<&'static str>) -> Member {
    Member { name: name.into(), kind, content: Vec::new(), link }
}

/// A manifest of these files.
pub fn manifest(files: &[(&str, &str)]) -> Member {
    let mut text = format!("format = 1\nid = \"{ID}\"\nversion = 1\ntitle = \"A pack\"\nfiles = [\n");
    for (path, content) in files {
        let sha256: String = Sha256::digest(content).iter().map(|byte| format!("{byte:02x}")).collect();
        let path = toml::Value::from(*path);
        text += &format!("  {{ path = {path}, bytes = {}, sha256 = \"{sha256}\" }},\n", content.len());
    }
    file("manifest.toml", &(text + "]\n"))
}

pub fn tar(members: &[Member]) -> Vec<u8> {
    let mut bytes = Vec::new();
    for member in members {
        let mut header = Header::new_ustar();
        // Written past the library, which refuses to write what it refuses to read.
        header.as_old_mut().name[..member.name.len()].copy_from_slice(&member.name);
        header.set_entry_type(member.kind);
        header.set_size(member.content.len() as u64);
        header.set_mode(0o644);
        if let Some(link) = member.link {
            header.as_old_mut().linkname[..link.len()].copy_from_slice(link.as_bytes());
        }
        header.set_cksum();
        bytes.extend(header.as_bytes());
        bytes.extend(&member.content);
        bytes.resize(bytes.len().next_multiple_of(512), 0);
    }
    bytes.resize(bytes.len() + 1024, 0);
    bytes
}

pub fn gzip(bytes: &[u8]) -> Vec<u8> {
    let mut packed = GzEncoder::new(Vec::new(), Compression::fast());
    packed.write_all(bytes).unwrap();
    packed.finish().unwrap()
}

/// A folder with something beside the store, to see that it is left alone.
pub struct Place(TempDir);

impl Place {
    pub fn new() -> Self {
        let folder = tempfile::tempdir().unwrap();
        fs::write(folder.path().join("precious"), "mine").unwrap();
        fs::create_dir(folder.path().join("packs")).unwrap();
        Self(folder)
    }

    pub fn store(&self) -> std::path::PathBuf {
        self.0.path().join("packs")
    }

    pub fn unpack(&self, archive: &[u8], limits: &Limits) -> packs::Result<Unpacked> {
        unpack(archive, &self.store(), limits)
    }

    /// Everything in the folder, with contents.
    pub fn holds(&self) -> BTreeMap<String, String> {
        listing(self.0.path())
    }

    pub fn is_untouched(&self) -> bool {
        self.holds()
            == BTreeMap::from([("packs/".to_owned(), String::new()), ("precious".to_owned(), "mine".to_owned())])
    }
}

pub fn listing(folder: &Path) -> BTreeMap<String, String> {
    walkdir::WalkDir::new(folder)
        .min_depth(1)
        .into_iter()
        .map(|entry| {
            let entry = entry.unwrap();
            let name = entry.path().strip_prefix(folder).unwrap().to_str().unwrap().to_owned();
            match entry.file_type().is_dir() {
                true => (name + "/", String::new()),
                false => (name, fs::read_to_string(entry.path()).unwrap()),
            }
        })
        .collect()
}

/// What a refusal says.
pub fn told(error: &packs::Error) -> String {
    format!("{error} [{}] {}", error.code(), error.next_step())
}
