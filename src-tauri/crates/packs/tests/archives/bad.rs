//! Archives that nobody should install, each with all that is said of it, and nothing left behind.

use packs::Limits;
use tar::EntryType;

use crate::made::{Member, Place, file, gzip, manifest, special, tar, told};

const AGAIN: &str = "Copy or download the file again; if it stays so, somebody has changed it: do not use it.";
const RENAME: &str = "Rename it in the pack, and build the archive again with `groundwork pack build`.";
const REBUILD: &str =
    "Build the archive with `groundwork pack build`; other programs make archives that are not taken.";
const BOMB: &str = "Do not use this file unless you know who made it; a pack of labs is far smaller.";
const COPY: &str = "Copy or download the file again.";

fn refused(archive: &[u8], limits: &Limits) -> String {
    let place = Place::new();
    let said = place.unpack(archive, limits).map_or_else(|error| told(&error), |_| "nothing".into());
    assert!(place.is_untouched(), "{said}: {:?}", place.holds());
    said
}

fn small() -> Limits {
    Limits { files: 4, bytes: 3 << 20, ratio: 100, manifest_bytes: 4096 }
}

#[test]
fn members_that_are_refused() {
    let pack = ("pack.toml", "x");
    let with = |member: Member| vec![manifest(&[pack]), file("pack.toml", "x"), member];
    let named = |name: &str| vec![manifest(&[pack, (name, "y")]), file("pack.toml", "x"), file(name, "y")];
    let name = |name: &str, reason: &str| format!("The name {name:?} {reason}. [packs.name] {RENAME}");
    let kind = |name: &str, kind: &str| format!("{name:?} is {kind}; a pack holds files only. [packs.kind] {REBUILD}");
    let twin = |one: &str, other: &str| {
        let listed = manifest(&[pack, (one, ""), (other, "")]);
        vec![listed, file("pack.toml", "x")]
    };
    let cases: Vec<(&str, Vec<Member>, String)> = vec![
        ("an absolute path", with(file("/etc/passwd", "y")), name("/etc/passwd", "is absolute")),
        ("a way out", with(file("../precious", "y")), name("../precious", "leaves its folder")),
        ("a way out below", with(file("a/../../precious", "y")), name("a/../../precious", "leaves its folder")),
        ("a way out in the manifest", named("../precious"), name("../precious", "leaves its folder")),
        ("a home", named("~/x"), name("~/x", "is absolute")),
        ("a drive", named("C:/x"), name("C:/x", "has a character that not every system takes (a backslash or a colon)")),
        ("a backslash", named("a\\b"), name("a\\b", "has a character that not every system takes (a backslash or a colon)")),
        ("a stream", named("a.txt:b"), name("a.txt:b", "has a character that not every system takes (a backslash or a colon)")),
        ("a device's name", named("lab/aux.md"), name("lab/aux.md", "is a device on Windows")),
        ("a device's name with a number", named("COM1"), name("COM1", "is a device on Windows")),
        ("a device's name as a folder", named("nul/x"), name("nul/x", "is a device on Windows")),
        ("a dot at the end", named("lab./x"), name("lab./x", "ends in a dot or a space, which Windows drops")),
        ("a space at the end", named("lab /x"), name("lab /x", "ends in a dot or a space, which Windows drops")),
        ("a question mark", named("why?"), name("why?", "has a character that Windows cannot hold")),
        ("a control character", named("a\u{7}b"), name("a\u{7}b", "has a character that Windows cannot hold")),
        ("an empty part", named("a//b"), name("a//b", "has an empty part or a `.` in it")),
        ("a dot", named("./a"), name("./a", "has an empty part or a `.` in it")),
        ("an empty name", with(file("", "y")), name("", "is empty")),
        ("the manifest's name", named("Manifest.toml"), name("Manifest.toml", "is kept for the archive's manifest")),
        ("a name too long", vec![manifest(&[(&"a".repeat(181), "y")])], name(&"a".repeat(181), "is longer than 155 bytes")),
        ("a part too long", vec![manifest(&[(&format!("a/{}", "b".repeat(101)), "y")])], name(&format!("a/{}", "b".repeat(101)), "has a part that is longer than 100 bytes")),
        ("a symbolic link", with(special("link", EntryType::Symlink, Some("/etc/passwd"))), kind("link", "a symbolic link")),
        ("a hard link", with(special("link", EntryType::Link, Some("pack.toml"))), kind("link", "a hard link")),
        ("a folder", with(special("lab/", EntryType::Directory, None)), kind("lab/", "a folder")),
        ("a character device", with(special("null", EntryType::Char, None)), kind("null", "a device")),
        ("a block device", with(special("disk", EntryType::Block, None)), kind("disk", "a device")),
        ("a pipe", with(special("pipe", EntryType::Fifo, None)), kind("pipe", "a pipe")),
        ("a renaming header", with(special("x", EntryType::GNULongName, None)), kind("x", "a member of a kind that no pack has")),
        ("an extended header", with(special("x", EntryType::XHeader, None)), kind("x", "a member of a kind that no pack has")),
        ("a member twice", with(file("pack.toml", "x")), format!("\"pack.toml\" is in the archive twice. [packs.twice] {REBUILD}")),
        ("the manifest twice", with(manifest(&[pack])), format!("\"manifest.toml\" is in the archive twice. [packs.twice] {REBUILD}")),
        ("an entry twice", twin("a", "a"), format!("\"a\" is in the archive twice. [packs.twice] {REBUILD}")),
        ("case only", twin("Guide.md", "guide.md"), format!("\"Guide.md\" and \"guide.md\" are one name where case does not count. [packs.case] {RENAME}")),
        ("case only, of folders", twin("Lab/a", "lab/b"), format!("\"Lab\" and \"lab\" are one name where case does not count. [packs.case] {RENAME}")),
        ("a file and a folder", twin("lab", "lab/a"), format!("\"lab\" is a file and a folder at once. [packs.file_and_folder] {RENAME}")),
        ("a member beside the manifest", with(file("extra", "y")), format!("\"extra\" is in the archive and not in its manifest. [packs.unlisted] {AGAIN}")),
        ("an entry without a member", vec![manifest(&[pack, ("lost", "y")]), file("pack.toml", "x")], format!("\"lost\" is in the manifest and not in the archive. [packs.missing] {AGAIN}")),
        ("other content", vec![manifest(&[pack]), file("pack.toml", "y")], format!("\"pack.toml\" is not the file that the manifest describes. [packs.altered] {AGAIN}")),
        ("more content", vec![manifest(&[pack]), file("pack.toml", "xx")], format!("\"pack.toml\" is not the file that the manifest describes. [packs.altered] {AGAIN}")),
        ("less content", vec![manifest(&[pack]), file("pack.toml", "")], format!("\"pack.toml\" is not the file that the manifest describes. [packs.altered] {AGAIN}")),
        ("no manifest first", vec![file("pack.toml", "x"), manifest(&[pack])], format!("The archive does not begin with a manifest. [packs.no_manifest] {COPY}")),
        ("nothing at all", vec![], format!("The archive does not begin with a manifest. [packs.no_manifest] {COPY}")),
        ("no manifest's text", vec![file("manifest.toml", "{}")], format!("The archive's manifest cannot be used: invalid key-value pair, expected key. [packs.manifest] {REBUILD}")),
        ("a manifest from the future", vec![file("manifest.toml", "format = 2\nwho = \"knows\"")], "The archive is written in format 2, and this version reads format 1. [packs.format] Update Groundwork, or ask for a pack made for this version.".into()),
        ("a manifest too large", vec![file("manifest.toml", &"#".repeat(5000))], format!("The archive's manifest cannot be used: it is larger than 0 MB. [packs.manifest] {REBUILD}")),
        ("too many entries", vec![manifest(&[("a", ""), ("b", ""), ("c", ""), ("d", ""), ("e", "")])], format!("The archive holds more than 4 files. [packs.too_many] {BOMB}")),
    ];
    let wrong: Vec<String> = cases
        .iter()
        .map(|(name, members, expected)| (name, refused(&gzip(&tar(members)), &small()), expected))
        .filter(|(_, said, expected)| said != *expected)
        .map(|(name, said, expected)| format!("--- {name}\n{said}\n+++ expected\n{expected}"))
        .collect();
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(cases.len() >= 40);
}

