//! No archive makes its reader panic, none that is refused leaves anything behind, and none writes beside its folder.
//!
//! The input is the archive's members, parted by 0xff: first the manifest's text (a sound one where it is empty), then for
//! each member its kind, its name up to a 0, and its content. So mutations reach what lies behind tar's checksums and gzip's.
#![no_main]

use flate2::{Compression, write::GzEncoder};
use libfuzzer_sys::fuzz_target;
use packs::Limits;
use tar::{Builder, EntryType, Header};

const SOUND: &str = r#"format = 1
id = "7deb9952-25e2-4aa8-a20e-ee40b87e2ddb"
version = 1
title = "T"

[[files]]
path = "a/b"
bytes = 1
sha256 = "2d711642b726b04401627ca9fbac32f5c8530fb1903cc4db02258717921a4881"
"#;

fn archive(members: &[u8]) -> std::io::Result<Vec<u8>> {
    let mut parts = members.split(|byte| *byte == 0xff);
    let manifest = parts.next().filter(|text| !text.is_empty()).unwrap_or(SOUND.as_bytes());
    let mut tar = Builder::new(GzEncoder::new(Vec::new(), Compression::fast()));
    let mut add = |kind: u8, name: &[u8], content: &[u8]| {
        let mut header = Header::new_gnu();
        header.set_entry_type(EntryType::new(kind));
        header.set_size(content.len() as u64);
        let length = name.len().min(100);
        header.as_old_mut().name[..length].copy_from_slice(&name[..length]);
        header.set_cksum();
        tar.append(&header, content)
    };
    add(b'0', b"manifest.toml", manifest)?;
    for part in parts {
        let Some((kind, rest)) = part.split_first() else { continue };
        let end = rest.iter().position(|byte| *byte == 0).unwrap_or(rest.len());
        add(*kind, &rest[..end], rest.get(end + 1..).unwrap_or_default())?;
    }
    tar.into_inner()?.finish()
}

fuzz_target!(|bytes: &[u8]| {
    let (Ok(around), Ok(archive)) = (tempfile::tempdir(), archive(bytes)) else { return };
    let store = around.path().join("store");
    let limits = Limits { bytes: 4 << 20, ..Limits::default() };
    drop(packs::unpack(archive.as_slice(), &store, &limits));
    assert_eq!(std::fs::read_dir(&store).map(|entries| entries.count()).ok(), Some(0));
    assert_eq!(std::fs::read_dir(around.path()).map(|entries| entries.count()).ok(), Some(1));
});
