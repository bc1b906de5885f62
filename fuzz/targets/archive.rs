//! No archive makes its reader panic, and none that is refused leaves anything behind.
#![no_main]

use libfuzzer_sys::fuzz_target;
use packs::Limits;

fuzz_target!(|bytes: &[u8]| {
    let Ok(folder) = tempfile::tempdir() else { return };
    let limits = Limits { bytes: 4 << 20, ..Limits::default() };
    drop(packs::unpack(bytes, folder.path(), &limits));
    assert_eq!(std::fs::read_dir(folder.path()).map(|entries| entries.count()).ok(), Some(0));
});
