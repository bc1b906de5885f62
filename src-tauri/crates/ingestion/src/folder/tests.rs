use std::{fs, path::Path};

use super::{Walk, Walked, walk};
use crate::Error;

fn folder(files: &[(&str, &str)]) -> tempfile::TempDir {
    let folder = tempfile::tempdir().unwrap();
    for (name, text) in files {
        let path = folder.path().join(name);
        fs::create_dir_all(path.parent().unwrap()).unwrap();
        fs::write(path, text).unwrap();
    }
    folder
}

fn names(walked: &Walked) -> Vec<&str> {
    walked.sources.iter().map(|source| &*source.name).collect()
}

fn walked(root: &Path, options: &Walk) -> Walked {
    walk(root, options).unwrap()
}

#[test]
fn files_come_by_name_and_what_is_hidden_or_ignored_does_not() {
    let folder = folder(&[
        ("b.md", "b"),
        ("a/z.txt", "z"),
        ("a.txt", "a"),
        (".hidden/a.txt", "no"),
        (".secret", "no"),
        (".gitignore", "build/\n*.log\n"),
        ("build/a.txt", "built"),
        ("a.log", "log"),
    ]);
    let found = walked(folder.path(), &Walk::default());
    assert_eq!(names(&found), ["a.txt", "a/z.txt", "b.md"]);
    assert!(found.problems.is_empty(), "{:?}", found.problems);
    let all = walked(folder.path(), &Walk { gitignore: false, ..Walk::default() });
    assert_eq!(names(&all), ["a.log", "a.txt", "a/z.txt", "b.md", "build/a.txt"]);
}

#[test]
fn a_single_file_is_a_folder_of_one() {
    let folder = folder(&[("notes.md", "# A")]);
    let found = walked(&folder.path().join("notes.md"), &Walk::default());
    assert_eq!(names(&found), ["notes.md"]);
    assert_eq!(found.sources[0].read().unwrap().document().unwrap().title, "A");
}

#[cfg(unix)]
#[test]
fn a_link_out_of_the_folder_is_told_and_one_inside_is_read_once() {
    use std::os::unix::fs::symlink;
    let outside = folder(&[("secret.txt", "s")]);
    let folder = folder(&[("a/b.txt", "b")]);
    symlink(folder.path().join("a"), folder.path().join("again")).unwrap();
    symlink(folder.path(), folder.path().join("a/round")).unwrap();
    symlink(outside.path(), folder.path().join("out")).unwrap();
    symlink("nowhere", folder.path().join("gone")).unwrap();
    let found = walked(folder.path(), &Walk::default());
    assert_eq!(names(&found), ["a/b.txt"]);
    let mut told: Vec<String> = found.problems.iter().map(ToString::to_string).collect();
    told.sort();
    assert_eq!(told, ["gone is a link that leads out of the folder", "out is a link that leads out of the folder"]);
}

#[test]
fn a_file_that_is_too_large_or_gone_is_told_and_the_rest_is_read() {
    let folder = folder(&[("a.txt", "12345"), ("b.txt", "1234"), ("c.txt", "")]);
    let found = walked(folder.path(), &Walk { most_bytes: 4, ..Walk::default() });
    fs::remove_file(folder.path().join("c.txt")).unwrap();
    let read: Vec<_> = found.sources.iter().map(super::Source::read).collect();
    assert!(matches!(&read[0], Err(Error::TooLarge { most: 4, .. })));
    assert_eq!(read[1].as_ref().unwrap().bytes, b"1234");
    assert!(matches!(&read[2], Err(Error::Disk { .. })));
}

#[test]
fn a_folder_that_is_not_there_is_told() {
    let folder = folder(&[]);
    assert!(matches!(walk(&folder.path().join("none"), &Walk::default()), Err(Error::Disk { .. })));
}
