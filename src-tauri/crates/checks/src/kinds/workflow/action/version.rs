//! Which versions of Python a text asks for, as `python-version` or a pyproject.toml writes it.

/// In whose words a text is. They differ in what a number of fewer than three parts stands for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Words {
    /// npm's, as setup-python reads them: `<=3.11` lets 3.11.9 in.
    Range,
    /// Those of PEP 440, with Poetry's `^`, `~` and `||`: `<=3.11` is `<=3.11.0`.
    Specifier,
}

const SIGNS: [char; 6] = ['<', '>', '=', '!', '~', '^'];

/// Whether a version is one that was asked for. The error is the part that cannot be read.
pub fn fits(wanted: &str, version: &str, words: Words) -> Result<bool, String> {
    let own = numbers(version);
    let mut fits = false;
    for way in wanted.replace("||", "|").split('|') {
        let mut all = true;
        for (sign, number) in parts(way) {
            all &= holds(sign, number, own, words).ok_or_else(|| format!("{sign}{number}"))?;
        }
        fits |= all;
    }
    Ok(fits)
}

/// The signs and numbers of `>=3.10, <3.13`, which all must hold.
fn parts(mut rest: &str) -> Vec<(&str, &str)> {
    let between = |letter: char| letter.is_whitespace() || letter == ',';
    let mut parts = Vec::new();
    loop {
        rest = rest.trim_start_matches(between);
        if rest.is_empty() {
            return parts;
        }
        let after = rest.trim_start_matches(SIGNS);
        let sign = &rest[..rest.len() - after.len()];
        let after = after.trim_start();
        let end = after.find(|letter: char| between(letter) || SIGNS.contains(&letter)).unwrap_or(after.len());
        parts.push((sign, &after[..end]));
        rest = &after[end..];
    }
}

/// `None` where it cannot be read.
fn holds(sign: &str, number: &str, own: [u32; 3], words: Words) -> Option<bool> {
    let (asked, wild) = read(number)?;
    let mut whole = [0; 3];
    whole[..asked.len()].copy_from_slice(&asked);
    let order = own.cmp(&whole);
    let begins = |count: usize| own[..count] == whole[..count];
    let open = wild || asked.len() < 3 && (words == Words::Range || sign.is_empty());
    let same = if open { begins(asked.len()) } else { order.is_eq() };
    Some(match sign {
        "" | "=" | "==" => same,
        "!=" => !same,
        ">=" => order.is_ge(),
        "<" => order.is_lt(),
        ">" => order.is_gt() && !same,
        "<=" => order.is_le() || same,
        "~=" if asked.len() > 1 && !wild => order.is_ge() && begins(asked.len() - 1),
        "~" => order.is_ge() && begins(asked.len().min(2)),
        "^" => order.is_ge() && begins(asked.len().min(1)),
        _ => return None,
    })
}

/// The numbers of a version that is asked for, and whether the rest is left open: `3.11`, `3.x`, `3.11.*`, `*`.
fn read(number: &str) -> Option<(Vec<u32>, bool)> {
    let (mut numbers, mut open) = (Vec::new(), false);
    for part in number.strip_prefix('v').unwrap_or(number).split('.') {
        match part {
            "x" | "X" | "*" => open = true,
            _ if open => return None,
            _ => numbers.push(part.parse().ok()?),
        }
    }
    (numbers.len() <= 3).then_some((numbers, open))
}

/// Of the version that is here: `3.13.0rc1` counts as 3.13.0.
fn numbers(version: &str) -> [u32; 3] {
    let mut numbers = [0; 3];
    for (number, part) in numbers.iter_mut().zip(version.split('.')) {
        let end = part.find(|letter: char| !letter.is_ascii_digit()).unwrap_or(part.len());
        *number = part[..end].parse().unwrap_or_default();
    }
    numbers
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Which of these ask for 3.11.2, which for others, and which cannot be read.
    fn check(words: Words, these: &[&str], others: &[&str], unread: &[&str]) {
        for (texts, expected) in [(these, Some(true)), (others, Some(false)), (unread, None)] {
            for text in texts {
                assert_eq!(fits(text, "3.11.2", words).ok(), expected, "{words:?} {text}");
            }
        }
    }

    #[test]
    fn a_range_takes_a_short_number_for_all_that_begin_so() {
        check(
            Words::Range,
            &[
                "3",
                "3.x",
                "3.11",
                "3.11.x",
                "3.11.2",
                "v3.11",
                "=3.11",
                ">=3.10",
                ">=3.10 <3.13",
                ">=3.10,<3.13",
                ">= 3.10, < 3.13",
                "~3.11.1",
                "~3.11",
                "^3.9",
                "<=3.11",
                "3.9 || 3.11",
                "*",
            ],
            &["3.12", "3.1", "2", "3.11.3", ">=3.12", "<3.11", ">3.11", "~3.10.1", "~3.10", "3.9 || 3.12"],
            &["pypy3.11", "3.11-dev", "x.y", "3.9 - 3.12", ">=", "3.11.2.1", "3.x.2"],
        );
    }

    #[test]
    fn a_specifier_takes_it_for_one_with_zeros() {
        check(
            Words::Specifier,
            &[
                ">=3.10",
                ">=3.10,<3.13",
                "> 3.11",
                ">=3.9, !=3.10.*, <4",
                "!=3.11",
                "==3.11.*",
                "==3.11.2",
                "~=3.11",
                "~=3.11.1",
                "~=3.10",
                "^3.10",
                "~3.11",
                "3.11",
                ">=2.7,<2.8 || ^3.11",
                "",
                "*",
            ],
            &[
                "==3.11", "<=3.11", "<3.11.2", "!=3.11.*", "!=3.11.2", "~=3.12", "~=3.10.1", "^2.7", "^4", ">=3.12",
                "~3.10", "==3.12.*",
            ],
            &["~=3", "~=3.*", "===3.11.2", ">=3.9rc1", ">=3.9 and <4", "=>3.9"],
        );
    }

    #[test]
    fn a_version_before_its_release_counts_as_it() {
        assert_eq!(fits(">=3.13", "3.13.0rc1", Words::Specifier), Ok(true));
        assert_eq!(fits(">=3.10,<4rc1", "3.11.2", Words::Specifier), Err("<4rc1".to_owned()));
    }
}
