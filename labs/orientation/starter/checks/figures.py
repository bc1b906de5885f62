"""Judges measurements.json: whether its figures agree with each other. How fast anything was is not judged. Given.

    python checks/figures.py
"""

import json
import statistics
import sys
from datetime import datetime
from pathlib import Path

FILE = "measurements.json"
CHECK = "the figures agree"
# tokens_per_second is told in tenths.
ROUNDED = 0.05


def fail(summary, expected, actual, next_step):
    found = {"status": "failed", "summary": summary, "expected": expected, "actual": actual}
    print(json.dumps({"check": CHECK, **found, "place": {"file": FILE}, "next_step": next_step}))
    sys.exit()


def whole(told):
    for number, run in enumerate(told["runs"]):
        for name in ("first_token_ms", "tokens_per_second", "prompt_tokens", "completion_tokens"):
            value = run.get(name)
            if not isinstance(value, (int, float)) or value <= 0:
                fail(
                    f"`runs[{number}].{name}` is not a figure.",
                    "a number above 0",
                    json.dumps(value),
                    "`measure_once()` returns all four: see its docstring.",
                )


def milliseconds(run, pace):
    """Of the answer, from the call to the last piece of text."""
    return run["first_token_ms"] + (run["completion_tokens"] - 1) / pace * 1000


def medians(told):
    for key, value in told["median"].items():
        median = statistics.median(run[key] for run in told["runs"])
        if value != median:
            fail(
                f"`median.{key}` is not the median of the runs.",
                f"{median}",
                f"{value}",
                "Run `python measure.py` again, and leave its figures as they are.",
            )


def pace(told):
    began, ended = (datetime.fromisoformat(told[name]) for name in ("began", "ended"))
    between = (ended - began).total_seconds() * 1000
    runs = told["runs"]
    shortest = sum(milliseconds(run, run["tokens_per_second"] + ROUNDED) for run in runs)
    longest = sum(milliseconds(run, max(run["tokens_per_second"] - ROUNDED, ROUNDED)) for run in runs)
    asked = "first_token_ms + (completion_tokens - 1) / tokens_per_second of all runs to make up their time"
    if shortest > between:
        fail(
            "By these figures the runs took longer than there was time.",
            asked,
            f"{shortest:.0f} ms by the figures, {between:.0f} ms from began to ended",
            "Divide the tokens after the first by the time from the first piece of text to the last.",
        )
    if longest < between / 2:
        fail(
            "By these figures the runs were over in less than half of the time that they took.",
            asked,
            f"{longest:.0f} ms by the figures, {between:.0f} ms from began to ended",
            "Take the last time from the last piece that has text, then measure again.",
        )


def main():
    told = json.loads(Path(FILE).read_text(encoding="utf-8"))
    whole(told)
    medians(told)
    pace(told)
    print(json.dumps({"check": CHECK, "status": "passed", "summary": "Runs, medians and times agree."}))


if __name__ == "__main__":
    main()
