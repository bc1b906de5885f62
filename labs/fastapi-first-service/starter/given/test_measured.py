"""measurements.json is what samples.jsonl says, and the archive's own log agrees with it."""

import json
import math
from pathlib import Path
from typing import Any

import pytest

FOLDER = Path(__file__).resolve().parent.parent
AGAIN = "run `python measure.py` again"
SERVICES = ("async_blocking", "live_in_thread", "yours")
LOADS = [(service, at_once) for service in SERVICES for at_once in (40, 120)]
# Two processes read one clock, which some systems turn on in steps of 16 ms.
CLOCK_MS = 20.0

Spans = list[tuple[float, float]]
Samples = dict[tuple[str, int], dict[str, Spans]]


def text_of(name: str) -> str:
    assert (FOLDER / name).exists(), f"there is no {name}: run `python measure.py`"
    return (FOLDER / name).read_text(encoding="utf-8")


def told() -> dict[str, Any]:
    return json.loads(text_of("measurements.json"))


@pytest.fixture(scope="module")
def samples() -> Samples:
    rows = map(json.loads, text_of("samples.jsonl").splitlines())
    return {(row["service"], row["at_once"]): row for row in rows}


def most_at_once(spans: Spans) -> int:
    # Where one ends when another begins, the end comes first.
    steps = sorted([(began, 1) for began, _ in spans] + [(ended, -1) for _, ended in spans])
    under_way = most = 0
    for _, step in steps:
        under_way += step
        most = max(most, under_way)
    return most


def rank(spans: Spans, percent: int) -> float:
    """The percentile by nearest rank."""
    times = sorted(ended - began for began, ended in spans)
    return round(times[math.ceil(percent / 100 * len(times)) - 1], 1)


@pytest.mark.parametrize(("service", "at_once"), LOADS)
def test_whole(samples: Samples, service: str, at_once: int) -> None:
    load = samples.get((service, at_once), {})
    for kind, what in (("documents", "callers"), ("archive", "calls in the archive's log")):
        seen = len(load.get(kind, []))
        assert seen == at_once, f"{service} at {at_once}: {seen} {what}, not {at_once}: {AGAIN}"
    assert load["live"], f"{service} at {at_once}: liveness was never probed"


@pytest.mark.parametrize(("service", "at_once"), LOADS)
def test_figures(samples: Samples, service: str, at_once: int) -> None:
    documents, live = (samples[service, at_once][kind] for kind in ("documents", "live"))
    right = {
        "p50_ms": rank(documents, 50),
        "p95_ms": rank(documents, 95),
        "live_max_ms": rank(live, 100),
    }
    there = told().get("services", {}).get(service, {}).get(f"at_{at_once}", {})
    for name, value in right.items():
        assert there.get(name) == value, (
            f"{service} at {at_once}: {name} is {there.get(name)}, "
            f"and {value} by the samples: {AGAIN}"
        )


@pytest.mark.parametrize(("service", "at_once"), LOADS)
def test_archive(samples: Samples, service: str, at_once: int) -> None:
    callers, calls = (samples[service, at_once][kind] for kind in ("documents", "archive"))
    shortest = min(ended - began for began, ended in calls)
    delay = told()["blocking_call_ms"]
    assert shortest > delay - CLOCK_MS, f"a call of {shortest} ms, and the archive takes {delay} ms"
    # The k-th call cannot have begun before k callers asked, nor k callers have their answers
    # before k calls ended.
    for which, sign in ((0, 1), (1, -1)):
        asked, worked = (sorted(span[which] for span in spans) for spans in (callers, calls))
        for caller, call in zip(asked, worked, strict=True):
            assert sign * (call - caller) > -CLOCK_MS, (
                f"{service} at {at_once}: a caller at {caller} ms, "
                f"and the archive's log has {call} ms"
            )


@pytest.mark.parametrize(("service", "at_once"), LOADS)
def test_overlap(samples: Samples, service: str, at_once: int) -> None:
    most = most_at_once(samples[service, at_once]["archive"])
    if service == "async_blocking":
        assert most == 1, f"{service} at {at_once}: {most} calls at once on one event loop"
    else:
        assert most > 1, f"{service} at {at_once}: the archive's calls came one after the other"


def test_ratios() -> None:
    there = told()
    services = there["services"]
    for name, load, figure, other in (
        ("p95_of_yours_to_async_blocking", "at_40", "p95_ms", "async_blocking"),
        ("liveness_of_yours_to_live_in_thread", "at_120", "live_max_ms", "live_in_thread"),
    ):
        right = round(services["yours"][load][figure] / services[other][load][figure], 3)
        assert there[name] == right, f"{name} is {there[name]}, and {right} by the figures: {AGAIN}"
