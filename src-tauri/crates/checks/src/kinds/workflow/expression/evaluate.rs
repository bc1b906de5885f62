//! The value of an expression, in the world of a job or a step.

use std::collections::BTreeMap;

use serde_json::{Map, Value};

use super::{
    function::{call, property},
    parser::Node,
    value::{compare, text, truth},
};

/// How things went so far.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Status {
    Success,
    Failure,
    Cancelled,
    /// Something before was skipped or ran out of its time, and nothing failed.
    Skipped,
}

/// What an expression sees.
#[derive(Debug)]
pub struct Scope<'a> {
    /// Each context by its name; one that is not here is empty.
    pub contexts: &'a Map<String, Value>,
    pub status: Status,
    /// What `hashFiles` has found for its patterns.
    pub hashes: &'a BTreeMap<Vec<String>, String>,
}

/// Why there is no value.
#[derive(Debug, PartialEq)]
pub enum Stop {
    Wrong(String),
    /// The files of these patterns must be hashed first; then it can be asked again.
    Hash(Vec<String>),
}

/// A value, or the many that `*` gives, of each of which a property is taken.
enum Found {
    One(Value),
    Many(Vec<Value>),
}

impl Found {
    fn value(self) -> Value {
        match self {
            Self::One(value) => value,
            Self::Many(values) => Value::Array(values),
        }
    }
}

impl Node {
    pub fn evaluate(&self, scope: &Scope<'_>) -> Result<Value, Stop> {
        self.found(scope).map(Found::value)
    }

    fn found(&self, scope: &Scope<'_>) -> Result<Found, Stop> {
        Ok(Found::One(match self {
            Self::Literal(value) => value.clone(),
            Self::Context(name) => scope.contexts.get(name).cloned().unwrap_or_default(),
            Self::Property(of, name) => {
                let name = name.evaluate(scope)?;
                match of.found(scope)? {
                    Found::One(value) => of_one(&value, &name).cloned().unwrap_or_default(),
                    Found::Many(values) => {
                        let found = values.iter().filter_map(|value| of_one(value, &name).cloned());
                        return Ok(Found::Many(found.collect()));
                    }
                }
            }
            Self::All(of) => {
                let entries = |value: Value| match value {
                    Value::Array(items) => items,
                    Value::Object(object) => object.into_iter().map(|(_, value)| value).collect(),
                    _ => Vec::new(),
                };
                return Ok(Found::Many(match of.found(scope)? {
                    Found::One(value) => entries(value),
                    Found::Many(values) => values.into_iter().flat_map(entries).collect(),
                }));
            }
            Self::Not(inner) => (!truth(&inner.evaluate(scope)?)).into(),
            Self::Binary(sign, left, right) => {
                let left = left.evaluate(scope)?;
                match *sign {
                    "&&" if !truth(&left) => left,
                    "||" if truth(&left) => left,
                    "&&" | "||" => right.evaluate(scope)?,
                    _ => holds(sign, &left, &right.evaluate(scope)?).into(),
                }
            }
            Self::Call(name, arguments) => {
                let values =
                    arguments.iter().map(|argument| argument.evaluate(scope)).collect::<Result<Vec<_>, _>>()?;
                match name.as_str() {
                    "always" => true.into(),
                    "success" => (scope.status == Status::Success).into(),
                    "failure" => (scope.status == Status::Failure).into(),
                    "cancelled" => (scope.status == Status::Cancelled).into(),
                    "hashfiles" => {
                        let patterns: Vec<String> = values.iter().map(text).collect();
                        scope.hashes.get(&patterns).cloned().ok_or(Stop::Hash(patterns))?.into()
                    }
                    _ => call(name, &values).map_err(Stop::Wrong)?,
                }
            }
        }))
    }
}

fn of_one<'a>(value: &'a Value, name: &Value) -> Option<&'a Value> {
    match value {
        Value::Object(object) => property(object, &text(name)),
        Value::Array(items) => {
            let index = name.as_f64().filter(|index| *index >= 0.0 && index.fract() == 0.0)?;
            items.get(index as usize)
        }
        _ => None,
    }
}

fn holds(sign: &str, left: &Value, right: &Value) -> bool {
    let found = compare(left, right);
    match sign {
        "==" => found.is_some_and(|found| found.is_eq()),
        "!=" => found.is_none_or(|found| found.is_ne()),
        "<" => found.is_some_and(|found| found.is_lt()),
        "<=" => found.is_some_and(|found| found.is_le()),
        ">" => found.is_some_and(|found| found.is_gt()),
        _ => found.is_some_and(|found| found.is_ge()),
    }
}
