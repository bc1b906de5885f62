//! Turns what the TOML reader says into words for a pack's author.

/// Letters of a name that may be a slip. What is longer is not compared: that takes time by the square of the length.
const LONGEST: usize = 100;

/// A reader's complaint in plain words, with what to do about it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Explained {
    pub message: String,
    pub next_step: String,
}

/// Rewrites the message of a serde error. `also` holds keys that are valid beside those the message lists. In a message
/// of our own, what to do follows the last semicolon.
pub fn explain(message: &str, also: &[&str]) -> Explained {
    let mut quoted = message.split('`').skip(1).step_by(2);
    let name = quoted.next().unwrap_or_default();
    let mut choices: Vec<&str> = quoted.collect();
    let (message, next_step) = if message.starts_with("unknown field") {
        choices.extend(also);
        (format!("`{name}` is not a key that is known here"), suggestion(name, &choices, "Remove this key."))
    } else if message.starts_with("unknown variant") {
        (format!("`{name}` is not one of the choices"), suggestion(name, &choices, "Choose another value."))
    } else if message.starts_with("missing field") {
        (format!("the key `{name}` is missing"), format!("Add `{name}`."))
    } else if let Some((found, _)) = message.strip_prefix("invalid value: ").and_then(|rest| rest.split_once(", ")) {
        (format!("{found} is out of range"), "Write a number that fits.".to_owned())
    } else if let Some((found, expected)) =
        message.strip_prefix("invalid type: ").and_then(|rest| rest.split_once(", expected "))
    {
        let expected = plain_type(expected);
        (format!("{found} stands where {expected} belongs"), format!("Write {expected}."))
    } else if let Some((message, advice)) = message.rsplit_once("; ") {
        (message.to_owned(), sentence(advice))
    } else {
        (message.to_owned(), "Correct this line.".to_owned())
    };
    Explained { message, next_step }
}

/// Where TOML cannot be read, and why in plain words.
pub fn syntax(text: &str, error: &toml::de::Error) -> (usize, String) {
    let start = error.span().map_or(text.len(), |span| span.start);
    let before = text[..text.floor_char_boundary(start)].trim_end_matches([' ', '\t']);
    let ends = text[text.floor_char_boundary(start)..].trim_start_matches([' ', '\t']).starts_with(['\n', '\r', '#']);
    if before.ends_with('=') && (ends || start >= text.len()) {
        return (start, "a value is missing after the `=`".to_owned());
    }
    (start, error.message().trim_end_matches(", expected literal string").to_owned())
}

fn sentence(text: &str) -> String {
    let mut chars = text.chars();
    chars.next().map(|first| first.to_uppercase().chain(chars).chain(['.']).collect()).unwrap_or_default()
}

/// What an author calls a type that serde names after Rust's.
fn plain_type(name: &str) -> &str {
    match name {
        "u8" | "u16" | "u32" | "u64" | "usize" | "i32" | "i64" => "a whole number",
        "f32" | "f64" => "a number",
        "a sequence" => "a list",
        "a map" => "a table",
        "a boolean" => "true or false",
        other => other.strip_prefix("struct ").map_or(other, |_| "a table"),
    }
}

fn suggestion(name: &str, choices: &[&str], without: &str) -> String {
    match nearest(name, choices.iter().copied()) {
        Some(choice) => format!("Did you mean `{choice}`?"),
        None if choices.is_empty() => without.to_owned(),
        None => {
            let list: Vec<String> = choices.iter().map(|choice| format!("`{choice}`")).collect();
            format!("Use one of {}.", list.join(", "))
        }
    }
}

/// The candidate that `name` was probably meant to be: the same but for case and separators, or at most a third of
/// its letters wrong. None for a name of more than 100 letters.
pub fn nearest<'a>(name: &str, candidates: impl IntoIterator<Item = &'a str>) -> Option<&'a str> {
    let plain = |text: &str| text.to_lowercase().replace(['-', '_', ' '], "");
    let wanted = plain(name);
    let length = wanted.chars().count();
    if length > LONGEST {
        return None;
    }
    let most = (length / 3).max(1);
    candidates
        .into_iter()
        .map(|candidate| (plain(candidate), candidate))
        .filter(|(plain, _)| plain.chars().count().abs_diff(length) <= most)
        .map(|(plain, candidate)| (strsim::osa_distance(&wanted, &plain), candidate))
        .filter(|(distance, candidate)| *distance <= most && *distance < candidate.chars().count())
        .min_by_key(|(distance, _)| *distance)
        .map(|(_, candidate)| candidate)
}
