"""What the lab's own checks print: one line of JSON for each thing that was looked at."""

from __future__ import annotations

import json
import sys
from pathlib import Path
from typing import Any

try:
    import tomllib
except ModuleNotFoundError:  # Python 3.10
    import tomli as tomllib


class Failed(Exception):
    """What is wrong, in the words of an outcome."""

    def __init__(self, summary: str, **rest: Any) -> None:
        super().__init__(summary)
        self.outcome = {"summary": summary, **rest}


def read_toml(path: str) -> dict[str, Any]:
    try:
        return tomllib.loads(Path(path).read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise Failed(f"There is no {path}.", actual="no file", next_step=f"Write {path}.") from None
    except tomllib.TOMLDecodeError as fault:
        raise Failed(
            f"{path} is not TOML: {fault}.",
            expected="a TOML file",
            actual=str(fault),
            place={"file": path},
            next_step="Look at the place that the message names.",
        ) from None


def line_of(path: str, text: str) -> dict[str, Any]:
    """The place of the first line of the file that holds `text`."""
    lines = Path(path).read_text(encoding="utf-8").splitlines()
    for number, line in enumerate(lines, start=1):
        if text and text in line:
            return {"file": path, "line": number}
    return {"file": path}


def tell(name: str, look: Any) -> None:
    """Run `look` and print what came of it. It returns a summary and the figures behind it."""
    try:
        summary, measured = look()
    except Failed as failed:
        print(json.dumps({"check": name, "status": "failed", **failed.outcome}))
    else:
        figures = [{"name": key, "value": value, "unit": unit} for key, value, unit in measured]
        print(
            json.dumps({"check": name, "status": "passed", "summary": summary, "measured": figures})
        )
    sys.stdout.flush()
