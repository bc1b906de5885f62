//! JSON Schemas of the pack's files, from the types that read them.
//!
//! Knows no check kind: `checks` puts their settings into the schema of `lab.toml`.

use schemars::{JsonSchema, Schema, SchemaGenerator, generate::SchemaSettings, json_schema};
use serde_json::Value;

use crate::{document::FORMAT, lab::LabFile, pack::PackFile};

/// The schema of `lab.toml`; a check's own settings are left to `definitions.Check`.
pub fn lab_schema() -> Value {
    of::<LabFile>()
}

/// The schema of `pack.toml`.
pub fn pack_schema() -> Value {
    of::<PackFile>()
}

/// Draft 7 is what editors' TOML extensions read.
fn of<T: JsonSchema>() -> Value {
    SchemaSettings::draft07().into_generator().into_root_schema_for::<T>().to_value()
}

/// The number of the format that this version reads.
pub fn format(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "const": FORMAT, "description": "The format of the file." })
}

/// A UUID that never changes.
pub fn id(_: &mut SchemaGenerator) -> Schema {
    json_schema!({ "type": "string", "format": "uuid", "description": "A UUID that never changes: progress belongs to it." })
}
