//! Whatever an archive holds, it is unpacked inside its folder or refused, and what is refused leaves nothing.

use packs::Limits;
use proptest::prelude::*;

use crate::made::{Place, file, gzip, manifest, tar};

fn good() -> Vec<u8> {
    let files = [("pack.toml", "format = 1\n"), ("lab/guide/01.md", "# One\n"), ("lab/lab.toml", "format = 1\n")];
    let members: Vec<_> = files.iter().map(|(name, content)| file(name, content)).collect();
    tar(&[vec![manifest(&files)], members].concat())
}

fn stays_inside(archive: &[u8]) {
    let place = Place::new();
    let limits = Limits { bytes: 4 << 20, ..Limits::default() };
    if let Ok(unpacked) = place.unpack(archive, &limits) {
        assert!(unpacked.folder().starts_with(place.store()));
        for name in place.holds().keys().filter(|name| *name != "precious" && *name != "packs/") {
            assert!(name.starts_with("packs/.incoming-"), "{name}");
        }
    }
    assert!(place.is_untouched(), "{:?}", place.holds());
}

proptest! {
    #![proptest_config(ProptestConfig { cases: 600, failure_persistence: None, ..ProptestConfig::default() })]

    #[test]
    fn any_bytes(bytes in proptest::collection::vec(any::<u8>(), 0..600)) {
        stays_inside(&bytes);
        stays_inside(&gzip(&bytes));
    }

    /// Damage behind the compression reaches the members and the manifest.
    #[test]
    fn a_good_archive_with_bytes_changed(changes in proptest::collection::vec((0usize..6000, any::<u8>()), 1..8)) {
        let mut bytes = good();
        for (at, byte) in changes {
            let at = at % bytes.len();
            bytes[at] = byte;
        }
        stays_inside(&gzip(&bytes));
    }

    /// A header whose sum is right again, so that its name, size and kind are believed.
    #[test]
    fn a_good_archive_with_a_header_forged(header in 0usize..8, at in 0usize..345, forged in "[a-z./~0-9\\x00-]{1,20}") {
        let mut bytes = good();
        let start = header * 512 % bytes.len();
        let end = (start + at + forged.len()).min(bytes.len());
        bytes[start + at..end].copy_from_slice(&forged.as_bytes()[..end - start - at]);
        let sum: u32 = (0..512).map(|i| if (148..156).contains(&i) { 32 } else { u32::from(bytes[start + i]) }).sum();
        bytes[start + 148..start + 156].copy_from_slice(format!("{sum:06o}\0 ").as_bytes());
        stays_inside(&gzip(&bytes));
    }

    #[test]
    fn a_good_archive_with_bytes_changed_outside(at in any::<usize>(), byte in any::<u8>()) {
        let mut bytes = gzip(&good());
        let at = at % bytes.len();
        bytes[at] = byte;
        stays_inside(&bytes);
    }

    #[test]
    fn a_manifest_of_any_names(names in proptest::collection::vec("[a-bA-B./\\\\:~ ?]{1,8}", 1..4)) {
        let files: Vec<(&str, &str)> = names.iter().map(|name| (name.as_str(), "x")).collect();
        let members: Vec<_> = files.iter().map(|(name, content)| file(name, content)).collect();
        stays_inside(&gzip(&tar(&[vec![manifest(&files)], members].concat())));
    }
}
