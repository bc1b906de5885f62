//! The Python packages that come with Groundwork, as the simple index that pip reads (PEP 503), so that an image can be built
//! with no network. Public files, read only: they need no key, which would stay in the image's history.

use std::path::{Path, PathBuf};

use axum::{
    body::Body,
    extract::{self, State},
    http::{StatusCode, header},
    response::{Html, IntoResponse, Response},
};
use tokio::fs::File;
use tokio_util::io::ReaderStream;

use crate::{refusal::Refusal, server::App};

/// Every path of it begins so.
pub(crate) const ROOT: &str = "/wheels/";
pub(crate) const PROJECT: &str = "/wheels/{project}/";
pub(crate) const FILE: &str = "/wheels/{project}/{file}";

/// The files of one project.
pub(crate) async fn project(
    State(app): State<App>,
    extract::Path(project): extract::Path<String>,
) -> Result<Response, Refusal> {
    let wanted = normal(&project);
    let folder = folder(&app)?.to_path_buf();
    let listing = tokio::task::spawn_blocking(move || wheels(&folder, &wanted)).await.unwrap_or_default();
    if listing.is_empty() {
        return Err(missing(&project));
    }
    let links = listing.iter().map(|name| format!("<a href=\"{name}\">{name}</a><br>\n"));
    Ok(Html(format!("<!DOCTYPE html>\n<title>{project}</title>\n{}", links.collect::<String>())).into_response())
}

pub(crate) async fn file(
    State(app): State<App>,
    extract::Path((_, name)): extract::Path<(String, String)>,
) -> Result<Response, Refusal> {
    // One segment of a path, so it cannot lead out of the folder; what is no wheel is not served.
    if !is_wheel(&name) {
        return Err(missing(&name));
    }
    let file = File::open(folder(&app)?.join(&name)).await.map_err(|_| missing(&name))?;
    let length = file.metadata().await.map_err(|_| missing(&name))?.len();
    let headers = [(header::CONTENT_TYPE, "application/zip".to_owned()), (header::CONTENT_LENGTH, length.to_string())];
    Ok((headers, Body::from_stream(ReaderStream::new(file))).into_response())
}

fn folder(app: &App) -> Result<&Path, Refusal> {
    let none = || Refusal::new(StatusCode::NOT_FOUND, "no_wheels", "This Groundwork came without Python packages.");
    app.wheels.as_deref().ok_or_else(none)
}

fn missing(name: &str) -> Refusal {
    let message = format!("No package or file `{name}` came with Groundwork. The labs' requirements say which did.");
    Refusal::new(StatusCode::NOT_FOUND, "unknown_wheel", message)
}

fn wheels(folder: &Path, project: &str) -> Vec<String> {
    let names = std::fs::read_dir(folder).into_iter().flatten().flatten();
    let names = names.filter_map(|entry| PathBuf::from(entry.file_name()).to_str().map(str::to_owned));
    let of_project = |name: &String| is_wheel(name) && name.split('-').next().map(normal).as_deref() == Some(project);
    let mut found: Vec<String> = names.filter(of_project).collect();
    found.sort();
    found
}

fn is_wheel(name: &str) -> bool {
    let safe = |letter: char| letter.is_ascii_alphanumeric() || "-_.+!".contains(letter);
    name.ends_with(".whl") && !name.starts_with('.') && name.chars().all(safe)
}

/// One form for all that name the same project (PEP 503).
fn normal(name: &str) -> String {
    let mut out = String::new();
    for letter in name.chars().map(|letter| letter.to_ascii_lowercase()) {
        let letter = if "-_.".contains(letter) { '-' } else { letter };
        if letter != '-' || !out.ends_with('-') {
            out.push(letter);
        }
    }
    out
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_project_has_its_wheels_under_any_of_its_names() {
        let folder = tempfile::tempdir().unwrap();
        for name in ["typing_extensions-4.16.0-py3-none-any.whl", "pydantic-2.14.3-py3-none-any.whl", "notes.txt"] {
            std::fs::write(folder.path().join(name), "").unwrap();
        }
        let expected = ["typing_extensions-4.16.0-py3-none-any.whl"];
        for name in ["typing_extensions", "Typing-Extensions", "typing.extensions"] {
            assert_eq!(wheels(folder.path(), &normal(name)), expected, "{name}");
        }
        assert!(wheels(folder.path(), "notes").is_empty() && wheels(folder.path(), "pydantic-core").is_empty());
    }

    #[test]
    fn only_wheels_are_served() {
        assert!(is_wheel("a-1.0+cpu-py3-none-any.whl"));
        for name in ["..", "../a.whl", ".hidden.whl", "a/b.whl", "a.txt", "a\\b.whl"] {
            assert!(!is_wheel(name), "{name}");
        }
    }
}
