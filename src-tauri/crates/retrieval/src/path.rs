//! Where in a payload a value lies. Two dialects write it differently: one takes a key as it stands, dots and all, the
//! other writes `a.b`, `a[].b` and `a[0]`. Never changes a payload.

use serde::{Deserialize, Serialize};
use serde_json::{Map, Value};

use crate::Error;

/// Steps of one path: what is set at its end has to be read back through all of them.
const STEPS: usize = 64;

/// Steps from the payload to a value. Where the last step meets an array, filters look at its elements.
#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub struct Path(Vec<Step>);

#[derive(Debug, Clone, PartialEq, Eq, Hash, PartialOrd, Ord, Serialize, Deserialize)]
pub enum Step {
    Key(String),
    /// Every element of an array.
    Each,
    /// One element of an array, from 0.
    At(usize),
}

impl Path {
    /// One key of the payload's top level, taken literally.
    pub fn key(key: impl Into<String>) -> Self {
        Self(vec![Step::Key(key.into())])
    }

    /// Reads `a.b`, `a[].b`, `a[0]` and `a."b.c"`, as Qdrant writes them, with 64 steps at most.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let refused = || Error::request(format!("\"{text}\" is no path into a payload; write it like a.b or a[].b"));
        let (mut steps, mut rest) = (Vec::new(), text);
        loop {
            let key;
            if let Some(quoted) = rest.strip_prefix('"') {
                (key, rest) = quoted.split_once('"').ok_or_else(refused)?;
            } else {
                let end = rest.find(['.', '[', '"', ']']).unwrap_or(rest.len());
                (key, rest) = rest.split_at(end);
                if key.is_empty() {
                    return Err(refused());
                }
            }
            steps.push(Step::Key(key.to_owned()));
            while let Some(bracket) = rest.strip_prefix('[') {
                let (index, after) = bracket.split_once(']').ok_or_else(refused)?;
                steps.push(if index.is_empty() { Step::Each } else { Step::At(index.parse().map_err(|_| refused())?) });
                rest = after;
            }
            if steps.len() > STEPS {
                return Err(Error::request(format!("a path into a payload has at most {STEPS} steps")));
            }
            if rest.is_empty() {
                return Ok(Self(steps));
            }
            rest = rest.strip_prefix('.').ok_or_else(refused)?;
        }
    }

    pub fn steps(&self) -> &[Step] {
        &self.0
    }

    /// All values that lie there: none where a step leads nowhere.
    pub fn values<'a>(&self, payload: &'a Map<String, Value>) -> Vec<&'a Value> {
        let Some((Step::Key(first), rest)) = self.0.split_first() else { return Vec::new() };
        let start: Vec<&Value> = payload.get(first).into_iter().collect();
        rest.iter().fold(start, |values, step| match step {
            Step::Key(key) => values.into_iter().filter_map(|value| value.get(key)).collect(),
            Step::At(index) => values.into_iter().filter_map(|value| value.get(index)).collect(),
            Step::Each => values.into_iter().filter_map(Value::as_array).flatten().collect(),
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    #[test]
    fn paths_lead_where_they_say() {
        let payload = json!({
            "a": { "b": 1, "c.d": 2 }, "list": [{ "n": 1 }, { "n": [2, 3] }, {}], "a.b": 4, "deep": [[1, 2], [3]],
        });
        for (path, expected) in [
            ("a.b", json!([1])),
            ("a.\"c.d\"", json!([2])),
            ("\"a.b\"", json!([4])),
            ("list[].n", json!([1, [2, 3]])),
            ("list[1].n", json!([[2, 3]])),
            ("list[1].n[]", json!([2, 3])),
            ("list.n", json!([])),
            ("deep[][]", json!([1, 2, 3])),
            ("a.b.c", json!([])),
            ("none", json!([])),
        ] {
            let values: Vec<_> =
                Path::parse(path).unwrap().values(payload.as_object().unwrap()).into_iter().cloned().collect();
            assert_eq!(Value::Array(values), expected, "{path}");
        }
        assert_eq!(Path::key("a.b").values(payload.as_object().unwrap()), [&json!(4)]);
        for broken in ["", ".", "a.", ".a", "a[", "a[x]", "a]b", "a[0]b", "\"a", "a..b", "[0]"] {
            assert!(Path::parse(broken).is_err(), "{broken}");
        }
        for (steps, is_read) in [(STEPS, true), (STEPS + 1, false)] {
            for path in [vec!["a"; steps].join("."), format!("a{}", "[]".repeat(steps - 1))] {
                assert_eq!(Path::parse(&path).is_ok(), is_read, "{path}");
            }
        }
    }
}
