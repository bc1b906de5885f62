//! `.env` and the files that `env_file` names: `NAME=VALUE` lines by the rules that Compose documents, but that a value
//! ends with its line. Opens no file.

use super::bad::Bad;
use super::interpolate::{self, Variables};

/// The pairs of a file's text. Values hold variables that are known, or else stand in a line above.
pub fn pairs(text: &str, file: &str, known: &Variables) -> Result<Variables, Bad> {
    let (mut pairs, mut all) = (Variables::new(), known.clone());
    for (number, line) in text.trim_start_matches('\u{feff}').lines().enumerate() {
        let line = line.trim();
        let line = line.strip_prefix("export ").unwrap_or(line);
        if line.is_empty() || line.starts_with('#') {
            continue;
        }
        let place = format!("{file} line {}", number + 1);
        let Some((name, value)) = line.split_once('=').filter(|(name, _)| !name.trim().is_empty()) else {
            return Err(Bad::new(place, format!("{line:?} is not NAME=VALUE"), "Write it as NAME=VALUE."));
        };
        let name = name.trim().to_owned();
        let value = meant(value, &all).map_err(|(detail, next)| Bad::new(place, detail, next))?;
        if !known.contains_key(&name) {
            all.insert(name.clone(), value.clone());
        }
        pairs.insert(name, value);
    }
    Ok(pairs)
}

/// What stands behind a `=`; else what is wrong with it, and what to do.
fn meant(text: &str, known: &Variables) -> Result<String, (String, &'static str)> {
    let replaced = |text: &str| {
        interpolate::text(text, known).map_err(|detail| {
            (detail, "Give a default, ${NAME:-value}; or put single quotes around it, which leave it as it is.")
        })
    };
    let trimmed = text.trim();
    let Some(quote) = trimmed.chars().next().filter(|first| ['"', '\''].contains(first)) else {
        // A comment behind a value stands off from it.
        return replaced(text.split(" #").next().unwrap_or_default().trim());
    };
    let inner = &trimmed[1..];
    let end = closing(inner, quote);
    let end = end.ok_or_else(|| (format!("the {quote} of the value has no end"), "End it on the same line."))?;
    let behind = inner[end + 1..].trim_start();
    if !behind.is_empty() && !behind.starts_with('#') {
        let next = "Put quotes around all of it, with a backslash before those inside; or begin a comment with #.";
        return Err((format!("the value goes on behind its closing {quote}"), next));
    }
    match quote {
        '"' => replaced(&unescaped(&inner[..end])),
        _ => Ok(inner[..end].replace("\\'", "'")),
    }
}

/// Where a quote closes; one behind a backslash does not.
fn closing(inner: &str, quote: char) -> Option<usize> {
    let mut escaped = false;
    inner.char_indices().find_map(|(at, letter)| {
        let closes = letter == quote && !escaped;
        escaped = letter == '\\' && !escaped;
        closes.then_some(at)
    })
}

fn unescaped(text: &str) -> String {
    let (mut out, mut letters) = (String::with_capacity(text.len()), text.chars());
    while let Some(letter) = letters.next() {
        match (letter, letters.clone().next().filter(|_| letter == '\\')) {
            ('\\', Some('n')) => out.push('\n'),
            ('\\', Some('r')) => out.push('\r'),
            ('\\', Some('t')) => out.push('\t'),
            ('\\', Some(same @ ('\\' | '"'))) => out.push(same),
            // What reads it next takes two for one.
            ('\\', Some('$')) => out.push_str("$$"),
            _ => {
                out.push(letter);
                continue;
            }
        }
        letters.next();
    }
    out
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    fn known() -> Variables {
        [("HOST", "db"), ("PORT", "1")].map(|(name, value)| (name.into(), value.into())).into()
    }

    #[test]
    fn a_value_is_read_as_compose_documents_it() {
        for (value, expected) in [
            (r#""secret" # dev"#, "secret"),
            (r#""a # b""#, "a # b"),
            ("'a # b'# c", "a # b"),
            ("a # b", "a"),
            ("a# b", "a# b"),
            (" # b", ""),
            ("", ""),
            (r#""""#, ""),
            (r#"a "b""#, r#"a "b""#),
            ("${HOST}:$PORT", "db:1"),
            (r#""${HOST}:${NONE:-2} $$""#, "db:2 $"),
            ("'${HOST} $$' # as it is", "${HOST} $$"),
            (r#""{\"a\": \"b\\\"}\n\$HOST \x""#, "{\"a\": \"b\\\"}\n$HOST \\x"),
            (r"'Let\'s go\n'", r"Let's go\n"),
        ] {
            let pairs = pairs(&format!("export A = {value}\n"), "vars", &known());
            assert_eq!(pairs.unwrap()["A"], expected, "{value}");
        }
    }

    #[test]
    fn a_line_sees_those_above_it_and_what_is_known_already_wins() {
        let pairs = pairs("A=1\nB=$A\nA=2\nHOST=own\nC='$A'\nD=$A$HOST\n", "vars", &known()).unwrap();
        let pairs: Vec<(&str, &str)> = pairs.iter().map(|(name, value)| (name.as_str(), value.as_str())).collect();
        assert_eq!(pairs, [("A", "2"), ("B", "1"), ("C", "$A"), ("D", "2db"), ("HOST", "own")]);
    }

    #[test]
    fn what_cannot_be_read_is_named_by_its_line() {
        for (line, said) in [
            ("A=\"b", "has no end"),
            ("A='b\\'", "has no end"),
            ("A='b' c", "goes on behind"),
            ("A=$NONE", "NONE has no value"),
            ("A", "is not NAME=VALUE"),
            ("=b", "is not NAME=VALUE"),
        ] {
            let bad = pairs(&format!("# one\n{line}\n"), "vars", &known()).unwrap_err();
            assert!(bad.place == "vars line 2" && bad.detail.contains(said) && !bad.next.is_empty(), "{line}: {bad:?}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_it(text in any::<String>(), value in "[\"'\\\\$#{} a-c=]{0,12}") {
            let _ = pairs(&text, "vars", &known());
            let _ = pairs(&format!("A={value}"), "vars", &known());
        }
    }
}
