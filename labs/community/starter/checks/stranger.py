"""Does with a post what a stranger does: takes the code out, runs it in an empty folder, compares.

    python checks/stranger.py posts/question-1.md

The first block of Python is the program and the first block marked `text` after it is what it
prints. The program gets this lab's Python, an empty folder, and none of your variables. Lines have
to be the same, but for numbers with a decimal point, which may be three times as large or small:
machines differ.
"""

from __future__ import annotations

import ast
import os
import re
import subprocess
import sys
import tempfile
from importlib import metadata
from pathlib import Path
from typing import Any

from outcome import Failed, tell

LONGEST = 40
FENCE = re.compile(r"^```(\w*)[^\n]*\n(.*?)^```", re.MULTILINE | re.DOTALL)
DECIMAL = re.compile(r"\d+\.\d+")


def blocks(path: str, text: str) -> tuple[str, str, int]:
    """The program, what the post says that it prints, and the line on which the program begins."""
    program = claimed = ""
    line = 0
    for found in FENCE.finditer(text):
        language, body = found.groups()
        if not program and language == "python":
            program, line = body, text.count("\n", 0, found.start()) + 2
        elif program and not claimed and language in ("text", "console", "output"):
            claimed = body
    for what, body in (
        ("a block marked `python`", program),
        ("a block marked `text` after it", claimed),
    ):
        if not body.strip():
            raise Failed(
                f"{path} has no {what.removeprefix('a ')} with something in it.",
                expected=what,
                actual="none, or an empty one",
                place={"file": path},
                next_step=(
                    "Put in the program that shows it, and below it what the program printed."
                ),
            )
    return program, claimed, line


def packages(path: str, program: str, line: int) -> set[str]:
    """The installed packages that the program imports."""
    try:
        tree = ast.parse(program)
    except SyntaxError as fault:
        raise Failed(
            f"The program in {path} is not Python: {fault.msg}.",
            expected="a program that runs as it stands",
            actual=f"{fault.msg} in its line {fault.lineno}",
            place={"file": path, "line": line + (fault.lineno or 1) - 1},
            next_step="No dots for what was left out: who copies it gets this error.",
        ) from None
    names: set[str] = set()
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            names.add(node.module.split(".")[0])
    owners = metadata.packages_distributions()
    return {owners[name][0] for name in names if name in owners}


def run(path: str, program: str, line: int) -> str:
    """What the program prints in an empty folder, without the variables of this workspace."""
    kept = {
        name: os.environ[name]
        for name in ("PATH", "SYSTEMROOT", "TEMP", "TMP", "LANG")
        if name in os.environ
    }
    with tempfile.TemporaryDirectory() as folder:
        try:
            ran = subprocess.run(
                [sys.executable, "-I", "-X", "utf8", "-c", program],
                cwd=folder,
                env={**kept, "HOME": folder, "USERPROFILE": folder},
                capture_output=True,
                encoding="utf-8",
                errors="replace",
                timeout=150,
            )
        except subprocess.TimeoutExpired:
            raise Failed(
                f"The program in {path} did not end within 150 s.",
                expected="an end within 150 s",
                actual="still running",
                place={"file": path, "line": line},
                next_step="Nobody waits longer for a stranger's question. Make the case smaller.",
            ) from None
    if ran.returncode != 0:
        last = (ran.stderr.strip().splitlines() or ["nothing on standard error"])[-1]
        raise Failed(
            f"The program in {path} ends with exit code {ran.returncode} where "
            f"nothing of yours is around it.",
            expected="exit code 0: catch the error that you are asking about, and print it",
            actual=last,
            place={"file": path, "line": line},
            next_step=(
                "It runs in an empty folder without your variables. Put what it needs into it."
            ),
        )
    return ran.stdout


def alike(claimed: str, printed: str) -> bool:
    if DECIMAL.sub("#", claimed) != DECIMAL.sub("#", printed):
        return False
    here, there = (map(float, DECIMAL.findall(text)) for text in (claimed, printed))
    return all(
        max(pair) <= 3 * min(pair) or max(pair) < 0.1 for pair in zip(here, there, strict=True)
    )


def stranger(path: str) -> tuple[str, list[tuple[str, Any, str]]]:
    text = Path(path).read_text(encoding="utf-8")
    program, claimed, line = blocks(path, text)
    length = len([row for row in program.splitlines() if row.strip()])
    if length > LONGEST:
        raise Failed(
            f"The program in {path} has {length} lines.",
            expected=f"at most {LONGEST} lines that are not blank",
            actual=f"{length} lines",
            place={"file": path, "line": line},
            next_step=(
                "Take something out and run it again. As long as it still shows the same, go on."
            ),
        )
    used = packages(path, program, line)
    # A title is for finding the thread; the versions have a place of their own.
    outside_code = re.sub(r"(?m)^#.*$", "", FENCE.sub("", text))
    for package in sorted(used):
        version = metadata.version(package)
        if not re.search(rf"(?<![\d.]){re.escape(version)}(?![\d.]*\d)", outside_code):
            raise Failed(
                f"{path} does not name the version of {package} that its program ran with.",
                expected=f"{package} {version}",
                actual=f"no {version} outside of the code",
                place={"file": path},
                next_step=(
                    f"Name what `python -c 'import {package}'` loads here, not what you remember."
                ),
            )
    printed = [" ".join(row.split()) for row in run(path, program, line).splitlines()]
    wanted = [" ".join(row.split()) for row in claimed.splitlines() if row.strip()]
    for row in wanted:
        if not any(alike(row, other) for other in printed):
            raise Failed(
                f"The program in {path} does not print what the post says.",
                expected=row,
                actual=" / ".join(printed)[:400] or "nothing",
                place={"file": path, "line": line},
                next_step=(
                    "Paste what it printed. If it prints something else each time, "
                    "print what stays the same."
                ),
            )
    return (
        f"A stranger can run {path}: {length} lines, and {len(wanted)} lines printed as it says.",
        [
            ("lines of the program", length, "lines"),
            ("lines that came out the same", len(wanted), "lines"),
        ],
    )


if __name__ == "__main__":
    tell("stranger", lambda: stranger(sys.argv[1]))
