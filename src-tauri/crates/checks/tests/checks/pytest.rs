//! What is told of a run of pytest, by the lines that `runner.py` prints. The runner itself is tried with a real pytest
//! in the tests of `workspaces`.

use checks::Exit;
use testkit::memory_probe::MemoryProbe;

use crate::world::{Case, table};

const START: &str = r#"{"event": "start", "test": "tests/test_sums.py::test_small", "file": "tests/test_sums.py", "line": 4}
"#;

/// Two tests were found, and then this was told.
fn says(lines: &str) -> MemoryProbe {
    printed(Exit::Code(0), lines)
}

fn printed(exit: Exit, lines: &str) -> MemoryProbe {
    let both = r#"["tests/test_sums.py::test_small", "tests/test_sums.py::TestLarge::test_million[1-2]"]"#;
    let begun = format!(
        "{{\"event\": \"collecting\", \"file\": \"tests/test_sums.py\"}}\n\
         {{\"event\": \"collected\", \"tests\": {both}}}\n{{\"event\": \"selected\", \"tests\": {both}}}\n"
    );
    world().any_program(exit, &(begun + lines), "")
}

fn world() -> MemoryProbe {
    MemoryProbe::new().file("tests/test_sums.py", "").file("sums.py", "def add(a, b):\n    return a\n")
}

fn test(name: &str, outcome: &str, more: &str) -> String {
    format!(
        "{{\"event\": \"test\", \"test\": \"tests/test_sums.py::{name}\", \"outcome\": \"{outcome}\", \"seconds\": 0.25{more}}}\n"
    )
}

/// Both pass but for what is said of the first.
fn first(outcome: &str, more: &str) -> MemoryProbe {
    let lines = test("test_small", outcome, more) + &test("TestLarge::test_million[1-2]", "passed", "");
    says(&(lines + "{\"event\": \"end\", \"code\": 1}\n"))
}

const TESTS: &str = r#"paths = ["tests"]"#;

