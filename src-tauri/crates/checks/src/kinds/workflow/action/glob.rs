//! Files of a job's folder by patterns, as `upload-artifact` and `hashFiles` take them.

use globset::{Glob, GlobMatcher};
use sha2::{Digest, Sha256};

use crate::{Files, Read, definition::hex, finding::Halt, kinds::workflow::job::Running, prepare::glob_of};

/// Bytes of the files that one pattern may name.
pub const MOST: u64 = 256 << 20;

/// Absolute paths and contents of the files that patterns name; `!` takes some out again. The folders that were searched come
/// with them. The inner error is why none can be given.
pub async fn find(patterns: &[String], running: &Running<'_>) -> Result<Result<(Files, Vec<String>), String>, Halt> {
    let (mut found, mut roots) = (Files::new(), Vec::new());
    for pattern in patterns {
        let (pattern, out) = pattern.strip_prefix('!').map_or((pattern.as_str(), false), |rest| (rest.trim(), true));
        let place = running.place(pattern.trim_start_matches("./").trim_end_matches('/'));
        let (Some(itself), Some(below)) = (matcher(&place), matcher(&format!("{place}/**"))) else {
            return Ok(Err(format!("`{pattern}` is no pattern of paths")));
        };
        let named = |path: &str| itself.is_match(path) || below.is_match(path);
        if out {
            found.retain(|path, _| !named(path));
            continue;
        }
        let root = root(&place);
        match running.machine.read(&root, MOST).await? {
            Read::Nothing => {}
            Read::TooLarge => return Ok(Err(format!("`{pattern}` names more than {} MiB", MOST >> 20))),
            Read::File(content) => {
                found.extend(named(&root).then(|| (root.clone(), content)));
            }
            Read::Folder(files) => {
                let whole = files.into_iter().map(|(path, content)| (format!("{root}/{path}"), content));
                found.extend(whole.filter(|(path, _)| named(path)));
            }
        }
        roots.push(root);
    }
    Ok(Ok((found, roots)))
}

/// The folder, or the file, before the first part of a pattern that is more than a name.
fn root(place: &str) -> String {
    let plain = place.split('/').take_while(|part| !part.contains(['*', '?', '[', ']']));
    plain.collect::<Vec<_>>().join("/")
}

fn matcher(pattern: &str) -> Option<GlobMatcher> {
    glob_of(pattern).as_ref().map(Glob::compile_matcher).ok()
}

/// What `hashFiles` gives: a digest of the digests of all files, in the order of their paths; empty where there is none.
pub async fn hash(patterns: &[String], running: &Running<'_>) -> Result<Result<String, String>, Halt> {
    let lines: Vec<String> =
        patterns.iter().flat_map(|pattern| pattern.lines()).map(|line| line.trim().to_owned()).collect();
    let found = find(&lines, running).await?;
    Ok(found.map(|(files, _)| {
        if files.is_empty() {
            return String::new();
        }
        let each: Vec<u8> = files.values().flat_map(Sha256::digest).collect();
        hex(&each)
    }))
}
