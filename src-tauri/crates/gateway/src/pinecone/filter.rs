//! Filters of metadata: `{"genre": {"$in": ["drama", "comedy"]}, "year": {"$gte": 2020}}`. Read into the collections' own
//! conditions; never looks at a vector.

use retrieval::{Bounds, Filter, Number, Path, Scalar, Test};
use serde_json::{Map, Value};

use super::refused::invalid;
use crate::refusal::Refusal;

const OPERATORS: &str = "$eq, $ne, $gt, $gte, $lt, $lte, $in, $nin, $exists, $and, $or";

/// Values of one `$in` or `$nin` at most.
const MOST_VALUES: usize = 10_000;

/// `None` for a filter that asks for nothing.
pub(super) fn read(filter: Option<&Map<String, Value>>) -> Result<Option<Filter>, Refusal> {
    filter.filter(|filter| !filter.is_empty()).map(all).transpose()
}

fn all(conditions: &Map<String, Value>) -> Result<Filter, Refusal> {
    let mut parts = Vec::with_capacity(conditions.len());
    for (key, value) in conditions {
        match key.as_str() {
            "$and" => parts.push(Filter::All(each(key, value)?)),
            "$or" => parts.push(Filter::Any(each(key, value)?)),
            _ if key.starts_with('$') => return Err(no_operator(key)),
            _ => field(key, value, &mut parts)?,
        }
    }
    Ok(match parts.len() {
        1 => parts.swap_remove(0),
        _ => Filter::All(parts),
    })
}

fn each(operator: &str, value: &Value) -> Result<Vec<Filter>, Refusal> {
    let parts = value.as_array().filter(|parts| !parts.is_empty());
    let parts = parts.ok_or_else(|| wrong(operator, operator, "a list of at least one filter", value))?;
    let one = |part: &Value| match part {
        Value::Object(conditions) if !conditions.is_empty() => all(conditions),
        other => Err(wrong(operator, operator, "a list of filters", other)),
    };
    parts.iter().map(one).collect()
}

fn field(key: &str, value: &Value, parts: &mut Vec<Filter>) -> Result<(), Refusal> {
    let Value::Object(tests) = value else {
        parts.push(equal(key, "$eq", value)?);
        return Ok(());
    };
    if tests.is_empty() {
        return Err(wrong(key, key, "a value or an operator with one", value));
    }
    for (operator, value) in tests {
        parts.push(test(key, operator, value)?);
    }
    Ok(())
}

fn test(key: &str, operator: &str, value: &Value) -> Result<Filter, Refusal> {
    let bounds = |number: Number| match operator {
        "$gt" => Bounds { above: Some(number), ..Bounds::default() },
        "$gte" => Bounds { at_least: Some(number), ..Bounds::default() },
        "$lt" => Bounds { below: Some(number), ..Bounds::default() },
        _ => Bounds { at_most: Some(number), ..Bounds::default() },
    };
    match operator {
        "$eq" => equal(key, operator, value),
        "$ne" => equal(key, operator, value).map(Filter::negated),
        "$gt" | "$gte" | "$lt" | "$lte" => match Scalar::of(value) {
            Some(Scalar::Number(number)) => Ok(on(key, Test::Within(bounds(number)))),
            _ => Err(wrong(key, operator, "a number", value)),
        },
        "$in" => among(key, operator, value),
        "$nin" => among(key, operator, value).map(Filter::negated),
        "$exists" => match value {
            Value::Bool(true) => Ok(on(key, Test::Present)),
            Value::Bool(false) => Ok(on(key, Test::Present).negated()),
            _ => Err(wrong(key, operator, "true or false", value)),
        },
        _ => Err(no_operator(operator)),
    }
}

fn equal(key: &str, operator: &str, value: &Value) -> Result<Filter, Refusal> {
    let scalar = Scalar::of(value).ok_or_else(|| wrong(key, operator, "a string, a number or a boolean", value))?;
    Ok(on(key, Test::OneOf(vec![scalar])))
}

fn among(key: &str, operator: &str, value: &Value) -> Result<Filter, Refusal> {
    let kind = "a list of strings, numbers or booleans";
    let values = value.as_array().ok_or_else(|| wrong(key, operator, kind, value))?;
    if values.len() > MOST_VALUES {
        let message = format!("{operator} of '{key}' has {} values; it can have {MOST_VALUES}.", values.len());
        return Err(invalid("invalid_filter", message));
    }
    let scalars = values.iter().map(|value| Scalar::of(value).ok_or_else(|| wrong(key, operator, kind, value)));
    Ok(on(key, Test::OneOf(scalars.collect::<Result<_, _>>()?)))
}

/// A key of metadata is taken as it stands, dots and all.
fn on(key: &str, test: Test) -> Filter {
    Filter::field(Path::key(key), test)
}

fn no_operator(operator: &str) -> Refusal {
    invalid("invalid_filter", format!("{operator} is not a valid operator of a filter. There are {OPERATORS}."))
}

fn wrong(key: &str, operator: &str, expected: &str, found: &Value) -> Refusal {
    let message = match key == operator {
        true => format!("The filter's '{key}' takes {expected}, but got {found}."),
        false => format!("The filter's {operator} of '{key}' takes {expected}, but got {found}."),
    };
    invalid("invalid_filter", message)
}
