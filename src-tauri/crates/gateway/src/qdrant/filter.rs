//! Qdrant's filters in terms of [`retrieval::Filter`]. What is asked about places and slices is refused by name.

use retrieval::{Bounds, Error, Filter, Number, Path, PointId, Scalar, Test, time};
use serde::Deserialize;
use serde_json::Value;

use super::{
    creation::{join, only},
    id::Id,
    missing, wrong,
};
use crate::{
    refusal::Refusal,
    request::field::{self, Fields},
};

const CLAUSES: &[&str] = &["must", "must_not", "should", "min_should"];

/// The filter at `place`, if there is one.
pub(super) fn filter(value: Option<&Value>, place: &str) -> Result<Option<Filter>, Refusal> {
    value.filter(|value| !value.is_null()).map(|value| read(value, place)).transpose()
}

fn read(value: &Value, place: &str) -> Result<Filter, Refusal> {
    let fields = field::object(value, place)?;
    only(fields, place, &[CLAUSES])?;
    let mut all = conditions(fields, "must", place)?;
    all.extend(conditions(fields, "must_not", place)?.into_iter().map(Filter::negated));
    let any = conditions(fields, "should", place)?;
    // Without an alternative there is nothing to choose.
    if !any.is_empty() {
        all.push(Filter::Any(any));
    }
    if let Some(least) = field::get(fields, "min_should") {
        let place = join(place, "min_should");
        let fields = field::object(least, &place)?;
        only(fields, &place, &[&["conditions", "min_count"]])?;
        let count = field::get(fields, "min_count").and_then(Value::as_u64).filter(|count| *count > 0);
        let count = count.ok_or_else(|| wrong(&join(&place, "min_count"), "must be a whole number from 1"))?;
        let parts = conditions(fields, "conditions", &place)?;
        all.push(Filter::AtLeast(usize::try_from(count).unwrap_or(usize::MAX), parts));
    }
    Ok(Filter::All(all))
}

/// A list of conditions, or one alone.
fn conditions(fields: &Fields, name: &str, place: &str) -> Result<Vec<Filter>, Refusal> {
    let place = join(place, name);
    match field::get(fields, name) {
        None => Ok(Vec::new()),
        Some(Value::Array(list)) => {
            list.iter().enumerate().map(|(at, one)| condition(one, &format!("{place}[{at}]"))).collect()
        }
        Some(one) => Ok(vec![condition(one, &place)?]),
    }
}

fn condition(value: &Value, place: &str) -> Result<Filter, Refusal> {
    let fields = field::object(value, place)?;
    let has = |name: &str| field::get(fields, name);
    if let Some(key) = has("key") {
        let key = key.as_str().ok_or_else(|| field::wrong_type(&join(place, "key"), "a text", key))?;
        return of_field(fields, path(key, &join(place, "key"))?, place);
    }
    if let Some(ids) = has("has_id") {
        only(fields, place, &[&["has_id"]])?;
        return Ok(Filter::Ids(self::ids(ids, &join(place, "has_id"))?));
    }
    for (name, test) in [("is_empty", Test::Empty), ("is_null", Test::Null)] {
        if let Some(value) = has(name) {
            only(fields, place, &[&[name]])?;
            let place = join(place, name);
            let key = field::needed(field::object(value, &place)?, "key", &place)?;
            return Ok(Filter::Field(path(key, &place)?, test));
        }
    }
    if let Some(nested) = has("nested") {
        only(fields, place, &[&["nested"]])?;
        let place = join(place, "nested");
        let nested = field::object(nested, &place)?;
        only(nested, &place, &[&["key", "filter"]])?;
        let key = field::needed(nested, "key", &place)?;
        let path = path(key.strip_suffix("[]").unwrap_or(key), &join(&place, "key"))?;
        let inner = field::get(nested, "filter").ok_or_else(|| field::missing(&join(&place, "filter")))?;
        return Ok(Filter::Nested(path, Box::new(read(inner, &join(&place, "filter"))?)));
    }
    if CLAUSES.iter().any(|name| has(name).is_some()) {
        return read(value, place);
    }
    if has("has_vector").is_some() {
        return Err(missing(&join(place, "has_vector"), "Every point has the collection's one vector. Leave it out."));
    }
    if has("slice").is_some() {
        return Err(missing(&join(place, "slice"), "Scroll through all points, page by page."));
    }
    match fields.keys().next() {
        None => Ok(Filter::All(Vec::new())),
        Some(name) => Err(wrong(&join(place, name), "is no condition: one has 'key', 'has_id', 'nested' or clauses")),
    }
}

const ASKS: &[&str] = &["match", "range", "values_count", "is_empty", "is_null"];
const GEO: &[&str] = &["geo_bounding_box", "geo_radius", "geo_polygon"];

