//! Times as payloads write them: RFC 3339, and the shorter forms that Qdrant reads. Never the time of now.

use jiff::{Timestamp, civil::DateTime, tz::Offset};

/// Microseconds since 1970 of `2024-05-01T10:00:00+02:00`, `2024-05-01 10:00` or `2024-05-01`; without an offset in UTC.
/// None where a text is no time.
pub fn parse(text: &str) -> Option<i64> {
    // Shorter ways to write a date are numbers to everybody else.
    if text.as_bytes().get(4) != Some(&b'-') || text.contains('[') {
        return None;
    }
    let text = text.strip_suffix(" UTC").unwrap_or(text);
    let zoned = || text.parse::<Timestamp>().ok();
    let plain = || Offset::UTC.to_timestamp(text.parse::<DateTime>().ok()?).ok();
    zoned().or_else(plain).map(|time| time.as_microsecond())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_time_is_read_in_every_form_and_a_number_is_none() {
        let noon = Some(1_714_564_800_000_000);
        for (text, expected) in [
            ("2024-05-01T12:00:00Z", noon),
            ("2024-05-01T12:00:00z", noon),
            ("2024-05-01T14:00:00+02:00", noon),
            ("2024-05-01 12:00:00.000+00:00", noon),
            ("2024-05-01T12:00:00", noon),
            ("2024-05-01 12:00", noon),
            ("2024-05-01 12:00:00 UTC", noon),
            ("2024-05-01", noon.map(|noon| noon - 43_200_000_000)),
            ("2024-05-01T12:00:00.000001Z", noon.map(|noon| noon + 1)),
            ("1969-12-31T23:59:59Z", Some(-1_000_000)),
            ("20240501", None),
            ("2024", None),
            ("2024-13-01", None),
            ("2024-05-01 noon", None),
            ("", None),
        ] {
            assert_eq!(parse(text), expected, "{text}");
        }
    }
}
