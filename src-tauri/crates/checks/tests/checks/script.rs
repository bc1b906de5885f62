//! What a script of the pack prints, and what is told where it prints something else.

use checks::Exit;
use testkit::memory_probe::MemoryProbe;

use crate::world::{Case, table};

const RUN: &str = r#"run = ["python", "checks/look.py"]"#;

fn prints(stdout: &str) -> MemoryProbe {
    MemoryProbe::new().any_program(Exit::Code(0), stdout, "")
}

#[tokio::test]
async fn script_outcomes() {
    let passed = r#"{"check": "rows", "status": "passed", "summary": "There are 12 rows.", "measured": [{"name": "rows", "value": 12}, {"name": "size", "value": "3.5", "unit": "kB"}]}"#;
    let failed = r#"{"check": "order", "status": "failed", "summary": "Row 3 is out of order.", "expected": "b", "actual": "c", "place": {"file": "rows.csv", "line": 3}, "next_step": "Sort the rows."}"#;
    let bare = r#"{"check": "order", "status": "failed", "summary": "The rows are out of order."}"#;
    let cases: Vec<Case> = vec![
        ("passes", RUN, prints(passed), "passed: There are 12 rows.
measured: rows 12, size 3.5 kB"),
        ("several pass", RUN, prints(&format!("{passed}\n\n{}\n", passed.replace("12", "9"))), "passed: 2 checks hold.
measured: rows 12, size 3.5 kB, rows 9, size 3.5 kB"),
        ("the first that failed counts", RUN, prints(&format!("{passed}\n{failed}\n{bare}\n")), "failed: Row 3 is out of order.
expected: b
actual: c
at: rows.csv:3
next: Sort the rows."),
        ("failed, with no more to say", RUN, prints(bare), "failed: The rows are out of order.
next: Look at what “order” asks for."),
        ("nothing", RUN, prints("\n"), "error: The script `python checks/look.py` printed nothing.
next: Tell the authors of the pack: the fault is in their script, not in your work."),
        ("no JSON", RUN, prints(&format!("{passed}\nlooking at rows\n")), "error: The script `python checks/look.py` printed no outcome in line 2, `looking at rows`: it is not JSON.
next: Tell the authors of the pack: the fault is in their script, not in your work."),
        ("no status", RUN, prints(r#"{"check": "rows", "summary": "x"}"#), r#"error: The script `python checks/look.py` printed no outcome in line 1, `{"check": "rows", "summary": "x"}`: missing field `status`.
next: Tell the authors of the pack: the fault is in their script, not in your work."#),
        (
            "an unknown key",
            RUN,
            prints(r#"{"check": "rows", "status": "passed", "summary": "x", "nextstep": "y"}"#),
            r#"error: The script `python checks/look.py` printed no outcome in line 1, `{"check": "rows", "status": "passed", "summary": "x", "nextstep": "y"}`: unknown field `nextstep`, expected one of `check`, `status`, `summary`, `expected`, `actual`, `place`, `next_step`, `measured`.
next: Tell the authors of the pack: the fault is in their script, not in your work."#,
        ),
        ("a status of ours", RUN, prints(r#"{"check": "rows", "status": "error", "summary": "x"}"#), r#"error: The script `python checks/look.py` printed no outcome in line 1, `{"check": "rows", "status": "error", "summary": "x"}`: the status is neither passed nor failed.
next: Tell the authors of the pack: the fault is in their script, not in your work."#),
        ("no words", RUN, prints(r#"{"check": "rows", "status": "failed", "summary": " "}"#), r#"error: The script `python checks/look.py` printed no outcome in line 1, `{"check": "rows", "status": "failed", "summary": " "}`: `check` or `summary` is empty.
next: Tell the authors of the pack: the fault is in their script, not in your work."#),
        (
            "a place outside",
            RUN,
            prints(r#"{"check": "rows", "status": "failed", "summary": "x", "place": {"file": "/etc/passwd"}}"#),
            r#"error: The script `python checks/look.py` printed no outcome in line 1, `{"check": "rows", "status": "failed", "summary": "x", "place": {"file": "/etc/pa…`: the place's file is absolute.
next: Tell the authors of the pack: the fault is in their script, not in your work."#,
        ),
        (
            "an exit code",
            RUN,
            MemoryProbe::new().any_program(
                Exit::Code(1),
                passed,
                "Traceback (most recent call last):\nKeyError: 'rows'\n",
            ),
            "error: The script `python checks/look.py` ended with exit code 1: KeyError: 'rows'.
next: Tell the authors of the pack: the fault is in their script, not in your work.",
        ),
        (
            "too slow",
            "run = [\"python\", \"checks/look.py\"]\ntimeout_s = 3",
            MemoryProbe::new().any_program(Exit::TimedOut, passed, ""),
            "error: The script `python checks/look.py` did not end within 3 s and was stopped.
next: Tell the authors of the pack: the fault is in their script, not in your work.",
        ),
        ("too large", RUN, MemoryProbe::new().any_program(Exit::OutOfMemory, "", ""), "error: The script `python checks/look.py` wanted more than 2048 MiB of memory.
next: Tell the authors of the pack: the fault is in their script, not in your work."),
        ("killed", RUN, MemoryProbe::new().any_program(Exit::Signal(11), "", ""), "error: The script `python checks/look.py` was ended by signal 11 (SIGSEGV, an access to memory that is not its own).
next: Tell the authors of the pack: the fault is in their script, not in your work."),
        ("not there", RUN, MemoryProbe::new(), "error: The script `python checks/look.py` could not be found.
next: Start the lab again, so that its environment is made."),
    ];
    table("script", cases).await;
}
