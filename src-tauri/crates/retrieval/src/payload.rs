//! A point's payload and the ways to change it in part. Never decides which points.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::{Error, Path, Step};

/// A JSON object; its keys keep their order.
pub type Payload = Map<String, Value>;

/// How deep objects and lists of a payload lie in each other. The reader of JSON gives up at 128, and a payload may
/// wait inside a change.
const DEPTH: usize = 100;

/// Fails where a payload could not be read back.
pub(crate) fn check(payload: &Payload) -> Result<(), Error> {
    shallow(depth(payload))
}

fn shallow(depth: usize) -> Result<(), Error> {
    if depth <= DEPTH {
        return Ok(());
    }
    Err(Error::request(format!("objects and lists of a payload lie at most {DEPTH} deep in each other, not {depth}")))
}

/// Level by level, since what is too deep for a call within a call is what is looked for.
fn depth(payload: &Payload) -> usize {
    fn holds(value: &&Value) -> bool {
        value.is_array() || value.is_object()
    }
    let mut level: Vec<&Value> = payload.values().filter(holds).collect();
    let mut depth = 1;
    while !level.is_empty() {
        let mut next = Vec::new();
        for value in level {
            match value {
                Value::Array(list) => next.extend(list.iter().filter(holds)),
                Value::Object(object) => next.extend(object.values().filter(holds)),
                _ => {}
            }
        }
        (level, depth) = (next, depth + 1);
    }
    depth
}

/// A change of a payload in place.
#[derive(Debug, Clone, PartialEq, Serialize, Deserialize)]
pub enum PayloadChange {
    /// Sets these keys and leaves the others.
    Set(Payload),
    /// Sets these keys in the object at a path, which is made where it is not there.
    SetAt(Path, Payload),
    /// The payload is these keys and no others.
    Replace(Payload),
    /// Takes away what lies at these paths.
    Remove(Vec<Path>),
    Clear,
}

impl PayloadChange {
    /// Fails where a payload that it was applied to could not be read back.
    pub(crate) fn check(&self) -> Result<(), Error> {
        match self {
            Self::Set(values) | Self::Replace(values) => check(values),
            Self::SetAt(path, values) => shallow(path.steps().len() + depth(values)),
            Self::Remove(_) | Self::Clear => Ok(()),
        }
    }

    pub(crate) fn apply(&self, payload: &mut Payload) {
        match self {
            Self::Set(values) => payload.extend(values.clone()),
            Self::SetAt(path, values) => {
                let mut whole = Value::Object(std::mem::take(payload));
                set(&mut whole, path.steps(), values);
                if let Value::Object(whole) = whole {
                    *payload = whole;
                }
            }
            Self::Replace(values) => payload.clone_from(values),
            Self::Remove(paths) => {
                let mut whole = Value::Object(std::mem::take(payload));
                paths.iter().for_each(|path| remove(&mut whole, path.steps()));
                if let Value::Object(whole) = whole {
                    *payload = whole;
                }
            }
            Self::Clear => payload.clear(),
        }
    }
}

fn set(at: &mut Value, steps: &[Step], values: &Payload) {
    match steps {
        [] => match at {
            Value::Object(object) => object.extend(values.clone()),
            other => *other = Value::Object(values.clone()),
        },
        [Step::Key(key), rest @ ..] => {
            if !at.is_object() {
                *at = Value::Object(Map::new());
            }
            if let Value::Object(object) = at {
                set(object.entry(key.clone()).or_insert(Value::Null), rest, values);
            }
        }
        [Step::Each, rest @ ..] => at.as_array_mut().into_iter().flatten().for_each(|value| set(value, rest, values)),
        [Step::At(index), rest @ ..] => at.get_mut(*index).into_iter().for_each(|value| set(value, rest, values)),
    }
}

fn remove(at: &mut Value, steps: &[Step]) {
    match (steps, at) {
        // The other keys keep their places.
        ([Step::Key(key)], Value::Object(object)) => drop(object.shift_remove(key)),
        ([Step::Each], Value::Array(list)) => list.clear(),
        ([Step::At(index)], Value::Array(list)) if *index < list.len() => drop(list.remove(*index)),
        ([Step::Key(key), rest @ ..], Value::Object(object)) => {
            object.get_mut(key).into_iter().for_each(|value| remove(value, rest));
        }
        ([Step::Each, rest @ ..], Value::Array(list)) => list.iter_mut().for_each(|value| remove(value, rest)),
        ([Step::At(index), rest @ ..], Value::Array(list)) => {
            list.get_mut(*index).into_iter().for_each(|value| remove(value, rest));
        }
        _ => {}
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn a_change_touches_what_it_names_and_nothing_else() {
        let object = |value: Value| value.as_object().unwrap().clone();
        let path = |text| Path::parse(text).unwrap();
        let before = json!({ "a": 1, "b": { "c": 2, "d": 3 }, "l": [{ "n": 1 }, { "n": 2 }] });
        for (change, after) in [
            (
                PayloadChange::Set(object(json!({ "a": 9, "z": null }))),
                json!({ "a": 9, "b": { "c": 2, "d": 3 }, "l": [{ "n": 1 }, { "n": 2 }], "z": null }),
            ),
            (
                PayloadChange::SetAt(path("b"), object(json!({ "c": 9 }))),
                json!({ "a": 1, "b": { "c": 9, "d": 3 }, "l": [{ "n": 1 }, { "n": 2 }] }),
            ),
            (
                PayloadChange::SetAt(path("x.y"), object(json!({ "c": 9 }))),
                json!({ "a": 1, "b": { "c": 2, "d": 3 }, "l": [{ "n": 1 }, { "n": 2 }], "x": { "y": { "c": 9 } } }),
            ),
            (
                PayloadChange::SetAt(path("l[]"), object(json!({ "n": 9 }))),
                json!({ "a": 1, "b": { "c": 2, "d": 3 }, "l": [{ "n": 9 }, { "n": 9 }] }),
            ),
            (PayloadChange::Replace(object(json!({ "q": 1 }))), json!({ "q": 1 })),
            (
                PayloadChange::Remove(vec![path("a"), path("b.c"), path("l[].n"), path("none.x")]),
                json!({ "b": { "d": 3 }, "l": [{}, {}] }),
            ),
            (PayloadChange::Clear, json!({})),
        ] {
            let mut payload = object(before.clone());
            change.apply(&mut payload);
            assert_eq!(Value::Object(payload), after, "{change:?}");
        }
    }
}
