//! Cuts long text to what fits on a screen.

/// The most bytes of found text that an outcome shows.
const CAP: usize = 2048;

/// The beginning of `text`.
pub fn head(text: &str) -> String {
    if text.len() <= CAP {
        return text.to_owned();
    }
    let end = text.floor_char_boundary(CAP);
    format!("{}\n… ({} more bytes)", &text[..end], text.len() - end)
}

/// The end of `text`, where programs tell why they stopped.
pub fn tail(text: &str) -> String {
    // What is put before it must not make it longer than `head` lets pass.
    const KEPT: usize = CAP - 100;
    if text.len() <= KEPT {
        return text.to_owned();
    }
    let start = text.ceil_char_boundary(text.len() - KEPT);
    format!("({start} bytes before) …\n{}", &text[start..])
}

/// `text` with every API key cut to its first letters: outcomes are kept, keys are not.
pub fn without_keys(text: &str) -> String {
    const PREFIXES: [&str; 2] = ["gw-", "sk-"];
    const SHORTEST: usize = 16;
    let mut safe = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((at, prefix)) = PREFIXES.iter().filter_map(|prefix| Some((rest.find(prefix)?, *prefix))).min() {
        let key = at + prefix.len();
        let after = rest[key..].find(|c: char| !c.is_ascii_alphanumeric() && c != '-' && c != '_');
        let end = after.map_or(rest.len(), |length| key + length);
        safe += &rest[..key];
        safe += if end - key >= SHORTEST { "…" } else { &rest[key..end] };
        rest = &rest[end..];
    }
    safe + rest
}

/// One short line for the middle of a sentence.
pub fn inline(text: &str) -> String {
    const MOST: usize = 80;
    let line = text.split_whitespace().collect::<Vec<_>>().join(" ");
    match line.char_indices().nth(MOST) {
        Some((end, _)) => format!("{}…", &line[..end]),
        None => line,
    }
}

/// `1 word`, `2 words`, `2 entries`.
pub fn count(number: usize, noun: &str) -> String {
    match (number, noun.strip_suffix("ry")) {
        (1, _) => format!("1 {noun}"),
        (_, Some(start)) => format!("{number} {start}ries"),
        (_, None) => format!("{number} {noun}s"),
    }
}