#[tokio::test]
async fn tests_that_run() {
    let lacks = r#", "when": "call", "error": "AssertionError: assert 1 == 3\n +  where 1 = add(1, 2)", "file": "tests/test_sums.py", "line": 5, "source": "assert add(1, 2) == 3""#;
    let cases: Vec<Case> = vec![
        ("all pass", TESTS, first("passed", ""), "passed: 2 tests passed.
measured: tests passed 2, time 500 ms"),
        ("one does not", TESTS, first("failed", lacks), "failed: `test_small` fails: assert 1 == 3. 1 passed, 1 failed.
expected: assert add(1, 2) == 3
actual: assert 1 == 3
 +  where 1 = add(1, 2)
at: tests/test_sums.py:5
next: Correct what the test calls; or the test, where it is yours and asks for the wrong thing."),
        (
            "several do not",
            TESTS,
            says(
                &(test("test_small", "failed", lacks)
                    + &test("test_a", "error", r#", "when": "setup", "error": "KeyError: 'x'""#)
                    + &test("test_b", "failed", r#", "when": "call", "error": "ValueError""#)
                    + "{\"event\": \"end\", \"code\": 1}\n"),
            ),
            "failed: `test_small` fails: assert 1 == 3. 0 passed, 2 failed, 1 error.
expected: assert add(1, 2) == 3
actual: assert 1 == 3
 +  where 1 = add(1, 2)
also: test_a, test_b
at: tests/test_sums.py:5
next: Correct what the test calls; or the test, where it is yours and asks for the wrong thing.",
        ),
        (
            "an exception in the learner's module",
            TESTS,
            first(
                "failed",
                r#", "when": "call", "error": "NameError: name 'c' is not defined", "file": "sums.py", "line": 2, "source": "return c""#,
            ),
            "failed: `test_small` fails: NameError: name 'c' is not defined. 1 passed, 1 failed.
expected: `test_small` passes
actual: NameError: name 'c' is not defined
at: sums.py:2
next: Check the spelling of the name, and that it is defined above.",
        ),
        (
            "an exception that should come",
            TESTS,
            first(
                "failed",
                r#", "when": "call", "error": "Failed: DID NOT RAISE ValueError", "file": "tests/test_sums.py", "line": 5, "source": "with pytest.raises(ValueError):""#,
            ),
            "failed: `test_small` fails: DID NOT RAISE ValueError. 1 passed, 1 failed.
expected: with pytest.raises(ValueError):
actual: DID NOT RAISE ValueError
at: tests/test_sums.py:5
next: Raise this exception in what the test calls.",
        ),
        (
            "a fixture with another name",
            TESTS,
            first(
                "error",
                r#", "when": "setup", "error": "fixture 'clint' not found", "file": "tests/test_sums.py", "line": 4, "available": ["capsys", "client"]"#,
            ),
            "failed: `test_small` could not be set up: fixture 'clint' not found. 1 passed, 1 error.
expected: `test_small` passes
actual: fixture 'clint' not found
at: tests/test_sums.py:4
next: Did you mean the fixture `client`?",
        ),
        (
            "no such fixture",
            TESTS,
            first(
                "error",
                r#", "when": "setup", "error": "fixture 'database' not found", "file": "tests/test_sums.py", "line": 4, "available": ["capsys", "client"]"#,
            ),
            "failed: `test_small` could not be set up: fixture 'database' not found. 1 passed, 1 error.
expected: `test_small` passes
actual: fixture 'database' not found
at: tests/test_sums.py:4
next: Write a fixture `database` in the file or in conftest.py, or take the parameter out.",
        ),
        (
            "a fixture that cannot be put away",
            TESTS,
            first(
                "error",
                r#", "when": "teardown", "error": "RuntimeError: busy", "file": "tests/conftest.py", "line": 9, "source": "raise RuntimeError(\"busy\")""#,
            ),
            "failed: `test_small` left something that could not be put away: RuntimeError: busy. 1 passed, 1 error.
expected: `test_small` passes
actual: RuntimeError: busy
at: tests/conftest.py:9
next: Open the place and correct what the error names.",
        ),
        (
            "a skipped test does not count",
            "paths = [\"tests\"]\nat_least = 2",
            first("skipped", r#", "error": "Skipped: later""#),
            "failed: Not enough tests pass: 1 passed, 1 skipped.
expected: at least 2 passed
actual: 1 passed, 1 skipped
test_small: Skipped: later
at: tests/test_sums.py
next: Let `test_small` run, or write 1 test more.",
        ),
        ("a skipped test is no failure", TESTS, first("skipped", r#", "error": "Skipped: later""#), "passed: 1 test passed, 1 skipped.
measured: tests passed 1, time 500 ms"),
        ("too few", "paths = [\"tests\"]\nat_least = 5", first("passed", ""), "failed: Not enough tests pass: 2 passed.
expected: at least 5 passed
actual: 2 passed
at: $ python -m pytest tests
next: Write 3 tests more."),
        (
            "by name",
            "paths = [\"tests\"]\nnames = [\"test_small\", \"test_million\", \"TestLarge::test_million\", \"tests/test_sums.py::test_small\"]",
            first("passed", ""),
            "passed: 2 tests passed.
measured: tests passed 2, time 500 ms",
        ),
        (
            "a named one is skipped",
            "paths = [\"tests\"]\nnames = [\"test_small\"]",
            first("skipped", r#", "error": "Skipped: later""#),
            "failed: `test_small` is skipped, and it must pass.
expected: `test_small` passes
actual: Skipped: later
at: tests/test_sums.py
next: Take the mark that skips it away.",
        ),
        ("a name that comes close", "paths = [\"tests\"]\nnames = [\"test_smal\"]", first("passed", ""), "failed: There is no test `test_smal`, but there is `test_small`.
expected: a test `test_smal`
actual: `test_small`
at: tests/test_sums.py
next: Rename `test_small` to `test_smal`."),
        ("no such name", "paths = [\"tests\"]\nnames = [\"test_negative_numbers\"]", first("passed", ""), "failed: There is no test `test_negative_numbers`.
expected: a test `test_negative_numbers`
actual: test_small, test_million[1-2]
at: tests
next: Write a test `test_negative_numbers`."),
        (
            "a name that pytest passes over",
            "paths = [\"tests\"]\nnames = [\"test_negative_numbers\"]",
            first("passed", "").file("tests/test_sums.py", "import sums\n\ndef negative_numbers_test():\n    pass\n"),
            "failed: There is no test `test_negative_numbers`, but `negative_numbers_test` in `tests/test_sums.py`: pytest passes over that name.
expected: a test `test_negative_numbers`
actual: `negative_numbers_test`
at: tests/test_sums.py:3
next: Rename `negative_numbers_test` to `test_negative_numbers`.",
        ),
    ];
    table("pytest", cases).await;
}

#[tokio::test]
async fn tests_that_do_not_come_to_run() {
    let none = "{\"event\": \"collected\", \"tests\": []}\n{\"event\": \"selected\", \"tests\": []}\n{\"event\": \"end\", \"code\": 5}\n";
    let empty = |files: &[(&str, &str)]| {
        let probe = MemoryProbe::new().any_program(Exit::Code(0), none, "");
        files.iter().fold(probe, |probe, (path, text)| probe.file(path, text))
    };
    let broken = |error: &str| {
        let line = format!(
            "{{\"event\": \"broken\", \"at\": \"tests/test_sums.py\", \"error\": \"{error}\", \"file\": \"tests/test_sums.py\", \"line\": 1, \"source\": \"import smus\"}}\n"
        );
        world().any_program(
            Exit::Code(0),
            &(line
                + "{\"event\": \"stopped\", \"error\": \"Interrupted: 1 error\"}\n{\"event\": \"end\", \"code\": 2}\n"),
            "",
        )
    };
    let cases: Vec<Case> = vec![
        ("no Python", TESTS, world(), "error: There is no Python to run the tests with.
next: Start the lab again, so that its Python environment is made."),
        (
            "no pytest",
            TESTS,
            world().any_program(Exit::Code(0), "{\"event\": \"missing\", \"error\": \"No module named 'pytest'\"}\n", ""),
            "error: pytest cannot be used in the lab's environment: No module named 'pytest'.
next: Start the lab again; if that does not help, tell the authors of the pack that its requirements.txt lacks pytest.",
        ),
        ("a file called pytest", TESTS, world().file("pytest.py", ""), "failed: Your `pytest.py` hides the library of that name.
expected: `import pytest` finds pytest
actual: it finds `pytest.py`
at: pytest.py
next: Give the file another name."),
        ("no folder", TESTS, MemoryProbe::new().file("sums.py", ""), "failed: There is no folder `tests`.
expected: tests in `tests`
actual: no such folder
at: tests
next: Make the folder `tests` and a file `tests/test_….py` in it."),
        ("a folder that comes close", TESTS, MemoryProbe::new().file("test/test_sums.py", ""), "failed: There is no folder `tests`, but there is `test`.
expected: tests in `tests`
actual: `test`
at: tests
next: Rename `test` to `tests`."),
        ("a file that comes close", r#"paths = ["tests/test_sums.py::test_small"]"#, MemoryProbe::new().file("tests/test_sum.py", ""), "failed: There is no `tests/test_sums.py`, but there is `tests/test_sum.py`: the name is close.
expected: a file `tests/test_sums.py`
actual: `tests/test_sum.py`
at: tests/test_sum.py
next: Rename `tests/test_sum.py` to `tests/test_sums.py`."),
        ("an import that fails", TESTS, broken("ModuleNotFoundError: No module named 'smus'"), "failed: `tests/test_sums.py` cannot be read: ModuleNotFoundError: No module named 'smus'.
expected: every test file can be imported
actual: import smus
ModuleNotFoundError: No module named 'smus'
at: tests/test_sums.py:1
next: Check the spelling of the import; the packages you can use are those in the lab's requirements.txt."),
        ("a syntax error", TESTS, broken("SyntaxError: '(' was never closed"), "failed: `tests/test_sums.py` cannot be read: SyntaxError: '(' was never closed.
expected: every test file can be imported
actual: import smus
SyntaxError: '(' was never closed
at: tests/test_sums.py:1
next: Look at this line and the one above for a missing bracket, quotation mark or colon."),
        (
            "a module that ends the program",
            TESTS,
            world().any_program(Exit::Code(0), "{\"event\": \"collecting\", \"file\": \"tests/test_sums.py\"}\n{\"event\": \"stopped\", \"error\": \"SystemExit: 0\", \"file\": \"sums.py\", \"line\": 2, \"source\": \"exit(0)\"}\n{\"event\": \"end\", \"code\": 3}\n", ""),
            r#"failed: pytest stopped while `tests/test_sums.py` was read: SystemExit: 0.
expected: pytest runs every test
actual: exit(0)
SystemExit: 0
at: sums.py:2
next: Take the call that ends the program out, or put it under `if __name__ == "__main__":`."#,
        ),
        (
            "a conftest that cannot be read",
            TESTS,
            world().file("tests/conftest.py", "").any_program(Exit::Code(0), "{\"event\": \"end\", \"code\": 4}\n", "ImportError while loading conftest '/home/ada/lab/tests/conftest.py'.\ntests/conftest.py:3: in <module>\n    import clients\nE   ModuleNotFoundError: No module named 'clients'\n"),
            "failed: pytest cannot begin: ModuleNotFoundError: No module named 'clients'.
expected: pytest runs
actual: ImportError while loading conftest '/home/ada/lab/tests/conftest.py'.
tests/conftest.py:3: in <module>
    import clients
E   ModuleNotFoundError: No module named 'clients'
at: tests/conftest.py:3
next: Check the spelling of the import; the packages you can use are those in the lab's requirements.txt.",
        ),
        (
            "settings that pytest does not take",
            TESTS,
            world().any_program(Exit::Code(0), "{\"event\": \"end\", \"code\": 4}\n", "ERROR: /home/ada/lab/pytest.ini:2: unexpected line: 'x'\n"),
            "failed: pytest cannot begin: /home/ada/lab/pytest.ini:2: unexpected line: 'x'.
expected: pytest runs
actual: ERROR: /home/ada/lab/pytest.ini:2: unexpected line: 'x'
at: $ python -m pytest tests
next: Correct what pytest names; its settings are in pytest.ini or pyproject.toml.",
        ),
        ("nothing there", TESTS, empty(&[("tests/test_sums.py", "import sums\n")]), "failed: No test was found in `tests`.
expected: at least 1 test
actual: no tests found
at: tests
next: Write a function whose name begins with test_ in `tests/test_….py`."),
        ("a file with another name", TESTS, empty(&[("tests/sums_tests.py", "import sums\n\n\ndef test_small():\n    pass\n")]), "failed: No test was found, but `tests/sums_tests.py` holds `test_small`.
expected: at least 1 test
actual: no tests found
at: tests/sums_tests.py:4
next: pytest looks in files called test_….py: rename it to `tests/test_sums.py`."),
        ("a function with another name", TESTS, empty(&[("tests/test_sums.py", "import pytest\n\n@pytest.fixture\ndef client():\n    pass\n\ndef check_small():\n    pass\n")]), "failed: No test was found: `check_small` in `tests/test_sums.py` is not called test_….
expected: at least 1 test
actual: no tests found
at: tests/test_sums.py:7
next: Rename it to `test_check_small`."),
        ("a function that says test elsewhere", TESTS, empty(&[("tests/test_sums.py", "def helper():\n    pass\n\nasync def small_test():\n    pass\n")]), "failed: No test was found: `small_test` in `tests/test_sums.py` is not called test_….
expected: at least 1 test
actual: no tests found
at: tests/test_sums.py:4
next: Rename it to `test_small`."),
        ("a class with another name", TESTS, empty(&[("tests/test_sums.py", "class Sums:\n    def test_small(self):\n        pass\n")]), "failed: No test was found: `test_small` is in the class `Sums`.
expected: at least 1 test
actual: no tests found
at: tests/test_sums.py:2
next: pytest looks in classes called Test…: rename it to `TestSums`."),
        ("a class that is built", TESTS, empty(&[("tests/test_sums.py", "class TestSums:\n    def __init__(self):\n        pass\n    def test_small(self):\n        pass\n")]), "failed: No test was found: the class `TestSums` has an `__init__`.
expected: at least 1 test
actual: no tests found
at: tests/test_sums.py:2
next: pytest passes over such classes: make what it sets in a fixture instead."),
        (
            "a test that is not in the file",
            r#"paths = ["tests/test_sums.py::test_smal"]"#,
            world().any_program(Exit::Code(0), "{\"event\": \"collected\", \"tests\": [\"tests/test_sums.py::test_small\"]}\n{\"event\": \"selected\", \"tests\": []}\n{\"event\": \"end\", \"code\": 5}\n", ""),
            "failed: There is no test `test_smal`, but there is `test_small`.
expected: a test `test_smal`
actual: `test_small`
at: tests/test_sums.py
next: Rename `test_small` to `test_smal`.",
        ),
    ];
    table("pytest", cases).await;
}

#[tokio::test]
async fn tests_that_do_not_end() {
    let passed = test("TestLarge::test_million[1-2]", "passed", "");
    let reading = "{\"event\": \"collecting\", \"file\": \"tests/test_sums.py\"}\n";
    let cases: Vec<Case> = vec![
        (
            "a test hangs",
            "paths = [\"tests\"]\ntimeout_s = 5",
            printed(Exit::TimedOut, &(passed.clone() + START)),
            "failed: `test_small` did not end within 5 s and was stopped.
expected: every test ends, within 5 s
actual: `test_small` was still running; 1 passed before it
at: tests/test_sums.py:4
next: Look for a loop without an end in what the test calls, or for something it waits for.",
        ),
        ("a module hangs", TESTS, world().any_program(Exit::TimedOut, reading, ""), "failed: pytest did not end within 60 s and was stopped while `tests/test_sums.py` was read.
expected: every test ends, within 60 s
actual: 0 passed before it
at: tests/test_sums.py
next: See that the file does its work in functions: what stands at its top level runs while it is imported."),
        ("the interpreter crashes", TESTS, printed(Exit::Signal(11), START).file("x", ""), "failed: Python was ended by signal 11 (SIGSEGV, an access to memory that is not its own) while `test_small` ran.
expected: every test ends, within 60 s
actual: it printed nothing
at: tests/test_sums.py:4
next: Run this test alone and see what it does last."),
        ("the process is ended", TESTS, printed(Exit::Code(7), &(passed + START)), "failed: Python ended with exit code 7 while `test_small` ran, before pytest could.
expected: every test ends, within 60 s
actual: it printed nothing
at: tests/test_sums.py:4
next: Look for what ends the whole process there, such as os._exit."),
        ("out of memory", "paths = [\"tests\"]\nmemory_mb = 64", printed(Exit::OutOfMemory, START), "failed: The tests wanted more than 64 MiB of memory while `test_small` ran.
expected: every test ends, within 60 s
actual: 0 passed before it
at: tests/test_sums.py:4
next: Look for what the test keeps that it does not need."),
        ("a line is cut", TESTS, printed(Exit::Code(0), "{\"event\": \"test\", \"tes"), "failed: Python ended with exit code 0 between the tests, before pytest could.
expected: every test ends, within 60 s
actual: it printed nothing
at: $ python -m pytest tests
next: Look for what ends the whole process there, such as os._exit."),
    ];
    table("pytest", cases).await;
}
