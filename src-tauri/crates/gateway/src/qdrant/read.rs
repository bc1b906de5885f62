//! What the routes that read have in common: what comes with each point, and orders by a field.

use retrieval::{Include, Number};
use serde_json::Value;

use super::{
    about::About,
    creation::{join, only},
    filter,
    selector::Selector,
    wrong,
};
use crate::{
    refusal::Refusal,
    request::field::{self, Fields},
};

pub(super) use retrieval::Order;

/// What is told of each point.
pub(super) struct Shown {
    pub selector: Selector,
    pub vector: bool,
}

impl Shown {
    /// `payload` is what a route tells where nothing is said.
    pub fn read(fields: &Fields, about: &About, payload: Selector) -> Result<Self, Refusal> {
        let selector = Selector::read(field::get(fields, "with_payload"), payload)?;
        let vector = match field::get(fields, "with_vector") {
            None => false,
            Some(Value::Bool(whether)) => *whether,
            Some(Value::Array(names)) => names.iter().any(|name| *name == *about.vector),
            Some(_) => return Err(wrong("with_vector", "must be true, false or a list of names")),
        };
        Ok(Self { selector, vector })
    }

    pub fn include(&self) -> Include {
        Include { vector: self.vector, payload: self.selector.needs_payload() }
    }
}

/// A path, or an object with the key, the direction and where to begin.
pub(super) fn order(value: &Value, place: &str) -> Result<Order, Refusal> {
    let fields = match value {
        Value::String(key) => {
            return Ok(Order { path: filter::path(key, place)?, descending: false, from: None });
        }
        other => field::object(other, place)?,
    };
    only(fields, place, &[&["key", "direction", "start_from"]])?;
    let descending = match field::get(fields, "direction").map(Value::as_str) {
        None | Some(Some("asc")) => false,
        Some(Some("desc")) => true,
        _ => return Err(wrong(&join(place, "direction"), "must be \"asc\" or \"desc\"")),
    };
    let from = match field::get(fields, "start_from") {
        None => None,
        Some(value) => {
            let number = match value {
                Value::Number(number) => number.as_i64().map(Number::Integer).or(number.as_f64().map(Number::Float)),
                other => other.as_str().and_then(retrieval::time::parse).map(Number::Integer),
            };
            Some(number.ok_or_else(|| wrong(&join(place, "start_from"), "must be a number or a time"))?)
        }
    };
    Ok(Order { path: filter::path(field::needed(fields, "key", place)?, &join(place, "key"))?, descending, from })
}
