//! `${VARIABLES}` in a compose file's values, by the Compose Specification's rules, but that a variable without a value and
//! without a default is an error: an empty password is worse than none.

use std::collections::BTreeMap;

use serde_norway::Value;

use super::bad::Bad;

pub type Variables = BTreeMap<String, String>;

/// Replaces them in every text of the tree; keys stay as they are.
pub fn tree(tree: &mut Value, variables: &Variables) -> Result<(), Bad> {
    walk(tree, "", variables)
}

fn walk(value: &mut Value, place: &str, variables: &Variables) -> Result<(), Bad> {
    match value {
        Value::String(string) if string.contains('$') => {
            *string = text(string, variables).map_err(|detail| {
                Bad::new(
                    place,
                    detail,
                    "Write it into a file `.env` beside the compose file, or give a default: ${NAME:-value}.",
                )
            })?;
        }
        Value::Sequence(items) => {
            for (number, item) in items.iter_mut().enumerate() {
                walk(item, &format!("{place}[{number}]"), variables)?;
            }
        }
        Value::Mapping(mapping) => {
            for (key, item) in mapping {
                let key = key.as_str().unwrap_or("?");
                let place = if place.is_empty() { key.to_owned() } else { format!("{place}.{key}") };
                walk(item, &place, variables)?;
            }
        }
        Value::Tagged(tagged) => walk(&mut tagged.value, place, variables)?,
        _ => {}
    }
    Ok(())
}

/// One text with its variables replaced; `$$` is a dollar.
pub fn text(text: &str, variables: &Variables) -> Result<String, String> {
    let (mut out, mut rest) = (String::with_capacity(text.len()), text);
    while let Some(at) = rest.find('$') {
        out.push_str(&rest[..at]);
        rest = &rest[at + 1..];
        if let Some(after) = rest.strip_prefix('$') {
            out.push('$');
            rest = after;
        } else if let Some(inner) = rest.strip_prefix('{') {
            let end = closing(inner).ok_or_else(|| format!("{text:?} has a ${{ without its }}"))?;
            out.push_str(&braced(&inner[..end], variables)?);
            rest = &inner[end + 1..];
        } else {
            let name = &rest[..name_length(rest)];
            if name.is_empty() {
                return Err(format!("{text:?} has a $ that names nothing; a dollar is written $$"));
            }
            out.push_str(value(name, variables)?);
            rest = &rest[name.len()..];
        }
    }
    out.push_str(rest);
    Ok(out)
}

/// Where the brace of a variable closes; a default may hold variables of its own.
fn closing(inner: &str) -> Option<usize> {
    let (mut depth, bytes) = (0, inner.as_bytes());
    for (at, &byte) in bytes.iter().enumerate() {
        match byte {
            b'{' if at > 0 && bytes[at - 1] == b'$' => depth += 1,
            b'}' if depth == 0 => return Some(at),
            b'}' => depth -= 1,
            _ => {}
        }
    }
    None
}

fn braced(inner: &str, variables: &Variables) -> Result<String, String> {
    let (name, rest) = inner.split_at(name_length(inner));
    if name.is_empty() {
        return Err(format!("${{{inner}}} names nothing"));
    }
    let found = variables.get(name).map(String::as_str);
    let filled = found.filter(|value| !value.is_empty());
    let known = |value: Option<&str>| value.map(|value| Ok(value.to_owned()));
    let replace = |value: Option<&str>, other: &str| match value {
        Some(_) => text(other, variables),
        None => Ok(String::new()),
    };
    let demand = |value: Option<&str>, said: &str| match value {
        Some(value) => Ok(value.to_owned()),
        None if said.is_empty() => Err(format!("{name} has no value")),
        None => Err(format!("{name} has no value: {said}")),
    };
    if rest.is_empty() {
        value(name, variables).map(str::to_owned)
    } else if let Some(other) = rest.strip_prefix(":-") {
        known(filled).unwrap_or_else(|| text(other, variables))
    } else if let Some(other) = rest.strip_prefix('-') {
        known(found).unwrap_or_else(|| text(other, variables))
    } else if let Some(said) = rest.strip_prefix(":?") {
        demand(filled, said)
    } else if let Some(said) = rest.strip_prefix('?') {
        demand(found, said)
    } else if let Some(other) = rest.strip_prefix(":+") {
        replace(filled, other)
    } else if let Some(other) = rest.strip_prefix('+') {
        replace(found, other)
    } else {
        Err(format!("${{{inner}}} is no form of a variable"))
    }
}

fn value<'a>(name: &str, variables: &'a Variables) -> Result<&'a str, String> {
    variables.get(name).map(String::as_str).ok_or_else(|| format!("{name} has no value"))
}

fn name_length(text: &str) -> usize {
    let fits = |(at, letter): (usize, char)| {
        letter == '_' || letter.is_ascii_alphabetic() || (at > 0 && letter.is_ascii_digit())
    };
    text.char_indices().take_while(|&one| fits(one)).count()
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> Variables {
        [("PORT", "8000"), ("EMPTY", ""), ("A_1", "x")].map(|(name, value)| (name.into(), value.into())).into()
    }

    #[test]
    fn variables_are_replaced_as_the_specification_says() {
        for (given, expected) in [
            ("$PORT:80", "8000:80"),
            ("${PORT}0", "80000"),
            ("$$PORT $$", "$PORT $"),
            ("${A_1}-$A_1", "x-x"),
            ("${NONE:-a}${EMPTY:-b}${EMPTY-c}", "ab"),
            ("${NONE:-${PORT:-1}}", "8000"),
            ("${PORT:+set}${NONE:+set}${EMPTY+there}", "setthere"),
            ("${PORT:?must}", "8000"),
            ("${NONE:-a}b}", "ab}"),
            ("größe ${PORT}", "größe 8000"),
        ] {
            assert_eq!(text(given, &known()).as_deref(), Ok(expected), "{given}");
        }
    }

    #[test]
    fn a_variable_without_a_value_is_an_error_that_names_it() {
        for (given, expected) in [
            ("$NONE", "NONE has no value"),
            ("${NONE:?the database's password}", "NONE has no value: the database's password"),
            ("${EMPTY:?}", "EMPTY has no value"),
            ("${PORT", "\"${PORT\" has a ${ without its }"),
            ("5 $", "\"5 $\" has a $ that names nothing; a dollar is written $$"),
            ("${PORT/8/9}", "${PORT/8/9} is no form of a variable"),
        ] {
            assert_eq!(text(given, &known()), Err(expected.into()), "{given}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it_and_a_doubled_dollar_gives_the_text_back(given in any::<String>()) {
            let _ = text(&given, &known());
            prop_assert_eq!(text(&given.replace('$', "$$"), &known()), Ok(given));
        }
    }
}
