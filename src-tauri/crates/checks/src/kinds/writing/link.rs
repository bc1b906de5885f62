//! Whether a document's links into the workspace lead somewhere. Never follows one that leads out of it.

use super::document::{Document, Link};
use crate::{
    Place, Probe, files,
    finding::{Failure, Halt},
};

/// Where a link leads.
enum Target {
    /// Another machine; nobody asks there.
    Elsewhere,
    /// A heading of the same document.
    Anchor(String),
    /// A path of the workspace; empty for its top.
    Path(String),
    /// Nowhere that a reader of the workspace can follow.
    Nowhere(&'static str),
}

pub async fn first_broken(
    document: &Document,
    path: &str,
    probe: &dyn Probe,
    all: &[String],
) -> Result<Option<Failure>, Halt> {
    for link in &document.links {
        let url = &link.url;
        let failure = |what: String| {
            Failure::new(format!("The link in line {} of `{path}` {what}.", link.line))
                .expected("a link that leads somewhere in the workspace")
                .actual(url)
                .at(Place::file(path, Some(link.line)))
        };
        match target(path, link) {
            Target::Elsewhere => {}
            Target::Anchor(name) if document.anchors.contains(&name) => {}
            Target::Anchor(name) => {
                let near = curriculum::nearest(&name, document.anchors.iter().map(String::as_str));
                let next = near.map_or_else(
                    || "Write the heading that it leads to, in lower case with hyphens.".to_owned(),
                    |near| format!("Did you mean `#{near}`?"),
                );
                return Ok(Some(failure(format!("leads to `#{name}`, and no heading is called so")).next(next)));
            }
            Target::Nowhere(why) => {
                return Ok(Some(failure(why.to_owned()).next(format!("Write it from the folder of `{path}`."))));
            }
            Target::Path(to) => {
                let inside = |file: &String| file.strip_prefix(&to).is_some_and(|rest| rest.starts_with('/'));
                let known = to.is_empty() || all.contains(&to) || all.iter().any(inside);
                // Hidden folders are not listed.
                if known || probe.read(&to).await?.is_some() {
                    continue;
                }
                let missing = files::missing(&to, all);
                let near = missing.actual.filter(|actual| actual.starts_with('`'));
                let but = near.as_ref().map(|near| format!(", but {near} is there")).unwrap_or_default();
                let next = match near {
                    Some(near) => format!("Let the link lead to {near}, or rename that to `{to}`."),
                    None => format!("Make `{to}`, or take the link out."),
                };
                return Ok(Some(failure(format!("leads to `{to}`, which is not there{but}")).next(next)));
            }
        }
    }
    Ok(None)
}

fn target(path: &str, link: &Link) -> Target {
    let url = link.url.as_str();
    let scheme = url.split_once(':').map(|(scheme, _)| scheme).filter(|scheme| {
        scheme.starts_with(|c: char| c.is_ascii_alphabetic())
            && scheme.bytes().all(|b| b.is_ascii_alphanumeric() || b"+-.".contains(&b))
    });
    match scheme {
        // One letter is a drive of this machine.
        Some(scheme) if scheme.eq_ignore_ascii_case("file") || scheme.len() == 1 => {
            return Target::Nowhere("leads to a file of this machine alone");
        }
        Some(_) => return Target::Elsewhere,
        None if url.starts_with("//") => return Target::Elsewhere,
        None if url.is_empty() => return Target::Nowhere("leads nowhere"),
        None if url.starts_with('/') => return Target::Nowhere("is absolute"),
        None => {}
    }
    let (before, anchor) = url.split_once('#').unwrap_or((url, ""));
    let bare = decoded(before.split('?').next().unwrap_or_default());
    if bare.is_empty() {
        // `#` alone is the top of the document.
        return if anchor.is_empty() { Target::Path(path.to_owned()) } else { Target::Anchor(decoded(anchor)) };
    }
    let mut parts: Vec<&str> = path.split('/').collect();
    parts.pop();
    for part in bare.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.pop().is_none() => return Target::Nowhere("leads out of the workspace"),
            ".." => {}
            part => parts.push(part),
        }
    }
    Target::Path(parts.join("/"))
}

/// `a%20b`: `a b`.
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let [first, after @ ..] = rest {
        let hex = after.get(..2).filter(|_| *first == b'%').and_then(|hex| std::str::from_utf8(hex).ok());
        match hex.and_then(|hex| u8::from_str_radix(hex, 16).ok()) {
            Some(byte) => {
                bytes.push(byte);
                rest = &after[2..];
            }
            None => {
                bytes.push(*first);
                rest = after;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}
