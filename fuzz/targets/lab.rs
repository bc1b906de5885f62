//! No text of a `lab.toml` makes its reader panic, nor the reader of its checks.
#![no_main]

use libfuzzer_sys::fuzz_target;

fuzz_target!(|text: &str| {
    if let (Some(lab), _) = curriculum::parse_lab(text) {
        let _ = checks::lint(&lab);
    }
});
