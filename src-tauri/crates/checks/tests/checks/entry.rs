//! What is told of the journal's entries.

use checks::Entry;
use testkit::memory_probe::MemoryProbe;

use crate::world::{Case, table};

fn entry(sort: &str, title: &str, text: &str, url: Option<&str>) -> Entry {
    let at = "2026-02-09T18:31:00Z".parse().unwrap();
    Entry { at, sort: sort.to_owned(), title: title.to_owned(), text: text.to_owned(), url: url.map(str::to_owned) }
}

fn journal(entries: &[Entry]) -> MemoryProbe {
    entries.iter().fold(MemoryProbe::new(), |probe, entry| probe.entry(entry.clone()))
}

#[tokio::test]
async fn entry_outcomes() {
    let joined = |title: &str, url: Option<&str>| entry("community", title, "They build gateways.", url);
    let one = r#"sort = "community""#;
    let cases: Vec<Case> = vec![
        (
            "there",
            one,
            journal(&[joined("MLOps", Some("https://mlops.community"))]),
            "passed: 1 entry: “MLOps”.
measured: community MLOps, https://mlops.community",
        ),
        (
            "no entries",
            one,
            MemoryProbe::new(),
            "failed: The journal has no entry of the sort `community` for this lab.
expected: at least 1 entry
actual: no entries
next: When it has happened, write it down in the form of this check, or with `groundwork entry add LAB --sort community`.",
        ),
        (
            "other sorts",
            one,
            journal(&[entry("decision", "Qdrant", "", None)]),
            "failed: The journal has no entry of the sort `community` for this lab.
expected: at least 1 entry
actual: entries of other sorts: decision
next: When it has happened, write it down in the form of this check, or with `groundwork entry add LAB --sort community`.",
        ),
        (
            "a sort that comes close",
            one,
            journal(&[entry("comunity", "MLOps", "", None)]),
            "failed: The journal has no entry of the sort `community`, but one of `comunity`.
expected: at least 1 entry
actual: the sort `comunity`
next: Record it again with the sort `community`.",
        ),
        (
            "too few",
            "sort = \"community\"\nat_least = 3",
            journal(&[joined("MLOps", None), joined("Rust", None)]),
            "failed: The journal has 2 entries of the sort `community`.
expected: at least 3 entries
actual: 2 entries
next: Record 1 more entry.",
        ),
        (
            "the same one twice",
            "sort = \"community\"\nat_least = 2",
            journal(&[
                joined("MLOps", Some("https://mlops.community")),
                joined(" mlops", Some("https://mlops.community/")),
            ]),
            "failed: The journal has 1 entry of the sort `community`.
expected: at least 2 entries
actual: 1 entry; “ mlops” is there twice and counts once
next: Record 1 more entry about something else.",
        ),
        (
            "too short",
            "sort = \"community\"\nmin_words = 10",
            journal(&[joined("MLOps", None)]),
            "failed: The entry “MLOps” has 3 words, fewer than 10.
expected: at least 10 words
actual: 3 words
next: Take it back, and record it again with 7 words more.",
        ),
        (
            "no address",
            "sort = \"community\"\nurl = true",
            journal(&[joined("MLOps", None)]),
            "failed: The entry “MLOps” has no address.
expected: an address
actual: none
next: Take it back, and record it again with the address where others can see it.",
        ),
        (
            "another host",
            "sort = \"community\"\nhost = { pattern = \"(^|\\\\.)github\\\\.com$\", means = \"an address on GitHub\" }",
            journal(&[joined("MLOps", None), joined("MLOps", Some("https://github.com.evil.org:8080/x"))]),
            "failed: The entry “MLOps” is at `github.com.evil.org`.
expected: an address on GitHub
actual: https://github.com.evil.org:8080/x
next: Record an entry with an address there.",
        ),
        (
            "the right host",
            "sort = \"community\"\nhost = '(^|\\.)github\\.com$'",
            journal(&[joined("MLOps", Some("https://ada@gist.github.com:443/x"))]),
            "passed: 1 entry: “MLOps”.
measured: community MLOps, https://ada@gist.github.com:443/x",
        ),
    ];
    table("entry", cases).await;
}
