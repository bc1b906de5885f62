"""How the scripts of the checks speak: one line of JSON for each thing that they looked at."""

from __future__ import annotations

import contextlib
import io
import json
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

HERE = Path(__file__).resolve().parent.parent


class Wrong(Exception):
    def __init__(self, summary: str, expected: str, actual: str, next_step: str, file: str) -> None:
        super().__init__(summary)
        self.fields = {
            "summary": summary,
            "expected": expected,
            "actual": actual,
            "next_step": next_step,
            "place": {"file": file},
        }


def measured(name: str, value: float, unit: str = "") -> dict[str, Any]:
    return {"name": name, "value": round(value, 4), "unit": unit}


def say(check: str, look: Callable[[], tuple[str, list[dict[str, Any]]]]) -> None:
    """Runs one look and prints its outcome, and nothing that the learner's code prints."""
    line: dict[str, Any] = {"check": check}
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            summary, figures = look()
        line |= {"status": "passed", "summary": summary, "measured": figures}
    except Wrong as wrong:
        line |= {"status": "failed", **wrong.fields}
    except (Exception, SystemExit) as error:
        line |= {"status": "failed", **crash(error)}
    print(json.dumps(line, ensure_ascii=False))


def crash(error: BaseException) -> dict[str, Any]:
    frames = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if Path(frame.filename).parent == HERE and frame.name != "<module>"
    ]
    place = (
        {"file": Path(frames[-1].filename).name, "line": frames[-1].lineno}
        if frames
        else {"file": "scan.py"}
    )
    return {
        "summary": f"{place['file']} raised {type(error).__name__}.",
        "expected": "no exception",
        "actual": f"{type(error).__name__}: {error}",
        "next_step": "Run the step's command in a terminal: the traceback says where.",
        "place": place,
    }
