//! A point's id on the wire: a whole number of 64 bits, or a UUID.

use std::fmt;

use retrieval::PointId;
use serde::{
    Deserialize, Deserializer,
    de::{Error, Visitor},
};
use serde_json::Value;
use uuid::Uuid;

#[derive(Debug, Clone)]
pub(super) struct Id(pub PointId);

impl<'de> Deserialize<'de> for Id {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading).map(Self)
    }
}

struct Reading;

impl Visitor<'_> for Reading {
    type Value = PointId;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a point's id, which is a whole number from 0 or a UUID")
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<PointId, E> {
        Ok(PointId::number(number))
    }

    fn visit_str<E: Error>(self, text: &str) -> Result<PointId, E> {
        let refuse = || E::custom(format!("{text:?} is not a point's id, which is a whole number from 0 or a UUID"));
        Uuid::try_parse(text).map(PointId::uuid).map_err(|_| refuse())
    }
}

/// As it was given. Points that came through another dialect may have any text.
pub(super) fn id(id: &PointId) -> Value {
    id.as_number().map_or_else(|| id.as_str().into(), Value::from)
}