#[test]
fn bombs_are_refused_before_they_grow() {
    let zeros = "\0".repeat(2 << 20);
    let bomb = gzip(&tar(&[manifest(&[("pack.toml", &zeros)]), file("pack.toml", &zeros)]));
    assert_eq!(
        refused(&bomb, &small()),
        format!("The archive grows to more than 100 times its size, as only a bomb does. [packs.bomb] {BOMB}")
    );
    let noise: String =
        (0..4_000_000u32).map(|n| char::from(b'a' + (n.wrapping_mul(2_654_435_761) >> 27) as u8 % 26)).collect();
    let large = gzip(&tar(&[manifest(&[("pack.toml", &noise)]), file("pack.toml", &noise)]));
    assert_eq!(refused(&large, &small()), format!("The archive grows beyond 3 MB. [packs.too_large] {BOMB}"));
    let many: Vec<Member> = std::iter::once(manifest(&[])).chain((0..9).map(|n| file(&n.to_string(), ""))).collect();
    assert!(refused(&gzip(&tar(&many)), &small()).contains("[packs.unlisted]"));
}

#[test]
fn what_is_no_archive_is_told_so() {
    let good = gzip(&tar(&[manifest(&[("pack.toml", "x")]), file("pack.toml", "x")]));
    for (name, bytes) in [
        ("nothing", &b""[..]),
        ("text", b"This is a letter, and no pack at all."),
        ("a zip", b"PK\x03\x04\x14\x00\x00\x00\x08\x00"),
        ("half", &good[..good.len() / 2]),
        ("no sum at the end", &good[..good.len() - 8]),
    ] {
        let said = refused(bytes, &small());
        assert!(said.contains("[packs.damaged] Copy or download the file again."), "{name}: {said}");
    }
    let mut flipped = good.clone();
    let last = flipped.len() - 6;
    flipped[last] ^= 1;
    assert!(refused(&flipped, &small()).contains("[packs.damaged]"), "a wrong sum");
}
