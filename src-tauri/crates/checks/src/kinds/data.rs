//! `data`: what stands at paths of a JSON, YAML, TOML or HCL file.

use async_trait::async_trait;
use curriculum::Lab;
use serde::Deserialize;

use crate::{
    Context, Place,
    data::{
        self, Format,
        assertion::{ASSERT, Assertion},
    },
    excerpt::count,
    files,
    finding::{Failure, Halt, Judge, Passed, Sources, Wrong},
    lines::line_text,
    registry::{Kind, Setting, read},
    settings::FilePath,
};

pub const KIND: Kind = Kind {
    name: "data",
    doc: "A JSON, YAML, TOML or HCL file can be read, and has the right values at the right paths.",
    settings: &[
        Setting::required("path", "path", "The file, from the top of the workspace."),
        Setting::new("format", "json, yaml, toml or hcl", "Taken from the file's ending where left out."),
        ASSERT,
    ],
    read: read::<Data>,
};

#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
struct Data {
    path: FilePath,
    format: Option<Format>,
    #[serde(default)]
    assert: Vec<Assertion>,
}

#[async_trait]
impl Judge for Data {
    fn sources(&self) -> Sources {
        Sources { files: vec![self.path.0.clone()], ..Sources::default() }
    }

    fn lint(&self, _: &Lab) -> Vec<Wrong> {
        let mut wrong: Vec<Wrong> = self.assert.iter().enumerate().filter_map(|(index, one)| one.lint(index)).collect();
        if self.format.or(Format::of(&self.path.0)).is_none() {
            let message = format!("the ending of `{}` names no format", self.path.0);
            wrong.push(Wrong::new("path", message, "Add `format`: json, yaml, toml or hcl."));
        }
        wrong
    }

    async fn judge(&self, _: &str, context: &Context<'_>) -> Result<Passed, Halt> {
        let path = &self.path.0;
        let text = files::text(context.probe, path).await?;
        let format = self.format.or(Format::of(path)).unwrap_or(Format::Json);
        if text.trim().is_empty() {
            return Err(Failure::new(format!("`{path}` is empty."))
                .expected(format!("a {format} file"))
                .actual("nothing")
                .at(Place::file(path, Some(1)))
                .next("Write what is expected.")
                .into());
        }
        let value = data::parse(&text, format).map_err(|wrong| {
            let data::Syntax { line, column, reason } = wrong;
            Failure::new(format!("`{path}` is not {format}: line {line}, column {column}: {reason}."))
                .expected(format!("a file that reads as {format}"))
                .actual(line_text(&text, line))
                .at(Place::file(path, Some(line)))
                .next(format!(
                    "Correct line {line}{}. {}",
                    if line > 1 { " or the one above" } else { "" },
                    format.advice()
                ))
        })?;
        for assertion in &self.assert {
            assertion.judge(&value, &format!("`{path}`")).map_err(|miss| {
                Failure::new(miss.summary)
                    .expected(miss.expected)
                    .actual(miss.actual)
                    .at(Place::file(path, data::locate(&text, format, &miss.point)))
                    .next(miss.next_step)
            })?;
        }
        let asked = count(self.assert.len(), "value");
        Ok(Passed::new(match self.assert.len() {
            0 => format!("`{path}` reads as {format}."),
            _ => format!("`{path}` has the right {}.", asked.trim_start_matches("1 ")),
        }))
    }
}
