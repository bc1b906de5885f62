//! Plain text as Markdown that shows just that text.

/// Makes `text` one line that reads the same wherever a paragraph, a heading or a table cell may stand: no emphasis,
/// link, code, formula, HTML, table column or list comes of it. Leaves alone what needs no escape (`a_b`, `1.5`), so
/// that the source stays readable.
pub(super) fn escape(text: &str) -> String {
    let line = text.split(|c: char| c.is_whitespace() || c.is_control()).filter(|word| !word.is_empty());
    let line: Vec<char> = line.collect::<Vec<_>>().join(" ").chars().collect();
    let mut escaped = String::with_capacity(line.len());
    for (place, &c) in line.iter().enumerate() {
        let (before, after) = (place.checked_sub(1).map(|place| line[place]), line.get(place + 1).copied());
        let joined = after.is_some_and(char::is_alphanumeric);
        match c {
            '&' => escaped.push_str("&amp;"),
            '<' => escaped.push_str("&lt;"),
            '>' => escaped.push_str("&gt;"),
            _ => {
                let special = match c {
                    '\\' | '`' | '*' | '[' | ']' | '|' | '~' | '$' => true,
                    '_' => !(joined && before.is_some_and(char::is_alphanumeric)),
                    '#' => before.is_none_or(|before| before == ' '),
                    '-' | '+' => before.is_none() && !joined,
                    '.' | ')' => !joined && place > 0 && line[..place].iter().all(char::is_ascii_digit),
                    _ => false,
                };
                if special {
                    escaped.push('\\');
                }
                escaped.push(c);
            }
        }
    }
    escaped
}
