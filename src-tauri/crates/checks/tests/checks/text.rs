//! What a text file says.

use testkit::memory_probe::MemoryProbe;

use crate::world::table;

#[tokio::test]
async fn text_outcomes() {
    table(
        "text",
        vec![
            (
                "contains",
                r#"path = "notes.md"
contains = "hello""#,
                MemoryProbe::new().file("notes.md", "say hello"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "contains several",
                r#"path = "notes.md"
contains = ["a", "b"]"#,
                MemoryProbe::new().file("notes.md", "b a"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "file missing",
                r#"path = "notes.md"
contains = "hello""#,
                MemoryProbe::new().file("Notes.md", "hello"),
                "failed: There is no `notes.md`, but there is `Notes.md`: the name differs in upper and lower case.
expected: a file `notes.md`
actual: `Notes.md`
at: Notes.md
next: Rename `Notes.md` to `notes.md`.",
            ),
            (
                "file empty",
                r#"path = "notes.md"
contains = "hello""#,
                MemoryProbe::new().file("notes.md", "\n"),
                "failed: `notes.md` is empty.
expected: hello
actual: nothing
at: notes.md
next: Add `hello`.",
            ),
            (
                "nothing like it",
                r#"path = "notes.md"
contains = "hello""#,
                MemoryProbe::new().file("notes.md", "# Notes\n\nNothing here.\n"),
                "failed: `notes.md` does not have `hello`.
expected: hello
actual: # Notes

Nothing here.
at: notes.md
next: Add `hello`.",
            ),
            (
                "the second of two",
                r#"path = "notes.md"
contains = ["Notes", "Model: SmolLM2"]"#,
                MemoryProbe::new().file("notes.md", "# Notes\n\nNothing here.\n"),
                "failed: `notes.md` does not have `Model: SmolLM2`.
expected: Model: SmolLM2
actual: # Notes

Nothing here.
at: notes.md
next: Add `Model: SmolLM2`.",
            ),
            (
                "case",
                r#"path = "notes.md"
contains = "Model: SmolLM2""#,
                MemoryProbe::new().file("notes.md", "# Notes\n\nmodel: smollm2\n"),
                "failed: `notes.md` comes close in line 3, but differs in upper and lower case.
expected: Model: SmolLM2
actual: model: smollm2
at: notes.md:3
next: Compare the line with what is expected, letter by letter.",
            ),
            (
                "spaces",
                r#"path = "notes.md"
contains = "Model: SmolLM2""#,
                MemoryProbe::new().file("notes.md", "# Notes\nModel:SmolLM2\n"),
                "failed: `notes.md` comes close in line 2, but differs in spaces.
expected: Model: SmolLM2
actual: Model:SmolLM2
at: notes.md:2
next: Compare the line with what is expected, letter by letter.",
            ),
            (
                "quotation marks",
                r#"path = "notes.md"
contains = "print('hi')""#,
                MemoryProbe::new().file("notes.md", "x = 1\nprint(‘hi’)\n"),
                "failed: `notes.md` comes close in line 2, but has other quotation marks.
expected: print('hi')
actual: print(‘hi’)
at: notes.md:2
next: Compare the line with what is expected, letter by letter.",
            ),
            (
                "case and spaces",
                r#"path = "notes.md"
contains = "Model: SmolLM2""#,
                MemoryProbe::new().file("notes.md", "MODEL :  SmolLM2"),
                "failed: `notes.md` comes close in line 1, but differs in case, spaces or quotation marks.
expected: Model: SmolLM2
actual: MODEL :  SmolLM2
at: notes.md:1
next: Compare the line with what is expected, letter by letter.",
            ),
            (
                "a slip of the fingers",
                r#"path = "notes.md"
contains = "The model answered.""#,
                MemoryProbe::new().file("notes.md", "a\nb\nThe model anwsered.\n"),
                "failed: `notes.md` comes close in line 3, but is not the same.
expected: The model answered.
actual: The model anwsered.
at: notes.md:3
next: Compare the line with what is expected, letter by letter.",
            ),
            (
                "several lines wanted, the second missing",
                r#"path = "notes.md"
contains = "one\ntwo three""#,
                MemoryProbe::new().file("notes.md", "one\nTwo three\n"),
                "failed: `notes.md` comes close in line 2, but differs in upper and lower case.
expected: one
two three
actual: Two three
at: notes.md:2
next: Compare the line with what is expected, letter by letter.",
            ),
            (
                "Windows line ends are fine",
                r#"path = "notes.md"
contains = "one\ntwo""#,
                MemoryProbe::new().file("notes.md", "one\r\ntwo\r\n"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "matches",
                r#"path = "notes.md"
matches = "^Model: \\w+$""#,
                MemoryProbe::new().file("notes.md", "# Notes\nModel: SmolLM2\n"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "matches not",
                r#"path = "notes.md"
matches = "^Model: \\w+$""#,
                MemoryProbe::new().file("notes.md", "# Notes\nThe model\n"),
                r#"failed: `notes.md` does not have text that matches `^Model: \w+$`.
expected: text that matches `^Model: \w+$`
actual: # Notes
The model
at: notes.md
next: Add text that matches `^Model: \w+$`."#,
            ),
            (
                "matches but for case",
                r#"path = "notes.md"
matches = "^Model: \\w+$""#,
                MemoryProbe::new().file("notes.md", "# Notes\nMODEL: SmolLM2\n"),
                r#"failed: `notes.md` comes close in line 2, but differs in upper and lower case.
expected: text that matches `^Model: \w+$`
actual: MODEL: SmolLM2
at: notes.md:2
next: Compare the line with what is expected, letter by letter."#,
            ),
            (
                "a pattern with a meaning",
                r#"path = "notes.md"
matches = { pattern = "^Model: \\w+$", means = "a line such as `Model: NAME`" }"#,
                MemoryProbe::new().file("notes.md", "# Notes"),
                "failed: `notes.md` does not have a line such as `Model: NAME`.
expected: a line such as `Model: NAME`
actual: # Notes
at: notes.md
next: Add a line such as `Model: NAME`.",
            ),
            (
                "too seldom",
                r#"path = "notes.md"
contains = "- "
at_least = 3"#,
                MemoryProbe::new().file("notes.md", "- a\n- b\n"),
                "failed: `notes.md` has `-` 2 times, fewer than 3.
expected: - , at least 3 times
actual: 2 times
at: notes.md
next: Add 1 more.",
            ),
            (
                "often enough",
                r#"path = "notes.md"
matches = "^- "
at_least = 2"#,
                MemoryProbe::new().file("notes.md", "- a\n- b\n"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "lacks",
                r#"path = "notes.md"
lacks = "TODO""#,
                MemoryProbe::new().file("notes.md", "done\n"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "lacks not",
                r#"path = "notes.md"
lacks = "TO ?DO""#,
                MemoryProbe::new().file("notes.md", "# Notes\n\nTODO: write\n"),
                "failed: `notes.md` has `TODO`, which must not be there.
expected: no text that matches `TO ?DO`
actual: TODO: write
at: notes.md:3
next: See to it that line 3 is free of it.",
            ),
            (
                "a key is not kept",
                r#"path = "notes.md"
lacks = "sk-\\w+""#,
                MemoryProbe::new().file("notes.md", "key = \"sk-0123456789abcdefgh\"\n"),
                r#"failed: `notes.md` has `sk-…`, which must not be there.
expected: no text that matches `sk-\w+`
actual: key = "sk-…"
at: notes.md:1
next: See to it that line 1 is free of it."#,
            ),
            (
                "lacks with a meaning",
                r#"path = "notes.md"
lacks = [{ pattern = "gw-[0-9a-f]{8,}", means = "a key" }]"#,
                MemoryProbe::new().file("notes.md", "# Notes\nkey = \"gw-0123456789abcdef\"\n"),
                r#"failed: `notes.md` has a key, which must not be there.
expected: nothing like a key
actual: key = "gw-…"
at: notes.md:2
next: See to it that line 2 is free of it."#,
            ),
            (
                "too short",
                r#"path = "notes.md"
min_words = 5"#,
                MemoryProbe::new().file("notes.md", "one two"),
                "failed: `notes.md` is too short.
expected: at least 5 words
actual: 2 words
at: notes.md
next: Write 3 words more.",
            ),
            (
                "long enough",
                r#"path = "notes.md"
min_words = 2"#,
                MemoryProbe::new().file("notes.md", "one two"),
                "passed: `notes.md` says what it should.",
            ),
            (
                "not UTF-8",
                r#"path = "notes.md"
min_words = 2"#,
                MemoryProbe::new().file("notes.md", b"ok\n\xff\n"),
                "failed: `notes.md` is not UTF-8 text.
expected: UTF-8 text
at: notes.md:2
next: Save the file as UTF-8; editors offer this as its encoding.",
            ),
            (
                "UTF-16",
                r#"path = "notes.md"
min_words = 2"#,
                MemoryProbe::new().file("notes.md", b"\xff\xfea\0"),
                "failed: `notes.md` is saved as UTF-16.
expected: UTF-8 text
at: notes.md
next: Save the file as UTF-8; editors offer this as its encoding.",
            ),
            (
                "byte order mark",
                r#"path = "notes.md"
matches = "^one""#,
                MemoryProbe::new().file("notes.md", "﻿one"),
                "passed: `notes.md` says what it should.",
            ),
        ],
    )
    .await;
}
