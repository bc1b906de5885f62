//! A new pack to begin from: one lab of one step, which lints and verifies at once.

use std::{
    fs, io,
    path::{Path, PathBuf},
};

use uuid::Uuid;

use crate::{
    Problem,
    authoring::{Described, schema},
};

/// The files of the new pack; `{id}` and `{title}` are filled in.
const FILES: &[(&str, &str)] = &[
    ("pack.toml", include_str!("scaffold/pack.toml")),
    ("first-lab/lab.toml", include_str!("scaffold/first-lab/lab.toml")),
    ("first-lab/guide/01-limits.md", include_str!("scaffold/first-lab/guide/01-limits.md")),
    ("first-lab/starter/service.toml", include_str!("scaffold/first-lab/starter/service.toml")),
    ("first-lab/solution/service.toml", include_str!("scaffold/first-lab/solution/service.toml")),
    ("first-lab/mutants/milliseconds/mutant.toml", include_str!("scaffold/first-lab/mutants/milliseconds/mutant.toml")),
    (
        "first-lab/mutants/milliseconds/service.toml",
        include_str!("scaffold/first-lab/mutants/milliseconds/service.toml"),
    ),
];

/// Writes a pack into `folder`, which is made or empty, and answers with the files written.
pub fn scaffold(folder: &Path, title: Option<&str>) -> Result<Vec<PathBuf>, Problem> {
    let occupied = fs::read_dir(folder).is_ok_and(|mut entries| entries.next().is_some()) || folder.is_file();
    if occupied {
        let message = format!("{} is not empty.", folder.display());
        return Err(Problem::new("pack.occupied", message, "Name a folder that is new or empty."));
    }
    let name = || folder.file_name().map(|name| name.to_string_lossy().into_owned());
    let title = title.map(str::to_owned).or_else(name).unwrap_or_else(|| "A new pack".into());
    let quoted = toml_text(&title);
    let mut written = Vec::new();
    let mut write = |path: &str, text: &str| -> io::Result<()> {
        let place = folder.join(path);
        if let Some(parent) = place.parent() {
            fs::create_dir_all(parent)?;
        }
        fs::write(&place, text)?;
        written.push(place);
        Ok(())
    };
    let mut all = || -> io::Result<()> {
        for (path, text) in FILES {
            write(path, &text.replace("{id}", &Uuid::new_v4().to_string()).replace("\"{title}\"", &quoted))?;
        }
        write("lab.schema.json", &schema(Described::Lab))?;
        write("pack.schema.json", &schema(Described::Pack))
    };
    all().map_err(|error| {
        let message = format!("The pack cannot be written to {}: {error}.", folder.display());
        Problem::new("pack.unwritable", message, "Name a folder that you may write to.")
    })?;
    Ok(written)
}

/// A basic string of TOML. What JSON escapes, TOML escapes in the same way, but for the delete character.
fn toml_text(text: &str) -> String {
    serde_json::Value::from(text).to_string().replace('\u{7f}', "\\u007f")
}