/// What is asked of the values at a path.
fn of_field(fields: &Fields, path: Path, place: &str) -> Result<Filter, Refusal> {
    if let Some(name) = GEO.iter().find(|name| field::get(fields, name).is_some()) {
        let instead = "There are no places here. Keep latitude and longitude as numbers and use ranges of them.";
        return Err(missing(&join(place, name), instead));
    }
    only(fields, place, &[&["key"], ASKS])?;
    let mut asked = ASKS.iter().filter_map(|name| Some((*name, field::get(fields, name)?)));
    let (Some((name, value)), None) = (asked.next(), asked.next()) else {
        return Err(wrong(place, &format!("must ask exactly one of {}", ASKS.join(", "))));
    };
    let place = join(place, name);
    let whether = |test| match value.as_bool() {
        Some(true) => Ok(Filter::Field(path.clone(), test)),
        Some(false) => Ok(Filter::Field(path.clone(), test).negated()),
        None => Err(field::wrong_type(&place, "true or false", value)),
    };
    match name {
        "is_empty" => whether(Test::Empty),
        "is_null" => whether(Test::Null),
        "match" => Ok(Filter::Field(path, matching(field::object(value, &place)?, &place)?)),
        "range" => Ok(Filter::Field(path, range(field::object(value, &place)?, &place)?)),
        _ => {
            let bounds =
                bounds(field::object(value, &place)?, &place, |value| number(value).filter(|_| value.is_u64()))?;
            Ok(Filter::Field(path, Test::Count(bounds)))
        }
    }
}

fn number(value: &Value) -> Option<Number> {
    match Scalar::of(value)? {
        Scalar::Number(number) => Some(number),
        _ => None,
    }
}

fn matching(fields: &Fields, place: &str) -> Result<Test, Refusal> {
    let mut asked = fields.iter().filter(|(_, value)| !value.is_null());
    let (Some((name, value)), None) = (asked.next(), asked.next()) else {
        return Err(wrong(
            place,
            "must have exactly one of value, any, except, text, text_any, phrase, prefix, substring",
        ));
    };
    let place = join(place, name);
    let text = || value.as_str().map(str::to_owned).ok_or_else(|| field::wrong_type(&place, "a text", value));
    // A text without a word asks for nothing, and nothing passes.
    let words = |test: fn(String) -> Test| {
        let text = text()?;
        Ok(if text.chars().any(char::is_alphanumeric) { test(text) } else { Test::OneOf(Vec::new()) })
    };
    match name.as_str() {
        "value" => Ok(Test::OneOf(vec![keyword(value, &place)?])),
        "any" => Ok(Test::OneOf(keywords(value, &place)?)),
        "except" => Ok(Test::OtherThan(keywords(value, &place)?)),
        "text" => words(Test::Words),
        "text_any" => words(Test::AnyWord),
        "phrase" => words(Test::Phrase),
        "prefix" => text().map(Test::Begins),
        "substring" => text().map(Test::Contains),
        _ => Err(wrong(
            &place,
            "is no way to match: there are value, any, except, text, text_any, phrase, prefix, substring",
        )),
    }
}

fn keywords(value: &Value, place: &str) -> Result<Vec<Scalar>, Refusal> {
    let list = field::list(value, place)?.iter().enumerate();
    list.map(|(at, value)| keyword(value, &format!("{place}[{at}]"))).collect()
}

fn keyword(value: &Value, place: &str) -> Result<Scalar, Refusal> {
    match Scalar::of(value) {
        Some(Scalar::Number(Number::Float(_))) => {
            Err(wrong(place, "is a fraction, which seldom equals another: use a range"))
        }
        Some(scalar) => Ok(scalar),
        None => Err(field::wrong_type(place, "a text, a whole number or a truth value", value)),
    }
}

/// Of numbers, or of times where a limit is a text.
fn range(fields: &Fields, place: &str) -> Result<Test, Refusal> {
    if fields.values().any(Value::is_string) {
        let times = bounds(fields, place, |value| time::parse(value.as_str()?).map(Number::Integer))?;
        return Ok(Test::Times(times));
    }
    Ok(Test::Within(bounds(fields, place, number)?))
}

fn bounds(fields: &Fields, place: &str, read: impl Fn(&Value) -> Option<Number>) -> Result<Bounds, Refusal> {
    only(fields, place, &[&["gt", "gte", "lt", "lte"]])?;
    let limit = |name: &str| {
        let Some(value) = field::get(fields, name) else { return Ok(None) };
        let refuse = || wrong(&join(place, name), &format!("is not a limit that this can have: {value}"));
        read(value).map(Some).ok_or_else(refuse)
    };
    Ok(Bounds { above: limit("gt")?, at_least: limit("gte")?, below: limit("lt")?, at_most: limit("lte")? })
}

pub(super) fn path(text: &str, place: &str) -> Result<Path, Refusal> {
    Path::parse(text).map_err(|error| match error {
        Error::Request { reason } => wrong(place, &format!("is wrong: {reason}")),
        other => other.into(),
    })
}

pub(super) fn ids(value: &Value, place: &str) -> Result<Vec<PointId>, Refusal> {
    let list = field::list(value, place)?.iter().enumerate();
    list.map(|(at, value)| id(value, &format!("{place}[{at}]"))).collect()
}

pub(super) fn id(value: &Value, place: &str) -> Result<PointId, Refusal> {
    Id::deserialize(value).map(|Id(id)| id).map_err(|error| wrong(place, &format!("is wrong: {error}")))
}
