//! The combinations of a matrix: every value with every other, less what is excluded, with what is included.

use serde_json::{Map, Value};

/// Jobs of one matrix; GitHub's own limit.
const MOST: usize = 256;

type Combination = Map<String, Value>;

/// Every combination, in the order in which GitHub starts them. The error is the end of a sentence.
pub fn combinations(matrix: &Map<String, Value>) -> Result<Vec<Combination>, String> {
    let mut all: Vec<Combination> = vec![Map::new()];
    let axes = matrix.iter().filter(|(key, _)| !matches!(key.as_str(), "include" | "exclude"));
    let mut has_axes = false;
    for (key, values) in axes {
        has_axes = true;
        let values = values.as_array().ok_or_else(|| format!("`{key}` is no list"))?;
        if all.len() * values.len() > MOST {
            return Err(format!("it makes more than {MOST} jobs"));
        }
        let with = |one: &Combination, value: &Value| {
            let mut one = one.clone();
            one.insert(key.clone(), value.clone());
            one
        };
        all = all.iter().flat_map(|one| values.iter().map(|value| with(one, value)).collect::<Vec<_>>()).collect();
    }
    let excluded = entries(matrix, "exclude")?;
    all.retain(|one| !excluded.iter().any(|entry| entry.iter().all(|(key, value)| one.get(key) == Some(value))));
    if !has_axes {
        all.clear();
    }
    include(&mut all, matrix, &entries(matrix, "include")?);
    match all.len() {
        0 => Err("it makes no job at all".to_owned()),
        count if count > MOST => Err(format!("it makes more than {MOST} jobs")),
        _ => Ok(all),
    }
}

/// An included entry joins each combination whose own values it leaves as they are; else it is one more combination.
fn include(all: &mut Vec<Combination>, matrix: &Map<String, Value>, entries: &[Combination]) {
    let originals = all.len();
    for entry in entries {
        let mut joined = false;
        for one in &mut all[..originals] {
            let own = |key: &String| matrix.contains_key(key);
            if entry.iter().filter(|(key, _)| own(key)).all(|(key, value)| one.get(key) == Some(value)) {
                one.extend(entry.clone());
                joined = true;
            }
        }
        if !joined {
            all.push(entry.clone());
        }
    }
}

fn entries(matrix: &Map<String, Value>, key: &str) -> Result<Vec<Combination>, String> {
    let listed = match matrix.get(key) {
        None => return Ok(Vec::new()),
        Some(value) => value.as_array().ok_or_else(|| format!("`{key}` is no list"))?,
    };
    let each = listed.iter().map(|entry| entry.as_object().cloned());
    each.collect::<Option<_>>().ok_or_else(|| format!("an entry of `{key}` is no mapping of keys"))
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;

    fn made(matrix: Value) -> Result<Vec<String>, String> {
        let all = combinations(matrix.as_object().unwrap())?;
        Ok(all.iter().map(|one| Value::Object(one.clone()).to_string()).collect())
    }

    #[test]
    fn every_value_meets_every_other() {
        let matrix = json!({ "os": ["a", "b"], "n": [1, 2], "exclude": [{ "os": "a", "n": 2 }] });
        assert_eq!(
            made(matrix),
            Ok(vec![r#"{"os":"a","n":1}"#.into(), r#"{"os":"b","n":1}"#.into(), r#"{"os":"b","n":2}"#.into()])
        );
        assert_eq!(made(json!({ "n": "1" })), Err("`n` is no list".to_owned()));
        assert_eq!(made(json!({ "n": [1], "exclude": [{ "n": 1 }] })), Err("it makes no job at all".to_owned()));
        let many: Vec<u32> = (0..20).collect();
        assert_eq!(made(json!({ "a": many, "b": many })), Err("it makes more than 256 jobs".to_owned()));
    }

    /// The example of GitHub's page "Running variations of jobs in a workflow".
    #[test]
    fn what_is_included_joins_or_stands_alone() {
        let matrix = json!({
            "fruit": ["apple", "pear"],
            "animal": ["cat", "dog"],
            "include": [
                { "color": "green" },
                { "color": "pink", "animal": "cat" },
                { "fruit": "apple", "shape": "circle" },
                { "fruit": "banana" },
                { "fruit": "banana", "animal": "cat" },
            ],
        });
        let expected = [
            r#"{"fruit":"apple","animal":"cat","color":"pink","shape":"circle"}"#,
            r#"{"fruit":"apple","animal":"dog","color":"green","shape":"circle"}"#,
            r#"{"fruit":"pear","animal":"cat","color":"pink"}"#,
            r#"{"fruit":"pear","animal":"dog","color":"green"}"#,
            r#"{"fruit":"banana"}"#,
            r#"{"fruit":"banana","animal":"cat"}"#,
        ];
        assert_eq!(made(matrix), Ok(expected.map(str::to_owned).to_vec()));
        assert_eq!(
            made(json!({ "include": [{ "a": 1 }, { "a": 2 }] })),
            Ok(vec![r#"{"a":1}"#.into(), r#"{"a":2}"#.into()])
        );
    }
}
