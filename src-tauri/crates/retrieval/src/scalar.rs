//! The values that filters compare: truth values, numbers and texts, in one order. Numbers compare by what they are
//! worth, so 5 and 5.0 are one value and no integer loses a digit. Never holds an array or an object.

use std::cmp::Ordering;

use serde::{Deserialize, Serialize};
use serde_json::Value;

/// A value of a payload that a filter can name.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Scalar {
    Bool(bool),
    Number(Number),
    Text(Box<str>),
}

/// A number of JSON.
#[derive(Debug, Clone, Copy, Serialize, Deserialize)]
#[serde(untagged)]
pub enum Number {
    Integer(i64),
    /// Never NaN: JSON has none.
    Float(f64),
}

impl Scalar {
    /// None for null, arrays and objects.
    pub fn of(value: &Value) -> Option<Self> {
        match value {
            Value::Bool(value) => Some(Self::Bool(*value)),
            Value::Number(number) => {
                number.as_i64().map(Number::Integer).or(number.as_f64().map(Number::Float)).map(Self::Number)
            }
            Value::String(text) => Some(Self::Text(text.as_str().into())),
            Value::Null | Value::Array(_) | Value::Object(_) => None,
        }
    }
}

impl From<&str> for Scalar {
    fn from(text: &str) -> Self {
        Self::Text(text.into())
    }
}

impl From<i64> for Scalar {
    fn from(number: i64) -> Self {
        Self::Number(Number::Integer(number))
    }
}

impl From<f64> for Scalar {
    fn from(number: f64) -> Self {
        Self::Number(Number::Float(number))
    }
}

impl From<bool> for Scalar {
    fn from(value: bool) -> Self {
        Self::Bool(value)
    }
}

impl Ord for Number {
    fn cmp(&self, other: &Self) -> Ordering {
        match (*self, *other) {
            (Self::Integer(one), Self::Integer(other)) => one.cmp(&other),
            // Adding zero makes -0.0 and 0.0 one value.
            (Self::Float(one), Self::Float(other)) => (one + 0.0).total_cmp(&(other + 0.0)),
            (Self::Integer(one), Self::Float(other)) => compare(one, other),
            (Self::Float(one), Self::Integer(other)) => compare(other, one).reverse(),
        }
    }
}

/// Exact: `f64` holds no integer above 2^53 in full, so the integer is never turned into one.
fn compare(integer: i64, float: f64) -> Ordering {
    if float >= 2f64.powi(63) {
        return Ordering::Less;
    }
    if float < -(2f64.powi(63)) {
        return Ordering::Greater;
    }
    integer.cmp(&(float.floor() as i64)).then(if float.fract() == 0.0 { Ordering::Equal } else { Ordering::Less })
}

impl PartialOrd for Number {
    fn partial_cmp(&self, other: &Self) -> Option<Ordering> {
        Some(self.cmp(other))
    }
}

impl PartialEq for Number {
    fn eq(&self, other: &Self) -> bool {
        self.cmp(other) == Ordering::Equal
    }
}

impl Eq for Number {}

#[cfg(test)]
mod tests {
    use std::cmp::Ordering::{Equal, Greater, Less};

    use super::*;

    #[test]
    fn numbers_compare_by_what_they_are_worth() {
        let (integer, float) = (Number::Integer, Number::Float);
        for (one, other, expected) in [
            (integer(5), float(5.0), Equal),
            (float(-0.0), float(0.0), Equal),
            (float(-0.0), integer(0), Equal),
            (integer(-3), float(-2.5), Less),
            (integer(-2), float(-2.5), Greater),
            (integer(2), float(2.5), Less),
            (integer(i64::MAX), float(9.3e18), Less),
            (integer(i64::MAX), float(2f64.powi(63)), Less),
            (integer(i64::MIN), float(-(2f64.powi(63))), Equal),
            (integer(9_007_199_254_740_993), float(9_007_199_254_740_992.0), Greater),
        ] {
            assert_eq!(one.cmp(&other), expected, "{one:?} and {other:?}");
            assert_eq!(other.cmp(&one), expected.reverse(), "{other:?} and {one:?}");
        }
    }
}
