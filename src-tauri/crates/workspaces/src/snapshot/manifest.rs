//! What a snapshot says of itself: one small file, which names contents by their SHA-256. Holds no contents.

use std::{
    collections::BTreeMap,
    path::{Path, PathBuf},
};

use jiff::Timestamp;
use serde::{Deserialize, Serialize};

/// The learner's work at one moment, or those of its files that something was about to replace.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Snapshot {
    /// Names it in its workspace: the time, to the second.
    #[serde(skip)]
    pub id: String,
    pub at: Timestamp,
    pub reason: Reason,
    /// The version of the lab that the files belonged to.
    pub lab_version: u32,
    #[serde(default, skip_serializing_if = "Vec::is_empty")]
    pub files: Vec<Kept>,
    /// The workspace's record of its starter, as it was then.
    #[serde(default, skip_serializing_if = "BTreeMap::is_empty")]
    pub(crate) starter: BTreeMap<String, String>,
}

/// What a snapshot was made before.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Reason {
    Reset,
    Update,
    Restore,
    /// A file that checks need was put back as the pack wrote it; only such files are kept.
    Fixed,
    /// Files that were saved while others were being replaced; only these are kept.
    Meanwhile,
    /// Made by a version of Groundwork that noted no reason.
    Earlier,
}

impl Reason {
    /// Whether all of the work is kept, so that what is not in the snapshot was not there.
    pub fn whole(self) -> bool {
        matches!(self, Self::Reset | Self::Update | Self::Restore)
    }
}

/// One file or link of a snapshot.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct Kept {
    /// Relative to the workspace.
    #[serde(with = "name")]
    pub path: PathBuf,
    #[serde(flatten)]
    pub(crate) content: Content,
}

#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(untagged)]
pub(crate) enum Content {
    File {
        hash: String,
        bytes: u64,
        /// Permissions, where the system has such bits.
        #[serde(default, skip_serializing_if = "Option::is_none")]
        mode: Option<u32>,
    },
    Link {
        #[serde(with = "name")]
        link: PathBuf,
    },
}

impl Kept {
    pub fn bytes(&self) -> u64 {
        match &self.content {
            Content::File { bytes, .. } => *bytes,
            Content::Link { .. } => 0,
        }
    }
}

impl Content {
    /// Whether what a reader sees is the same; permissions may differ.
    pub(crate) fn same(&self, other: &Self) -> bool {
        match (self, other) {
            (Self::File { hash: one, .. }, Self::File { hash: other, .. }) => one == other,
            (one, other) => one == other,
        }
    }
}

/// Paths as text that loses nothing: bytes that are no UTF-8, and `%`, stand as `%` and two digits.
mod name {
    use serde::{Deserialize, Deserializer, Serializer, de::Error};

    use super::{Path, PathBuf};

    pub fn serialize<S: Serializer>(path: &Path, serializer: S) -> Result<S::Ok, S::Error> {
        let mut text = String::new();
        for chunk in path.as_os_str().as_encoded_bytes().utf8_chunks() {
            text.push_str(&chunk.valid().replace('%', "%25"));
            text.extend(chunk.invalid().iter().map(|byte| format!("%{byte:02x}")));
        }
        serializer.serialize_str(&text)
    }

    pub fn deserialize<'de, D: Deserializer<'de>>(deserializer: D) -> Result<PathBuf, D::Error> {
        let text = String::deserialize(deserializer)?;
        let mut parts = text.split('%');
        let mut bytes = parts.next().unwrap_or_default().as_bytes().to_vec();
        for part in parts {
            let (digits, rest) = part.split_at_checked(2).ok_or_else(|| D::Error::custom("a `%` without digits"))?;
            bytes.push(u8::from_str_radix(digits, 16).map_err(D::Error::custom)?);
            bytes.extend(rest.as_bytes());
        }
        Ok(path(bytes))
    }

    #[cfg(unix)]
    fn path(bytes: Vec<u8>) -> PathBuf {
        use std::os::unix::ffi::OsStringExt;
        std::ffi::OsString::from_vec(bytes).into()
    }

    #[cfg(not(unix))]
    fn path(bytes: Vec<u8>) -> PathBuf {
        String::from_utf8_lossy(&bytes).into_owned().into()
    }
}
