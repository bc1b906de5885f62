//! `file`: a file is there, and no larger or emptier than it may be.

use async_trait::async_trait;
use serde::Deserialize;

use crate::{
    Context, Place,
    excerpt::count,
    files,
    finding::{Failure, Halt, Judge, Passed, Sources},
    registry::{Kind, Setting, read},
    settings::FilePath,
};

pub const KIND: Kind = Kind {
    name: "file",
    doc: "A file is there, not empty, not too large.",
    settings: &[
        Setting::required("path", "path", "The file, from the top of the workspace."),
        Setting::new("not_empty", "true or false", "Whether it must hold more than blanks. False where left out."),
        Setting::new("max_bytes", "whole number", "The most bytes that it may have."),
    ],
    read: read::<File>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct File {
    path: FilePath,
    #[serde(default)]
    not_empty: bool,
    max_bytes: Option<usize>,
}

#[async_trait]
impl Judge for File {
    fn sources(&self) -> Sources {
        Sources { files: vec![self.path.0.clone()], ..Sources::default() }
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let path = &self.path.0;
        let bytes = files::bytes(context.probe, path).await?;
        let size = count(bytes.len(), "byte");
        if self.not_empty && bytes.iter().all(u8::is_ascii_whitespace) {
            return Err(Failure::new(format!("`{path}` is there, but empty."))
                .expected("a file with something in it")
                .actual(size)
                .at(Place::file(path, Some(1)))
                .next("Write into the file and save it.")
                .into());
        }
        if let Some(most) = self.max_bytes.filter(|most| bytes.len() > *most) {
            return Err(Failure::new(format!("`{path}` is too large."))
                .expected(format!("at most {}", count(most, "byte")))
                .actual(size)
                .at(Place::file(path, None))
                .next("Make the file smaller.")
                .into());
        }
        Ok(Passed::new(format!("`{path}` is there, {size}.")))
    }
}
