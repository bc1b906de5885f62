"""latency.json is what latency-samples.json says, and the desk's own log agrees with it."""

import json
from pathlib import Path
from typing import Any

import pytest

from latency import FILE, REQUESTS, SAMPLES, Span, figures

AGAIN = "run `python latency.py {}` again"
# Two processes read one clock, which some systems turn on in steps of 16 ms.
CLOCK_MS = 20.0
both = pytest.mark.parametrize("side", ["before", "after"])


def of(file: Path, side: str) -> Any:
    there = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    assert side in there, f"{file} has no `{side}`: run `python latency.py {side}`"
    return there[side]


def most_at_once(spans: list[Span]) -> int:
    # Where one ends when another begins, the end comes first.
    steps = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    under_way = most = 0
    for _, step in steps:
        under_way += step
        most = max(most, under_way)
    return most


@both
def test_figures(side: str) -> None:
    told, right = of(FILE, side), figures(of(SAMPLES, side))
    for name, value in right.items():
        assert told.get(name) == value, (
            f"{side}: {name} is {told.get(name)}, and {value} by the samples: {AGAIN.format(side)}"
        )


@both
def test_the_desk_logged_it(side: str) -> None:
    spans = of(SAMPLES, side)
    for name, what in (("incidents", "callers"), ("archive", "calls of the archive in the log")):
        seen = len(spans[name])
        assert seen == REQUESTS, f"{side}: {seen} {what}, not {REQUESTS}: {AGAIN.format(side)}"
    # The k-th call cannot have begun before k callers asked, nor k callers have their answers
    # before k calls ended.
    for which, sign in ((0, 1), (1, -1)):
        asked, worked = (sorted(span[which] for span in spans[n]) for n in ("incidents", "archive"))
        for caller, call in zip(asked, worked, strict=True):
            assert sign * (call - caller) > -CLOCK_MS, (
                f"{side}: a caller at {caller} ms, and the desk's log has {call} ms"
            )


def test_before_blocks() -> None:
    most = most_at_once(of(SAMPLES, "before")["archive"])
    assert most == 1, f"before: {most} calls of the archive at once, and one blocks the loop"


def test_after_does_not() -> None:
    most = most_at_once(of(SAMPLES, "after")["archive"])
    assert most > 1, "after: the calls of the archive came one after the other"
