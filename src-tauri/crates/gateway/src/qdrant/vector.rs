//! A vector on the wire: plain, under its name, or a document that is still to be embedded. What Qdrant has beside these
//! is refused by name.

use std::fmt;

use serde::{
    Deserialize, Deserializer,
    de::{Error, MapAccess, SeqAccess, Visitor},
};
use serde_json::{Map, Value};

use super::{about::About, embedding::Document, wrong};
use crate::refusal::Refusal;

#[derive(Debug, Clone)]
pub(super) enum Vector {
    Plain(Vec<f32>),
    Named(String, Vec<f32>),
    Document(Option<String>, Document),
}

impl Vector {
    /// Its numbers, if the collection has a vector of that name.
    pub fn of(self, about: &About, place: &str) -> Result<Vec<f32>, Refusal> {
        let (name, numbers) = match self {
            Self::Plain(numbers) => (String::new(), numbers),
            Self::Named(name, numbers) => (name, numbers),
            Self::Document(..) => return Err(Refusal::broken("A document was not embedded.")),
        };
        about.expect(&name, place)?;
        Ok(numbers)
    }
}

impl<'de> Deserialize<'de> for Vector {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Reading)
    }
}

struct Reading;

impl<'de> Visitor<'de> for Reading {
    type Value = Vector;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a vector, which is a list of numbers")
    }

    fn visit_seq<A: SeqAccess<'de>>(self, mut list: A) -> Result<Vector, A::Error> {
        let mut numbers = Vec::with_capacity(list.size_hint().unwrap_or_default());
        while let Some(Numeral(number)) = list.next_element()? {
            numbers.push(number);
        }
        Ok(Vector::Plain(numbers))
    }

    fn visit_map<A: MapAccess<'de>>(self, mut map: A) -> Result<Vector, A::Error> {
        let mut fields = Map::new();
        while let Some((name, value)) = map.next_entry()? {
            fields.insert(name, value);
        }
        read(fields).map_err(A::Error::custom)
    }
}

fn read(fields: Map<String, Value>) -> Result<Vector, String> {
    if let Some(document) = Document::of(&fields) {
        return Ok(Vector::Document(None, document?));
    }
    sparse(&fields)?;
    let mut named = fields.into_iter();
    match (named.next(), named.next()) {
        (Some((name, value)), None) => match value {
            Value::Object(fields) => match Document::of(&fields) {
                Some(document) => Ok(Vector::Document(Some(name), document?)),
                None => {
                    sparse(&fields)?;
                    Err(format!("the vector {name:?} must be a list of numbers"))
                }
            },
            value => {
                let numbers: Vec<Numeral> = serde_json::from_value(value).map_err(|error| error.to_string())?;
                Ok(Vector::Named(name, numbers.into_iter().map(|Numeral(number)| number).collect()))
            }
        },
        (None, _) => Err("a point needs its vector: this gateway keeps no points without".into()),
        _ => Err("a point has one vector here; make a collection for each of several".into()),
    }
}

fn sparse(fields: &Map<String, Value>) -> Result<(), String> {
    match fields.contains_key("indices") {
        true => Err(SPARSE.into()),
        false => Ok(()),
    }
}

const SPARSE: &str =
    "sparse vectors are not kept here; search keywords with a text index (\"scoring\": true) and a text query";

/// One of the numbers of a vector.
#[derive(Debug)]
pub(super) struct Numeral(f32);

impl<'de> Deserialize<'de> for Numeral {
    fn deserialize<D: Deserializer<'de>>(deserializer: D) -> Result<Self, D::Error> {
        deserializer.deserialize_any(Figure).map(Self)
    }
}

struct Figure;

impl Visitor<'_> for Figure {
    type Value = f32;

    fn expecting(&self, formatter: &mut fmt::Formatter<'_>) -> fmt::Result {
        formatter.write_str("a number of a vector (a point has one vector here, and no list of them)")
    }

    fn visit_f64<E: Error>(self, number: f64) -> Result<f32, E> {
        Ok(number as f32)
    }

    fn visit_i64<E: Error>(self, number: i64) -> Result<f32, E> {
        Ok(number as f32)
    }

    fn visit_u64<E: Error>(self, number: u64) -> Result<f32, E> {
        Ok(number as f32)
    }
}

/// A vector within a query.
pub(super) fn numbers(value: &Value, place: &str) -> Result<Vec<f32>, Refusal> {
    let numbers =
        Vec::<Numeral>::deserialize(value).map_err(|error| wrong(place, &format!("is no vector: {error}")))?;
    Ok(numbers.into_iter().map(|Numeral(number)| number).collect())
}

/// Refuses what a query may hold in place of a vector and this gateway has not.
pub(super) fn no_other(fields: &Map<String, Value>, place: &str) -> Result<(), Refusal> {
    sparse(fields).map_err(|what| wrong(place, &format!("is a sparse vector, and {what}")))?;
    match ["image", "object"].iter().find(|kind| fields.contains_key(**kind)) {
        Some(kind) => Err(wrong(place, &format!("holds an {kind}, and only texts are embedded here"))),
        None => Ok(()),
    }
}
