//! What a check asserts, as one hash: a pass under another definition says nothing of this one. Runs no check.

use std::{collections::BTreeMap, fmt::Write as _, fs};

use curriculum::{Check, Lab};
use sha2::{Digest, Sha256};
use toml::Value;

use crate::Prepared;

/// The hash of each check's definition, by its id: its kind and settings, what it waits for, its faults, the services
/// that it calls, and the fixed files of the pack that it reads. Words for people (title, hints) are no part of it.
pub fn definitions(lab: &Lab, prepared: &[Prepared]) -> BTreeMap<String, String> {
    let read = lab.fixed().into_iter().filter(|path| prepared.iter().any(|check| check.concerns(path)));
    let fixed: Vec<(String, String)> = read
        .map(|path| {
            let hash = hex(&fs::read(lab.original(&path)).unwrap_or_default());
            (path, hash)
        })
        .collect();
    let checks = lab.steps.iter().flat_map(|step| &step.checks);
    let found = checks.filter_map(|check| {
        let prepared = prepared.iter().find(|prepared| prepared.id() == check.id)?;
        Some((check.id.clone(), definition(check, prepared, lab, &fixed)))
    });
    found.collect()
}

fn definition(check: &Check, prepared: &Prepared, lab: &Lab, fixed: &[(String, String)]) -> String {
    let mut text = format!("kind {}\n", check.kind);
    write(&mut text, &Value::Table(check.settings.clone()));
    let mut after = prepared.after().to_vec();
    after.sort();
    write(&mut text, &Value::from(after));
    for part in check.faults.iter().map(Value::try_from).chain(prepared.services(lab).map(Value::try_from)).flatten() {
        write(&mut text, &part);
    }
    for (path, hash) in fixed.iter().filter(|(path, _)| prepared.concerns(path)) {
        let _ = writeln!(text, "file {path:?} {hash}");
    }
    hex(text.as_bytes())
}

/// The SHA-256 of some bytes, in hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    Sha256::digest(bytes).iter().map(|byte| format!("{byte:02x}")).collect()
}

/// One form for each value, whatever the order in which its keys are written.
fn write(text: &mut String, value: &Value) {
    match value {
        Value::Table(table) => {
            let sorted: BTreeMap<_, _> = table.iter().collect();
            text.push('{');
            for (key, value) in sorted {
                let _ = write!(text, "{key:?}=");
                write_item(text, value);
            }
            text.push('}');
        }
        Value::Array(items) => {
            text.push('[');
            items.iter().for_each(|item| write_item(text, item));
            text.push(']');
        }
        other => {
            let _ = write!(text, "{} {other}", other.type_str());
        }
    }
}

fn write_item(text: &mut String, value: &Value) {
    write(text, value);
    text.push(',');
}
