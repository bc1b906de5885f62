//! What a collection holds: points under ids, in namespaces. Never holds a connection.

use std::fmt;

use serde::{Deserialize, Serialize};
use uuid::Uuid;

use crate::{Error, Filter, Payload};

/// A point's id: a text of 1 to 512 bytes. Qdrant's numbers are their decimal digits and its UUIDs the usual form in
/// lower case, so both dialects name one point, and each gets back what it gave.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(transparent)]
pub struct PointId(String);

impl PointId {
    pub fn text(text: impl Into<String>) -> Result<Self, Error> {
        let text = text.into();
        match text.len() {
            1..=512 if !text.contains('\0') => Ok(Self(text)),
            length => {
                Err(Error::request(format!("an id has 1 to 512 bytes and no zero byte among them; this has {length}")))
            }
        }
    }

    pub fn number(number: u64) -> Self {
        Self(number.to_string())
    }

    pub fn uuid(uuid: Uuid) -> Self {
        Self(uuid.hyphenated().to_string())
    }

    pub fn as_str(&self) -> &str {
        &self.0
    }

    /// The number that this is, written as [`PointId::number`] writes it.
    pub fn as_number(&self) -> Option<u64> {
        let plain = self.0 == "0" || !self.0.starts_with(['0', '+']);
        self.0.parse().ok().filter(|_| plain)
    }

    /// The UUID that this is, written as [`PointId::uuid`] writes it.
    pub fn as_uuid(&self) -> Option<Uuid> {
        let uuid = Uuid::try_parse(&self.0).ok()?;
        (Self::uuid(uuid) == *self).then_some(uuid)
    }
}

impl fmt::Display for PointId {
    fn fmt(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str(&self.0)
    }
}

/// A point to keep. It takes the place of one with the same id in the same namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub struct Point {
    pub id: PointId,
    /// As many numbers as the collection has dimensions, all finite.
    pub vector: Vec<f32>,
    pub payload: Payload,
}

/// A point that is kept.
#[derive(Debug, Clone, PartialEq)]
pub struct Record {
    pub id: PointId,
    /// The collection's sequence when it last changed.
    pub version: u64,
    /// As it was given, where [`Include`] asked for it.
    pub vector: Option<Vec<f32>>,
    pub payload: Option<Payload>,
}

/// What comes with an answer beside ids and scores.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Include {
    pub vector: bool,
    pub payload: bool,
}

impl Include {
    pub const ALL: Self = Self { vector: true, payload: true };
    pub const PAYLOAD: Self = Self { vector: false, payload: true };
}

/// Which points of a namespace.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum Selection {
    Ids(Vec<PointId>),
    Matching(Filter),
    All,
}

/// One part of a list, and where the next begins.
#[derive(Debug, Clone, PartialEq)]
pub struct Page<T> {
    pub items: Vec<T>,
    /// The first id that did not fit.
    pub next: Option<PointId>,
}

#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamespaceSize {
    pub name: String,
    pub points: u64,
}

/// What an acknowledged write did.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Written {
    /// The collection's sequence after it: higher for a later write.
    pub sequence: u64,
    /// Points that it concerned. None where the collection answers late ([`crate::Settings::delay`]), because what it
    /// will concern is not known yet.
    pub points: Option<u64>,
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_dialect_gets_back_the_id_that_it_gave() {
        let uuid = "550e8400-e29b-41d4-a716-446655440000";
        for (text, number, as_uuid) in [
            ("0", Some(0), false),
            ("42", Some(42), false),
            ("18446744073709551615", Some(u64::MAX), false),
            ("18446744073709551616", None, false),
            ("042", None, false),
            ("+42", None, false),
            ("00", None, false),
            ("doc#1", None, false),
            (uuid, None, true),
            ("550E8400-E29B-41D4-A716-446655440000", None, false),
            ("550e8400e29b41d4a716446655440000", None, false),
        ] {
            let id = PointId::text(text).unwrap();
            assert_eq!((id.as_number(), id.as_uuid().is_some()), (number, as_uuid), "{text}");
            assert_eq!(id.as_str(), text);
        }
        assert_eq!(PointId::uuid(uuid.to_uppercase().parse().unwrap()).as_str(), uuid);
        assert!(PointId::text("").is_err() && PointId::text("x".repeat(513)).is_err());
    }
}
