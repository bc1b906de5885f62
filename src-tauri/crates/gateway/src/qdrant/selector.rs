//! Which parts of a payload are told.

use retrieval::{Path, Payload, Step};
use serde_json::{Map, Value};

use super::{creation::only, wrong};
use crate::{refusal::Refusal, request::field};

#[derive(Debug, Clone)]
pub(super) enum Selector {
    None,
    All,
    Include(Vec<Path>),
    Exclude(Vec<Path>),
}

impl Selector {
    /// `true`, `false`, a list of paths, `{"include": paths}` or `{"exclude": paths}`.
    pub fn read(value: Option<&Value>, default: Self) -> Result<Self, Refusal> {
        const PLACE: &str = "with_payload";
        match value {
            None => Ok(default),
            Some(Value::Bool(true)) => Ok(Self::All),
            Some(Value::Bool(false)) => Ok(Self::None),
            Some(list @ Value::Array(_)) => paths(list, PLACE).map(Self::Include),
            Some(Value::Object(fields)) => {
                only(fields, PLACE, &[&["include", "exclude"]])?;
                match (field::get(fields, "include"), field::get(fields, "exclude")) {
                    (Some(list), None) => paths(list, "with_payload.include").map(Self::Include),
                    (None, Some(list)) => paths(list, "with_payload.exclude").map(Self::Exclude),
                    _ => Err(wrong(PLACE, "must have either 'include' or 'exclude'")),
                }
            }
            Some(_) => {
                Err(wrong(PLACE, "must be true, false, a list of paths, or an object with 'include' or 'exclude'"))
            }
        }
    }

    pub fn needs_payload(&self) -> bool {
        !matches!(self, Self::None)
    }

    pub fn select(&self, payload: Payload) -> Option<Payload> {
        match self {
            Self::None => None,
            Self::All => Some(payload),
            Self::Include(paths) => Some(included(payload, &steps(paths))),
            Self::Exclude(paths) => Some(excluded(payload, &steps(paths))),
        }
    }
}

fn steps(paths: &[Path]) -> Vec<&[Step]> {
    paths.iter().map(Path::steps).collect()
}

fn paths(list: &Value, place: &str) -> Result<Vec<Path>, Refusal> {
    let texts = field::list(list, place)?.iter().enumerate();
    texts
        .map(|(at, text)| {
            let place = format!("{place}[{at}]");
            let text = text.as_str().ok_or_else(|| field::wrong_type(&place, "a text", text))?;
            Path::parse(text).map_err(|_| wrong(&place, &format!("is no path: {text:?}")))
        })
        .collect()
}

/// What is left of the paths behind a key; None where no path leads there.
fn behind<'a>(paths: &[&'a [Step]], leads: impl Fn(&Step) -> bool) -> Option<Vec<&'a [Step]>> {
    let rest: Vec<_> = paths
        .iter()
        .filter_map(|path| path.split_first().filter(|(first, _)| leads(first)).map(|(_, rest)| rest))
        .collect();
    (!rest.is_empty()).then_some(rest)
}

/// Whether a path ends here, and so means all that is below.
fn whole(paths: &[&[Step]]) -> bool {
    paths.iter().any(|path| path.is_empty())
}

fn included(object: Map<String, Value>, paths: &[&[Step]]) -> Map<String, Value> {
    let keep = |(key, value): (String, Value)| {
        let rest = behind(paths, |step| matches!(step, Step::Key(name) if *name == key))?;
        Some((key, if whole(&rest) { value } else { included_of(value, &rest) }))
    };
    object.into_iter().filter_map(keep).collect()
}

fn included_of(value: Value, paths: &[&[Step]]) -> Value {
    match value {
        Value::Object(object) => included(object, paths).into(),
        Value::Array(list) => match behind(paths, |step| *step == Step::Each) {
            // One element cannot be chosen by its number, which would give it another.
            None => Value::Array(Vec::new()),
            Some(rest) if whole(&rest) => list.into(),
            Some(rest) => list.into_iter().map(|value| included_of(value, &rest)).collect(),
        },
        other => other,
    }
}

fn excluded(object: Map<String, Value>, paths: &[&[Step]]) -> Map<String, Value> {
    let keep =
        |(key, value): (String, Value)| match behind(paths, |step| matches!(step, Step::Key(name) if *name == key)) {
            None => Some((key, value)),
            Some(rest) if whole(&rest) => None,
            Some(rest) => Some((key, excluded_of(value, &rest))),
        };
    object.into_iter().filter_map(keep).collect()
}

fn excluded_of(value: Value, paths: &[&[Step]]) -> Value {
    match value {
        Value::Object(object) => excluded(object, paths).into(),
        Value::Array(list) => match behind(paths, |step| *step == Step::Each) {
            None => list.into(),
            Some(rest) if whole(&rest) => Value::Array(Vec::new()),
            Some(rest) => list.into_iter().map(|value| excluded_of(value, &rest)).collect(),
        },
        other => other,
    }
}
