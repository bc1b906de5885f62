//! What a program does, and why it stopped.

use std::time::Duration;

use checks::{Exit, Ran};
use testkit::memory_probe::MemoryProbe;

use crate::world::table;

#[tokio::test]
async fn command_outcomes() {
    table("command", vec![
        (
            "runs",
            r#"run = ["python", "ask.py"]
stdout = { contains = "hi" }"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "hi\n", ""),
            "passed: `python ask.py` ran as it should, in 50 ms.
measured: time 50 ms",
        ),
        (
            "another exit code is right",
            r#"run = ["python", "ask.py"]
exit = 3"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 3, "", ""),
            "passed: `python ask.py` ran as it should, in 50 ms.
measured: time 50 ms",
        ),
        (
            "no Python",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new(),
            "failed: There is no program `python`.
expected: it ends with exit code 0
actual: no program `python` was found
at: $ python ask.py
next: Start the lab again, so that its Python environment is made.",
        ),
        (
            "no program",
            r#"run = ["uvicorn"]"#,
            MemoryProbe::new(),
            "failed: There is no program `uvicorn`.
expected: it ends with exit code 0
actual: no program `uvicorn` was found
at: $ uvicorn
next: Install it, or check the spelling of its name.",
        ),
        (
            "too slow",
            r#"run = ["python", "ask.py"]
timeout_s = 2"#,
            MemoryProbe::new().ran(&["python", "ask.py"], Ran { exit: Exit::TimedOut, stdout: "waiting\n".to_owned(), stderr: "".to_owned(), cut: false, elapsed: Duration::from_millis(2000) }),
            "failed: `python ask.py` did not end within 2 s and was stopped.
expected: it ends with exit code 0, within 2 s
actual: waiting
at: $ python ask.py
next: Look for a loop without an end, or for something it waits for.",
        ),
        (
            "out of memory",
            r#"run = ["python", "ask.py"]
memory_mb = 64"#,
            MemoryProbe::new().ran(&["python", "ask.py"], Ran { exit: Exit::OutOfMemory, stdout: "".to_owned(), stderr: "".to_owned(), cut: false, elapsed: Duration::from_millis(50) }),
            "failed: `python ask.py` wanted more than 64 MiB of memory.
expected: it ends with exit code 0
actual: it printed nothing
at: $ python ask.py
next: Look for what it keeps that it does not need; read large things piece by piece.",
        ),
        (
            "killed",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().ran(&["python", "ask.py"], Ran { exit: Exit::Signal(9), stdout: "".to_owned(), stderr: "".to_owned(), cut: false, elapsed: Duration::from_millis(50) }),
            "failed: `python ask.py` was ended by signal 9 (SIGKILL, which the system sends when memory runs out).
expected: it ends with exit code 0
actual: it printed nothing
at: $ python ask.py
next: It probably took too much memory: read large things piece by piece.",
        ),
        (
            "an exit code, nothing said",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 1, "", ""),
            "failed: `python ask.py` ended with exit code 1.
expected: it ends with exit code 0
actual: exit code 1
it printed nothing
at: $ python ask.py
next: Run it by hand and see what it does last.",
        ),
        (
            "an exit code and last words",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 2, "", "usage: ask.py QUESTION
"),
            "failed: `python ask.py` ended with exit code 2.
expected: it ends with exit code 0
actual: exit code 2
usage: ask.py QUESTION
at: $ python ask.py
next: Look at its last words.",
        ),
        (
            "should fail but does not",
            r#"run = ["python", "ask.py"]
exit = 1"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "fine\n", ""),
            "failed: `python ask.py` ended with exit code 0.
expected: it ends with exit code 1
actual: exit code 0
at: $ python ask.py
next: It should end with an error here: see that it does not take what is wrong for right.",
        ),
        (
            "a traceback into a workspace file",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 1, "", r#"Traceback (most recent call last):
  File "/home/ada/Groundwork/lab/ask.py", line 12, in <module>
    main()
  File "/home/ada/Groundwork/lab/app/client.py", line 3, in main
    import openai
  File "/home/ada/.venv/lib/python3.11/site-packages/openai/__init__.py", line 9, in <module>
    x
ModuleNotFoundError: No module named 'openai'
"#).file("ask.py", "").file("app/client.py", "").file("client.py", ""),
            r#"failed: Stopped at line 3 of `app/client.py`: ModuleNotFoundError: No module named 'openai'.
expected: it ends with exit code 0
actual: Traceback (most recent call last):
  File "/home/ada/Groundwork/lab/ask.py", line 12, in <module>
    main()
  File "/home/ada/Groundwork/lab/app/client.py", line 3, in main
    import openai
  File "/home/ada/.venv/lib/python3.11/site-packages/openai/__init__.py", line 9, in <module>
    x
ModuleNotFoundError: No module named 'openai'
at: app/client.py:3
next: Check the spelling of the import; the packages you can use are those in the lab's requirements.txt."#,
        ),
        (
            "a traceback into packages only",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 1, "", r#"Traceback (most recent call last):
  File "/home/ada/Groundwork/lab/ask.py", line 12, in <module>
    main()
  File "/home/ada/Groundwork/lab/app/client.py", line 3, in main
    import openai
  File "/home/ada/.venv/lib/python3.11/site-packages/openai/__init__.py", line 9, in <module>
    x
ModuleNotFoundError: No module named 'openai'
"#),
            r#"failed: Stopped at `python ask.py`: ModuleNotFoundError: No module named 'openai'.
expected: it ends with exit code 0
actual: Traceback (most recent call last):
  File "/home/ada/Groundwork/lab/ask.py", line 12, in <module>
    main()
  File "/home/ada/Groundwork/lab/app/client.py", line 3, in main
    import openai
  File "/home/ada/.venv/lib/python3.11/site-packages/openai/__init__.py", line 9, in <module>
    x
ModuleNotFoundError: No module named 'openai'
at: $ python ask.py
next: Check the spelling of the import; the packages you can use are those in the lab's requirements.txt."#,
        ),
        (
            "a syntax error",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 1, "", r#"  File "ask.py", line 4
    print("hi"
         ^
SyntaxError: '(' was never closed
"#).file("ask.py", ""),
            r#"failed: Stopped at line 4 of `ask.py`: SyntaxError: '(' was never closed.
expected: it ends with exit code 0
actual:   File "ask.py", line 4
    print("hi"
         ^
SyntaxError: '(' was never closed
at: ask.py:4
next: Look at this line and the one above for a missing bracket, quotation mark or colon."#,
        ),
        (
            "the last of two tracebacks",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 1, "", r#"Traceback (most recent call last):
  File "ask.py", line 2, in <module>
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "ask.py", line 5, in <module>
    call()
openai.AuthenticationError: Error code: 401 - {'error': {'message': 'no such key'}}
"#).file("ask.py", ""),
            r#"failed: Stopped at line 5 of `ask.py`: openai.AuthenticationError: Error code: 401 - {'error': {'message': 'no such key'}}.
expected: it ends with exit code 0
actual: Traceback (most recent call last):
  File "ask.py", line 2, in <module>
KeyError: 'a'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "ask.py", line 5, in <module>
    call()
openai.AuthenticationError: Error code: 401 - {'error': {'message': 'no such key'}}
at: ask.py:5
next: Use the key in the variable OPENAI_API_KEY, not one typed into the file."#,
        ),
        (
            "a script that is not there",
            r#"run = ["python", "ask.py"]"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 2, "", "python: can't open file '/home/ada/lab/ask.py': [Errno 2] No such file or directory
").file("Ask.py", ""),
            "failed: There is no `ask.py`, but there is `Ask.py`: the name differs in upper and lower case.
expected: a file `ask.py`
actual: `Ask.py`
at: Ask.py
next: Rename `Ask.py` to `ask.py`.",
        ),
        (
            "prints nothing",
            r#"run = ["python", "ask.py"]
stdout = { contains = "hi" }"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "", ""),
            "failed: The standard output of `python ask.py` is empty.
expected: hi
actual: nothing
at: $ python ask.py
next: Print `hi`.",
        ),
        (
            "prints something else",
            r#"run = ["python", "ask.py"]
stdout = { contains = "hello" }"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "what?\n", ""),
            "failed: The standard output of `python ask.py` does not have `hello`.
expected: hello
actual: what?
at: $ python ask.py
next: Print `hello`.",
        ),
        (
            "prints almost that",
            r#"run = ["python", "ask.py"]
stdout = { contains = "Hello" }"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "so\nhello\n", ""),
            "failed: The standard output of `python ask.py` comes close in line 2, but differs in upper and lower case.
expected: Hello
actual: hello
at: $ python ask.py
next: Compare the line with what is expected, letter by letter.",
        ),
        (
            "prints it to the other stream",
            r#"run = ["python", "ask.py"]
stdout = { contains = "hello" }"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "", "hello
"),
            "failed: The standard output of `python ask.py` is empty.
expected: hello
actual: it was printed to standard error
at: $ python ask.py
next: Print it to standard output instead.",
        ),
        (
            "warns where it should not",
            r#"run = ["python", "ask.py"]
stderr = { lacks = "Warning" }"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "", "x.py:1: DeprecationWarning: old
"),
            "failed: The standard error of `python ask.py` has `Warning`, which must not be there.
expected: no text that matches `Warning`
actual: x.py:1: DeprecationWarning: old
at: $ python ask.py
next: See to it that line 1 is free of it.",
        ),
        (
            "output was cut",
            r#"run = ["python", "ask.py"]
stdout = { contains = "hello" }"#,
            MemoryProbe::new().ran(&["python", "ask.py"], Ran { exit: Exit::Code(0), stdout: "a\n".to_owned(), stderr: "".to_owned(), cut: true, elapsed: Duration::from_millis(50) }),
            "failed: The standard output of `python ask.py` does not have `hello`.
expected: hello
actual: a
(the output was longer than what is kept)
at: $ python ask.py
next: Print `hello`.",
        ),
        (
            "takes too long",
            r#"run = ["python", "ask.py"]
under_ms = 20"#,
            MemoryProbe::new().prints(&["python", "ask.py"], 0, "", ""),
            "failed: `python ask.py` took too long.
expected: at most 20 ms
actual: 50 ms
at: $ python ask.py
next: Measure which part of it takes the time.",
        ),
        (
            "arguments with blanks",
            r#"run = ["python", "ask.py", "Why now?"]
stdout = { matches = "\\d" }"#,
            MemoryProbe::new().prints(&["python", "ask.py", "Why now?"], 0, "none", ""),
            r#"failed: The standard output of `python ask.py 'Why now?'` does not have text that matches `\d`.
expected: text that matches `\d`
actual: none
at: $ python ask.py 'Why now?'
next: Print text that matches `\d`."#,
        ),
    ])
    .await;
}
