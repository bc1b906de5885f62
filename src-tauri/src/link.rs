//! Links into the window: `groundwork://lab/SLUG`, `groundwork://models`. Anybody can write one, so it leads to a screen and
//! starts nothing.

const SCHEME: &str = "groundwork://";

/// Where the first link among a program's arguments leads, as the window's address has it.
pub fn place(arguments: impl IntoIterator<Item = String>) -> Option<String> {
    let link = arguments.into_iter().find(|argument| argument.starts_with(SCHEME))?;
    let place = link[SCHEME.len()..].trim_end_matches('/');
    let plain = |part: &str| {
        !part.is_empty() && part.bytes().all(|byte| byte.is_ascii_lowercase() || byte.is_ascii_digit() || byte == b'-')
    };
    (place.split('/').count() <= 2 && place.split('/').all(plain)).then(|| place.to_owned())
}

#[cfg(test)]
mod tests {
    #[test]
    fn a_link_leads_to_a_screen_and_nowhere_else() {
        let place = |argument: &str| super::place(["groundwork".to_owned(), argument.to_owned()]);
        for (link, leads) in [
            ("groundwork://lab/orientation", Some("lab/orientation")),
            ("groundwork://lab/fastapi-first-service/", Some("lab/fastapi-first-service")),
            ("groundwork://models", Some("models")),
            ("groundwork://", None),
            ("groundwork://lab//orientation", None),
            ("groundwork://lab/../plan", None),
            ("groundwork://lab/orientation?start=1", None),
            ("groundwork://lab/a/b", None),
            ("groundwork://lab/%2e%2e", None),
            ("https://lab/orientation", None),
            ("--lab", None),
        ] {
            assert_eq!(place(link).as_deref(), leads, "{link}");
        }
    }
}
