//! Each rule finds its bad example and lets the good one pass; the clone itself passes all.

use std::path::Path;

use super::layers::{self, Dependency, Package};
use super::text::{self, File, RULES};

/// Rule, file, a bad content and a good one.
const EXAMPLES: &[(&str, &str, &str, &str)] = &[
    ("header", "src-tauri/crates/task/src/a.rs", "use std::fmt;\n", "//! Owns a.\n"),
    ("module files", "src-tauri/crates/task/src/a/mod.rs", "//! A.\n", ""),
    (
        "a library never prints, exits or reads the environment",
        "src-tauri/crates/task/src/a.rs",
        "//! A.\nfn f() {\n    println!(\"hello\");\n}\n",
        "//! A.\nfn f() {}\n#[cfg(test)]\nmod tests {\n    fn g() { println!(); }\n}\n",
    ),
    (
        "a library never prints, exits or reads the environment",
        "src-tauri/crates/task/src/a.rs",
        "//! A.\nfn f() { std::env::var(\"HOME\"); }\n",
        "//! A.\nfn f() { my_env::variable(); fingerprint!(1); }\n",
    ),
    ("nothing half done", "ui/src/plan/a.ts", "// TODO: the rest\n", "const mark = '`TODO`, `<name>`';\n"),
    ("nothing half done", "src-tauri/crates/task/src/a.rs", "//! A.\nfn f() { todo!() }\n", "//! A.\n"),
    (
        "no machine's paths",
        "README.md",
        "see /home/someone/notes\n",
        "see https://example.org/home/notes and ~/home/x\n",
    ),
    ("no machine's paths", "tests/a.py", "open('/work/main/a')\n", "open(folder / 'work/a')\n"),
    ("one folder knows the shell", "ui/src/plan/a.ts", "import '@tauri-apps/api';\n", "import '../backend';\n"),
    (
        "names say what a thing is",
        "src-tauri/src/a.rs",
        "//! A.\npub struct LabManager;\n",
        "//! A.\npub struct Lab;\n",
    ),
    (
        "names say what a thing is",
        "src-tauri/src/a.rs",
        "//! A.\npub(crate) mod path_utils;\n",
        "//! A.\nfn utility() {}\n",
    ),
    (
        "only those who own a table know SQL",
        "src-tauri/crates/gateway/src/a.rs",
        "//! A.\nconst MAKE: &str = \"CREATE TABLE a\";\n",
        "//! A.\nconst SHOW: &str = \"a table\";\n",
    ),
];

fn found(rule: &str, path: &str, text: &str) -> usize {
    let rule = RULES.iter().find(|known| known.name == rule).unwrap();
    let file = File { path, text };
    if (rule.concerns)(&file) { (rule.find)(&file).len() } else { 0 }
}

#[test]
fn each_rule_finds_its_bad_example() {
    for (rule, path, bad, good) in EXAMPLES {
        assert_eq!(found(rule, path, bad), 1, "{rule}: {bad}");
        if !good.is_empty() {
            assert_eq!(found(rule, path, good), 0, "{rule}: {good}");
        }
    }
}

#[test]
fn a_long_file_is_found_and_its_inline_tests_do_not_count() {
    let path = "src-tauri/crates/task/src/a.rs";
    let long = "//! A.\n".to_owned() + &"fn f() {}\n".repeat(400);
    assert_eq!(found("length", path, &long), 1);
    let tests = "//! A.\n#[cfg(test)]\nmod tests {\n".to_owned() + &"fn f() {}\n".repeat(400);
    assert_eq!(found("length", path, &tests), 0);
    assert_eq!(found("length", "src-tauri/crates/task/src/a/tests.rs", &long), 0);
}

#[test]
fn every_rule_has_a_bad_example() {
    for rule in RULES.iter().filter(|rule| rule.name != "length") {
        assert!(EXAMPLES.iter().any(|(name, ..)| *name == rule.name), "{}", rule.name);
    }
}

#[test]
fn a_breach_names_its_line() {
    let file = File { path: "src-tauri/crates/task/src/a.rs", text: "//! A.\nfn f() { todo!() }\n" };
    let breaches: Vec<String> = text::breaches(&file).iter().map(ToString::to_string).collect();
    assert_eq!(breaches, ["src-tauri/crates/task/src/a.rs:2: todo! finish it or leave it out (nothing half done)"]);
}

/// Its name, its kind, and whether it is ours.
type Uses = (&'static str, Option<&'static str>, bool);

fn package(name: &str, dependencies: &[Uses]) -> Package {
    let dependency = |(name, kind, ours): &Uses| Dependency {
        name: (*name).to_owned(),
        kind: kind.map(str::to_owned),
        path: ours.then(String::new),
    };
    Package {
        name: name.to_owned(),
        manifest_path: format!("/clone/src-tauri/crates/{name}/Cargo.toml"),
        dependencies: dependencies.iter().map(dependency).collect(),
    }
}

/// What the layers say of one crate's dependencies.
fn said(package: &Package) -> Vec<String> {
    let all = layers::breaches(std::slice::from_ref(package));
    all.iter().filter(|breach| breach.place == package.name).map(|breach| breach.message.clone()).collect()
}

#[test]
fn dependencies_that_break_the_layers_are_found() {
    let cases: &[(&str, Uses, &str)] = &[
        ("desktop", ("journal", None, true), "may not depend on journal"),
        ("curriculum", ("checks", None, true), "may not depend on checks"),
        ("checks", ("workbench", Some("dev"), true), "may not depend on workbench"),
        ("gateway", ("testkit", None, true), "may not depend on testkit"),
        ("cli", ("rusqlite", None, false), "of ours journal and retrieval may use rusqlite"),
        ("workbench", ("tauri", Some("build"), false), "of ours desktop may use tauri"),
    ];
    for (name, dependency, expected) in cases {
        let said = said(&package(name, &[*dependency]));
        assert!(said.len() == 1 && said[0].starts_with(expected), "{name}: {said:?}");
    }
}

#[test]
fn dependencies_within_the_layers_are_not() {
    let gateway = package(
        "gateway",
        &[("inference", None, true), ("task", None, true), ("testkit", Some("dev"), true), ("axum", None, false)],
    );
    assert_eq!(said(&gateway), Vec::<String>::new());
}

#[test]
fn a_crate_without_a_layer_and_a_folder_of_another_name_are_found() {
    assert!(said(&package("novelty", &[]))[0].starts_with("give this crate its place"));
    let mut moved = package("journal", &[]);
    moved.manifest_path = "/clone/src-tauri/crates/diary/Cargo.toml".to_owned();
    assert_eq!(said(&moved), ["the crate's name is not its folder's name"]);
}

#[test]
fn the_architecture_page_lists_exactly_the_crates_that_are_there() {
    let page = "src-tauri/\n  crates/\n    journal/    progress\n    diary/      gone\nui/\n";
    let said = layers::undocumented(&[package("journal", &[]), package("gateway", &[])], page);
    let said: Vec<&str> = said.iter().map(|breach| breach.message.as_str()).collect();
    assert_eq!(
        said,
        ["its tree does not list the crate gateway", "its tree lists the crate diary, which is not there"]
    );
}

#[test]
fn this_clone_keeps_the_rules() {
    let root = Path::new(env!("CARGO_MANIFEST_DIR")).ancestors().nth(3).unwrap();
    let breaches: Vec<String> = super::breaches(root).unwrap().iter().map(ToString::to_string).collect();
    assert!(breaches.is_empty(), "{}", breaches.join("\n"));
}
