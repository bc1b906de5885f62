//! Reads a file of the workspace as text, and finds what a missing one is probably called instead.

use crate::{
    Place, Probe, excerpt,
    finding::{Failure, Halt},
};

/// The most bytes of a file that a check reads as text.
const LARGEST: usize = 8 << 20;

/// The file's bytes, or how it is missing.
pub async fn bytes(probe: &dyn Probe, path: &str) -> Result<Vec<u8>, Halt> {
    match probe.read(path).await? {
        Some(bytes) => Ok(bytes),
        None => Err(missing(path, &probe.list("").await?).into()),
    }
}

/// The file's text with plain line ends, or why it is none.
pub async fn text(probe: &dyn Probe, path: &str) -> Result<String, Halt> {
    decoded(path, bytes(probe, path).await?)
}

/// The text of these bytes of the file, as [`text`] has it.
pub fn decoded(path: &str, bytes: Vec<u8>) -> Result<String, Halt> {
    if bytes.len() > LARGEST {
        return Err(Failure::new(format!("`{path}` is too large to be read as text."))
            .expected(format!("at most {LARGEST} bytes"))
            .actual(format!("{} bytes", bytes.len()))
            .at(Place::file(path, None))
            .next("Make the file smaller.")
            .into());
    }
    let not_text = |how: &str, line: Option<u32>| {
        Failure::new(format!("`{path}` {how}."))
            .expected("UTF-8 text")
            .at(Place::file(path, line))
            .next("Save the file as UTF-8; editors offer this as its encoding.")
    };
    if bytes.starts_with(&[0xff, 0xfe]) || bytes.starts_with(&[0xfe, 0xff]) {
        return Err(not_text("is saved as UTF-16", None).into());
    }
    let text = String::from_utf8(bytes).map_err(|error| {
        let valid = &error.as_bytes()[..error.utf8_error().valid_up_to()];
        let line = 1 + valid.iter().filter(|byte| **byte == b'\n').count();
        not_text("is not UTF-8 text", u32::try_from(line).ok())
    })?;
    let text = text.strip_prefix('\u{feff}').unwrap_or(&text);
    Ok(text.replace("\r\n", "\n"))
}

/// Says that there is no `path` among `files`, and which of them comes close.
pub fn missing(path: &str, files: &[String]) -> Failure {
    let (folder, name) = split(path);
    let failure = Failure::new(format!("There is no `{path}`.")).expected(format!("a file `{path}`"));
    let near = |file: &str, how: &str, next: String| {
        Failure::new(format!("There is no `{path}`, but there is `{file}`: {how}."))
            .expected(format!("a file `{path}`"))
            .actual(format!("`{file}`"))
            .at(Place::file(file, None))
            .next(next)
    };
    let rename = |file: &str| format!("Rename `{file}` to `{path}`.");
    if files.iter().any(|file| file.strip_prefix(path).is_some_and(|rest| rest.starts_with('/'))) {
        return failure
            .actual(format!("a folder `{path}`"))
            .at(Place::file(path, None))
            .next("Make a file of this name, not a folder.");
    }
    let same = |make: fn(&str) -> String| files.iter().find(move |file| make(file) == make(path));
    if let Some(file) = same(str::to_lowercase) {
        return near(file, "the name differs in upper and lower case", rename(file));
    }
    if let Some(file) = same(|file| file.chars().filter(|c| !c.is_whitespace()).collect()) {
        return near(file, "the name differs in spaces", rename(file));
    }
    if let Some(file) = files.iter().find(|file| split(file).1.eq_ignore_ascii_case(name)) {
        let how = match split(file).0 {
            "" => "it lies at the top of the workspace".to_owned(),
            other => format!("it lies in the folder `{other}`"),
        };
        let target = if folder.is_empty() { "the top of the workspace".to_owned() } else { format!("`{folder}`") };
        return near(file, &how, format!("Move it to {target}."));
    }
    let stem = |name: &str| name.split_once('.').map_or(name, |(stem, _)| stem).to_lowercase();
    if let Some(file) = files.iter().find(|file| split(file).0 == folder && stem(split(file).1) == stem(name)) {
        return near(file, "the name ends differently", format!("{} Your system may hide the ending.", rename(file)));
    }
    if let Some(file) = curriculum::nearest(path, files.iter().map(String::as_str)) {
        return near(file, "the name is close", rename(file));
    }
    let beside: Vec<&str> = files.iter().filter(|file| split(file).0 == folder).map(|file| split(file).1).collect();
    let actual = if beside.is_empty() { "no files there".to_owned() } else { beside.join(", ") };
    failure.actual(excerpt::inline(&actual)).at(Place::file(path, None)).next(format!("Make the file `{path}`."))
}

/// Folder and name.
fn split(path: &str) -> (&str, &str) {
    path.rsplit_once('/').unwrap_or(("", path))
}
