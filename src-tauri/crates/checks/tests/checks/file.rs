//! Whether a file is there, and what it may be called instead.

use testkit::memory_probe::MemoryProbe;

use crate::world::table;

#[tokio::test]
async fn file_outcomes() {
    table(
        "file",
        vec![
            (
                "there",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("notes.md", "hello"),
                "passed: `notes.md` is there, 5 bytes.",
            ),
            (
                "missing, alone",
                r#"path = "notes.md""#,
                MemoryProbe::new(),
                "failed: There is no `notes.md`.
expected: a file `notes.md`
actual: no files there
at: notes.md
next: Make the file `notes.md`.",
            ),
            (
                "missing, others there",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("main.py", "").file("data.csv", ""),
                "failed: There is no `notes.md`.
expected: a file `notes.md`
actual: data.csv, main.py
at: notes.md
next: Make the file `notes.md`.",
            ),
            (
                "other case",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("Notes.md", "x"),
                "failed: There is no `notes.md`, but there is `Notes.md`: the name differs in upper and lower case.
expected: a file `notes.md`
actual: `Notes.md`
at: Notes.md
next: Rename `Notes.md` to `notes.md`.",
            ),
            (
                "other folder",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("docs/notes.md", "x"),
                "failed: There is no `notes.md`, but there is `docs/notes.md`: it lies in the folder `docs`.
expected: a file `notes.md`
actual: `docs/notes.md`
at: docs/notes.md
next: Move it to the top of the workspace.",
            ),
            (
                "should be in a folder",
                r#"path = "docs/notes.md""#,
                MemoryProbe::new().file("notes.md", "x"),
                "failed: There is no `docs/notes.md`, but there is `notes.md`: it lies at the top of the workspace.
expected: a file `docs/notes.md`
actual: `notes.md`
at: notes.md
next: Move it to `docs`.",
            ),
            (
                "other ending",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("notes.txt", "x"),
                "failed: There is no `notes.md`, but there is `notes.txt`: the name ends differently.
expected: a file `notes.md`
actual: `notes.txt`
at: notes.txt
next: Rename `notes.txt` to `notes.md`. Your system may hide the ending.",
            ),
            (
                "ending doubled",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("notes.md.txt", "x"),
                "failed: There is no `notes.md`, but there is `notes.md.txt`: the name ends differently.
expected: a file `notes.md`
actual: `notes.md.txt`
at: notes.md.txt
next: Rename `notes.md.txt` to `notes.md`. Your system may hide the ending.",
            ),
            (
                "a space in the name",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("notes .md", "x"),
                "failed: There is no `notes.md`, but there is `notes .md`: the name differs in spaces.
expected: a file `notes.md`
actual: `notes .md`
at: notes .md
next: Rename `notes .md` to `notes.md`.",
            ),
            (
                "a slip of the fingers",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("ntoes.md", "x"),
                "failed: There is no `notes.md`, but there is `ntoes.md`: the name is close.
expected: a file `notes.md`
actual: `ntoes.md`
at: ntoes.md
next: Rename `ntoes.md` to `notes.md`.",
            ),
            (
                "a folder of that name",
                r#"path = "docs""#,
                MemoryProbe::new().file("docs/a.md", "x"),
                "failed: There is no `docs`.
expected: a file `docs`
actual: a folder `docs`
at: docs
next: Make a file of this name, not a folder.",
            ),
            (
                "empty but may be",
                r#"path = "notes.md""#,
                MemoryProbe::new().file("notes.md", ""),
                "passed: `notes.md` is there, 0 bytes.",
            ),
            (
                "blank",
                r#"path = "notes.md"
not_empty = true"#,
                MemoryProbe::new().file("notes.md", " \n\n"),
                "failed: `notes.md` is there, but empty.
expected: a file with something in it
actual: 3 bytes
at: notes.md:1
next: Write into the file and save it.",
            ),
            (
                "too large",
                r#"path = "notes.md"
max_bytes = 3"#,
                MemoryProbe::new().file("notes.md", "hello"),
                "failed: `notes.md` is too large.
expected: at most 3 bytes
actual: 5 bytes
at: notes.md
next: Make the file smaller.",
            ),
            (
                "just fits",
                r#"path = "notes.md"
max_bytes = 5
not_empty = true"#,
                MemoryProbe::new().file("notes.md", "hello"),
                "passed: `notes.md` is there, 5 bytes.",
            ),
            (
                "the workspace cannot be read",
                r#"path = "notes.md""#,
                MemoryProbe::new()
                    .obstacle("The workspace folder cannot be read.", "Give yourself the right to read it."),
                "error: The workspace folder cannot be read.
next: Give yourself the right to read it.",
            ),
        ],
    )
    .await;
}
