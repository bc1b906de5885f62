//! The library of resources as labs show it.

use std::{fs, os::unix::fs::symlink, path::PathBuf};

use crate::{
    packs::new_pack,
    support::{Home, Said},
};

/// Ids of the rows that a lab names.
fn named(home: &Home, lab: &str) -> Vec<String> {
    let lines = home.json(&["lab", "show", lab]);
    assert_eq!((&lines[0]["type"], &lines[0]["slug"]), (&"lab".into(), &lab.into()), "{lines:#?}");
    let rows = lines[0]["resources"].as_array().unwrap();
    rows.iter().map(|row| row["id"].as_str().unwrap().to_owned()).collect()
}

/// A home with a library of its own, and the file that holds it.
fn with_own_library() -> (Home, PathBuf) {
    let home = Home::with_own_pack();
    let assets = home.resources.join("assets");
    let shared = assets.canonicalize().unwrap();
    fs::remove_file(&assets).unwrap();
    fs::create_dir_all(assets.join("resources")).unwrap();
    for entry in fs::read_dir(&shared).unwrap().map(Result::unwrap).filter(|entry| entry.file_name() != "resources") {
        symlink(entry.path(), assets.join(entry.file_name())).unwrap();
    }
    let file = assets.join("resources/year-1.toml");
    fs::copy(shared.join("resources/year-1.toml"), &file).unwrap();
    (home, file)
}

#[test]
fn a_lab_shows_what_the_library_has_about_it_in_its_order() {
    let home = Home::new();
    let library = fs::read_to_string(home.resources.join("assets/resources/year-1.toml")).unwrap();
    let library: toml::Table = library.parse().unwrap();
    let rows = library["resources"].as_array().unwrap().iter();
    let is_about = |row: &&toml::Value| row["labs"].as_array().unwrap().contains(&toml::Value::from("embeddings"));
    let about: Vec<&toml::Value> = rows.filter(is_about).collect();
    let ids: Vec<&str> = about.iter().map(|row| row["id"].as_str().unwrap()).collect();
    assert!(ids.len() >= 2, "{ids:?}");
    assert_eq!(named(&home, "embeddings"), ids);

    let text = home.must(&["lab", "show", "embeddings"]);
    let told = text.split("From the library").nth(1).unwrap_or_else(|| panic!("{text}"));
    for row in about {
        for part in ["title", "kind", "publisher", "take", "skip", "url", "checked"] {
            let part = row[part].as_str().unwrap();
            assert!(told.contains(part), "{part}: {told}");
        }
    }
    assert!(told.contains("whether somebody has opened its address since"), "{told}");
}

#[test]
fn a_lab_that_is_shown_says_where_its_checks_stand_and_runs_none() {
    let home = Home::new();
    assert!(home.must(&["lab", "show", "orientation"]).contains("   not run    profile.toml is filled in\n"));
    home.must(&["lab", "start", "orientation", "--no-editor"]);
    home.run(&["lab", "check", "orientation"]);
    let profile = home.resources.join("labs/orientation/solution/profile.toml");
    fs::copy(profile, home.workspace().join("profile.toml")).unwrap();
    for _ in 0..2 {
        let text = home.must(&["lab", "show", "orientation"]);
        assert!(text.contains("   failed     profile.toml is filled in\n"), "{text}");
    }
}

#[test]
fn a_library_that_cannot_be_read_or_is_not_there_keeps_no_lab_shut() {
    let (home, file) = with_own_library();
    assert!(!named(&home, "embeddings").is_empty());
    fs::write(&file, "[[resources]]\nid = ").unwrap();
    assert_eq!(named(&home, "embeddings"), [""; 0]);
    assert!(!home.must(&["lab", "show", "embeddings"]).contains("From the library"));
    let Said { code, err, .. } = home.run(&["roadmap"]);
    assert!(code == Some(1) && err.contains("The library of resources"), "what is all about it says so: {err}");
    fs::remove_dir_all(file.parent().unwrap()).unwrap();
    assert_eq!(named(&home, "embeddings"), [""; 0]);
}

#[test]
fn the_library_is_about_no_lab_of_an_installed_pack() {
    let (home, file) = with_own_library();
    let library = fs::read_to_string(&file).unwrap();
    fs::write(&file, library.replace("\"embeddings\"", "\"embeddings\", \"first-lab\"")).unwrap();
    new_pack(&home);
    home.must(&["pack", "build", "my-pack", "-o", "mine.gwpack"]);
    let said = home.must(&["pack", "install", "mine.gwpack"]);
    home.must(&["pack", "use", said.split("groundwork pack use ").nth(1).unwrap().trim()]);
    assert_eq!(named(&home, "first-lab"), [""; 0]);
    home.must(&["pack", "use", "shipped"]);
    assert!(!named(&home, "embeddings").is_empty());
}
