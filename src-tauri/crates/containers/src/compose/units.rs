//! Sizes (`512m`) and durations (`1m30s`) as compose files write them.

use std::time::Duration;

/// Bytes: a number, with `b`, `k`, `m` or `g`, powers of 1024, a `b` or `ib` behind them or not.
pub fn bytes(text: &str) -> Option<u64> {
    let text = text.trim().to_ascii_lowercase();
    let digits = text.find(|letter: char| !letter.is_ascii_digit() && letter != '.').unwrap_or(text.len());
    let (number, unit) = text.split_at(digits);
    let scale: u64 = match unit.trim() {
        "" | "b" => 1,
        "k" | "kb" | "kib" => 1 << 10,
        "m" | "mb" | "mib" => 1 << 20,
        "g" | "gb" | "gib" => 1 << 30,
        _ => return None,
    };
    let bytes = number.parse::<f64>().ok()? * scale as f64;
    (bytes.is_finite() && bytes < 1e18).then_some(bytes as u64)
}

/// A duration: numbers with `us`, `ms`, `s`, `m` or `h`, the larger units first.
pub fn duration(text: &str) -> Option<Duration> {
    let (mut rest, mut sum) = (text.trim(), Duration::ZERO);
    if rest.is_empty() {
        return None;
    }
    while !rest.is_empty() {
        let digits = rest.find(|letter: char| !letter.is_ascii_digit() && letter != '.')?;
        let number: f64 = rest[..digits].parse().ok()?;
        rest = &rest[digits..];
        let letters = rest.find(|letter: char| !letter.is_ascii_alphabetic()).unwrap_or(rest.len());
        let scale = match &rest[..letters] {
            "us" => 1e-6,
            "ms" => 1e-3,
            "s" => 1.0,
            "m" => 60.0,
            "h" => 3600.0,
            _ => return None,
        };
        sum = sum.checked_add(Duration::try_from_secs_f64(number * scale).ok()?)?;
        rest = &rest[letters..];
    }
    (sum < Duration::from_secs(86_400 * 30)).then_some(sum)
}

#[cfg(test)]
mod tests {
    use proptest::prelude::*;

    use super::*;

    #[test]
    fn sizes_and_durations_are_read_as_docker_reads_them() {
        for (text, expected) in [
            ("1024", Some(1024)),
            ("64m", Some(64 << 20)),
            ("1.5gb", Some(1610612736)),
            ("2KiB", Some(2048)),
            ("1t", None),
            ("m", None),
            ("-1", None),
        ] {
            assert_eq!(bytes(text), expected, "{text}");
        }
        for (text, expected) in [
            ("10s", Some(10_000)),
            ("1m30s", Some(90_000)),
            ("500ms", Some(500)),
            ("1.5h", Some(5_400_000)),
            ("10", None),
            ("", None),
            ("s", None),
            ("1y", None),
        ] {
            assert_eq!(duration(text), expected.map(Duration::from_millis), "{text}");
        }
    }

    proptest! {
        #[test]
        fn no_text_breaks_them(text in any::<String>(), almost in "[0-9.]{0,30}[a-z]{0,3}") {
            let _ = (bytes(&text), duration(&text), bytes(&almost), duration(&almost));
        }
    }
}
