use super::{duration, escape, thousands};

#[test]
fn figures_read_as_people_write_them() {
    for (minutes, expect) in [
        (0.0, "none recorded"),
        (0.3, "less than a minute"),
        (0.6, "1 min"),
        (59.4, "59 min"),
        (59.6, "1 h 0 min"),
        (85.0, "1 h 25 min"),
        (60_061.0, "1,001 h 1 min"),
    ] {
        assert_eq!(duration(minutes), expect);
    }
    for (n, expect) in [(0, "0"), (999, "999"), (1_000, "1,000"), (1_234_567, "1,234,567")] {
        assert_eq!(thousands(n), expect);
    }
}

#[test]
fn the_source_stays_readable() {
    for plain in ["max_tokens=96, 1.5 ms", "C# and F#", "a - b + c = d", "(see ask.py:12)", "v1.2.3!", "1.84", "-5"] {
        assert_eq!(escape(plain), plain);
    }
}
