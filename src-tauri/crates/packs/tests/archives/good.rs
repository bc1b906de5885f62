//! A pack built, taken apart, put in place, and put in place again.

use std::fs;

use packs::{Kept, Limits, build, installed, names};

use crate::made::{ID, Place, listing, pack, told};

fn archive(version: u32) -> Vec<u8> {
    let folder = pack(version);
    let file = folder.path().join("out.gwpack");
    build(&curriculum::load(folder.path()).unwrap(), &file).unwrap();
    fs::read(file).unwrap()
}

#[test]
fn equal_packs_make_equal_archives() {
    assert_eq!(archive(1), archive(1));
    assert_ne!(archive(1), archive(2));
}

#[test]
fn a_pack_is_the_same_on_the_other_side() {
    let place = Place::new();
    let archive = archive(3);
    let unpacked = place.unpack(&archive, &Limits::default()).unwrap();
    assert_eq!((unpacked.manifest.version, unpacked.manifest.title.as_str()), (3, "A pack"));
    let Kept::New(kept) = unpacked.keep(&place.store(), false).unwrap() else { panic!("it is new") };
    assert_eq!(kept.folder, place.store().join(ID).join("3"));
    let mut there = listing(&kept.folder);
    assert!(there.remove("manifest.toml").unwrap().contains("sha256"));
    let own = pack(3);
    let mut here = listing(own.path());
    here.retain(|name, _| !name.starts_with(['.', '_']));
    assert_eq!(there, here);
    assert_eq!(curriculum::load(&kept.folder).unwrap().version, 3);
}

#[test]
fn versions_take_each_others_place_as_they_should() {
    let place = Place::new();
    let store = place.store();
    let keep = |archive: &[u8], older| {
        place.unpack(archive, &Limits::default()).unwrap().keep(&store, older).map_err(|error| told(&error))
    };
    let versions = || installed(&store).into_iter().map(|pack| pack.version).collect::<Vec<_>>();
    assert!(matches!(keep(&archive(2), false), Ok(Kept::New(_))));
    let before = place.holds();
    assert!(matches!(keep(&archive(2), false), Ok(Kept::Already(_))), "the same again");
    assert_eq!(place.holds(), before);
    // A file that was lost, changed or put beside them comes right by installing the pack again.
    let folder = store.join(ID).join("2");
    for spoil in [
        (|folder: &std::path::Path| fs::remove_file(folder.join("pack.toml")).unwrap()) as fn(&std::path::Path),
        |folder| fs::write(folder.join("pack.toml"), "").unwrap(),
        |folder| fs::write(folder.join("planted.toml"), "").unwrap(),
        |folder| fs::remove_file(folder.join("manifest.toml")).unwrap(),
    ] {
        spoil(&folder);
        assert!(matches!(keep(&archive(2), false), Ok(Kept::New(_))));
        assert_eq!(place.holds(), before);
    }
    assert!(matches!(keep(&archive(3), false), Ok(Kept::New(_))), "a newer one");
    assert_eq!(versions(), [3]);
    assert_eq!(
        keep(&archive(2), false).unwrap_err(),
        "Version 3 of this pack is installed, and this is version 2. [packs.older] Keep what you have, or install this one with --older."
    );
    assert_eq!(versions(), [3]);
    assert!(matches!(keep(&archive(2), true), Ok(Kept::New(_))), "an older one, asked for");
    assert_eq!(versions(), [2]);

    let other = pack(2);
    fs::write(other.path().join("README.md"), "Other words.\n").unwrap();
    let file = other.path().join("other.gwpack");
    build(&curriculum::load(other.path()).unwrap(), &file).unwrap();
    assert_eq!(
        keep(&fs::read(file).unwrap(), false).unwrap_err(),
        "Version 2 of this pack is installed, with other content. [packs.same_version] Raise `version` in pack.toml, and build the archive again."
    );
    assert!(place.holds().keys().all(|name| !name.contains("incoming")), "{:?}", place.holds().keys());
}

#[test]
fn a_pack_that_not_every_system_can_hold_is_not_built() {
    let (long, deep) = ("a".repeat(101), format!("shared/{}/{}", "a".repeat(70), "b".repeat(78)));
    for (name, reason) in [
        ("aux.md", "is a device on Windows"),
        ("a?", "has a character that Windows cannot hold"),
        (long.as_str(), "has a part that is longer than 100 bytes"),
        (deep.as_str(), "is longer than 155 bytes"),
    ] {
        let folder = pack(1);
        fs::create_dir_all(folder.path().join(name).parent().unwrap()).unwrap();
        fs::write(folder.path().join(name), "x").unwrap();
        let file = folder.path().join("out.gwpack");
        let error = build(&curriculum::load(folder.path()).unwrap(), &file).unwrap_err();
        assert_eq!(error.to_string(), format!("The name {name:?} {reason}."));
        assert!(!file.exists());
    }
}

#[test]
fn an_archive_that_would_be_refused_is_not_written() {
    let folder = pack(1);
    fs::write(folder.path().join("zeros"), vec![0; 2 << 20]).unwrap();
    let before = listing(folder.path()).len();
    let error = build(&curriculum::load(folder.path()).unwrap(), &folder.path().join("out.gwpack")).unwrap_err();
    assert_eq!(
        told(&error),
        "The archive was not written, because nobody could install it. The archive grows to more than 200 times its size, \
         as only a bomb does. [packs.refused] Take out or shorten the files that hold the same bytes over and over."
    );
    assert_eq!(listing(folder.path()).len(), before, "nothing is left behind");
}

#[test]
fn the_longest_name_comes_back() {
    let folder = pack(1);
    let (parent, name) = (format!("shared/{}", "a".repeat(47)), "b".repeat(100));
    fs::create_dir_all(folder.path().join(&parent)).unwrap();
    fs::write(folder.path().join(&parent).join(&name), "x").unwrap();
    assert!(names(folder.path()).is_empty());
    let file = folder.path().join("out.gwpack");
    build(&curriculum::load(folder.path()).unwrap(), &file).unwrap();
    let place = Place::new();
    let unpacked = place.unpack(&fs::read(file).unwrap(), &Limits::default()).unwrap();
    assert!(unpacked.folder().join(parent).join(name).is_file());
}

#[cfg(unix)]
#[test]
fn a_program_stays_one_and_a_link_becomes_its_file() {
    use std::os::unix::fs::{PermissionsExt, symlink};
    let folder = pack(1);
    fs::create_dir(folder.path().join("_x")).unwrap();
    fs::write(folder.path().join("run.sh"), "#!/bin/sh\n").unwrap();
    fs::set_permissions(folder.path().join("run.sh"), fs::Permissions::from_mode(0o700)).unwrap();
    symlink("README.md", folder.path().join("LINK.md")).unwrap();
    let file = folder.path().join("out.gwpack");
    build(&curriculum::load(folder.path()).unwrap(), &file).unwrap();
    let place = Place::new();
    let unpacked = place.unpack(&fs::read(file).unwrap(), &Limits::default()).unwrap();
    let mode = |name: &str| unpacked.folder().join(name).symlink_metadata().unwrap().permissions().mode() & 0o777;
    assert_eq!((mode("run.sh"), mode("README.md")), (0o755, 0o644));
    assert!(unpacked.folder().join("LINK.md").symlink_metadata().unwrap().is_file());
    drop(unpacked);
    assert!(place.is_untouched());
}
