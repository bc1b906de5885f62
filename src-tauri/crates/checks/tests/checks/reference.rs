//! The files that are made from the registry are fresh, and the schema accepts what the reader accepts.
//! `GROUNDWORK_WRITE_DOCS=1` writes the files anew.

use std::{fs, path::PathBuf};

use checks::{Setting, kinds};
use serde_json::Value;

fn clone(path: &str) -> PathBuf {
    PathBuf::from(env!("CARGO_MANIFEST_DIR")).join("../../..").join(path)
}

fn is_fresh(path: &str, fresh: &str) {
    let committed = clone(path);
    if std::env::var_os("GROUNDWORK_WRITE_DOCS").is_some() {
        fs::create_dir_all(committed.parent().unwrap()).unwrap();
        fs::write(&committed, fresh).unwrap();
    }
    let committed = fs::read_to_string(committed).unwrap_or_default();
    assert!(committed == fresh, "{path} is stale: run `cargo xtask bindings`");
}

#[test]
fn the_reference_is_fresh() {
    is_fresh("docs/checks.md", &checks::reference());
}

#[test]
fn the_schemas_are_fresh() {
    is_fresh("labs/lab.schema.json", &format!("{:#}\n", checks::lab_schema()));
    is_fresh("labs/pack.schema.json", &format!("{:#}\n", curriculum::pack_schema()));
}

#[test]
fn every_setting_has_a_form() {
    fn formless<'a>(settings: &'a [Setting], found: &mut Vec<&'a str>) {
        for setting in settings {
            if setting.form().is_none() {
                found.push(setting.value);
            }
            formless(setting.fields, found);
        }
    }
    let mut found = Vec::new();
    kinds().iter().for_each(|kind| formless(kind.settings, &mut found));
    assert!(found.is_empty(), "teach `Value::read` these words, or use others: {found:?}");
}

/// What the schema says of a `lab.toml`: the paths of what is wrong.
fn judged(schema: &Value, text: &str) -> Vec<String> {
    let instance: Value = serde_json::to_value(text.parse::<toml::Table>().unwrap()).unwrap();
    let validator = jsonschema::validator_for(schema).unwrap();
    validator.iter_errors(&instance).map(|error| error.instance_path().to_string()).collect()
}

#[test]
fn the_shipped_files_are_those_of_the_schemas() {
    let pack = fs::read_to_string(clone("labs/pack.toml")).unwrap();
    assert_eq!(judged(&curriculum::pack_schema(), &pack), [""; 0]);
    for lab in fs::read_dir(clone("labs")).unwrap().flatten().filter(|entry| entry.path().join("lab.toml").exists()) {
        let text = fs::read_to_string(lab.path().join("lab.toml")).unwrap();
        assert_eq!(judged(&checks::lab_schema(), &text), [""; 0], "{}", lab.path().display());
    }
}

#[test]
fn the_schema_refuses_what_the_reader_refuses() {
    let good = fs::read_to_string(clone("labs/orientation/lab.toml")).unwrap();
    for (from, to, at) in [
        ("minutes = 40", "minutes = \"40\"", "/minutes"),
        ("minutes = 40\n", "", ""),
        ("minutes = 40", "minutes = 40\nminute = 41", ""),
        ("format = 1", "format = 2", "/format"),
        ("docker = \"no\"", "docker = \"maybe\"", "/requires/docker"),
        ("role = \"edit\"", "role = \"edits\"", "/files/0/role"),
        ("within_s = 10", "within_s = -10", "/services/0/ready/within_s"),
        ("kind = \"data\"", "kind = \"dada\"", "/steps/0/checks/0"),
        ("path = \"profile.toml\"\nassert", "assert", "/steps/0/checks/0"),
        ("not_placeholder = true", "not_placeholder = 1", "/steps/0/checks/0"),
        ("timeout_s = 60\nhints", "timeout = 60\nhints", "/steps/1/checks/0"),
        ("title = \"profile.toml is filled in\"\n", "", "/steps/0/checks/0"),
    ] {
        assert!(good.contains(from), "{from}");
        let told = judged(&checks::lab_schema(), &good.replacen(from, to, 1));
        assert!(told.iter().any(|path| path == at), "{from} to {to}: {told:?}");
    }
}
