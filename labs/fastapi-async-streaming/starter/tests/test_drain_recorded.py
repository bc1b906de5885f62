"""drain.json is what drain-samples.json says, and the desk's own log agrees with it."""

import json
from collections import Counter
from pathlib import Path
from typing import Any

import pytest

from drain import FILE, PATH, PATIENCE_S, SAMPLES, TOKENS, figures, outcomes

AGAIN = "run `python drain.py` again"
# Fourteen gaps of a tenth of a second lie between the first and the last token of a short stream.
SHORTEST_S = 1.3
both = pytest.mark.parametrize("server", ["plain", "yours"])


def of(file: Path, server: str) -> Any:
    there = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    assert server in there, f"{file} has no `{server}`: {AGAIN}"
    return there[server]


@both
def test_figures(server: str) -> None:
    told, right = of(FILE, server), figures(of(SAMPLES, server))
    for name, value in right.items():
        assert name in told and told[name] == value, (
            f"{server}: {name} is {told.get(name)}, and {value} by the samples: {AGAIN}"
        )


@both
def test_the_desk_logged_it(server: str) -> None:
    seen = of(SAMPLES, server)
    for what, callers in (
        (f"POST {PATH}", [*seen["streams"], *seen["late"]]),
        ("GET /ready", seen["ready"]),
    ):
        got = Counter(caller["status"] for caller in callers if caller["status"] is not None)
        log = Counter(row["status"] for row in seen["desk"] if row["what"] == what)
        assert got == log, f"{server}: {what} got {dict(got)}, and the desk's log has {dict(log)}"


@both
def test_times(server: str) -> None:
    seen = of(SAMPLES, server)
    assert len(seen["streams"]) == len(TOKENS), f"{server}: {len(seen['streams'])} streams: {AGAIN}"
    for stream in seen["streams"]:
        seconds = stream["ended_s"] - stream["began_s"]
        assert stream["end"] != "finished" or seconds > SHORTEST_S, (
            f"{server}: a stream finished in {seconds:.2f} s, which takes longer: {AGAIN}"
        )
    ended, killed = seen["process"]["ended_s"], seen["process"]["killed"]
    # Waiting and looking at the time are two clocks.
    assert killed == (ended > PATIENCE_S - 0.1), (
        f"{server}: killed is {killed} after {ended} s, with {PATIENCE_S} s of patience: {AGAIN}"
    )


def test_plain_loses_callers() -> None:
    assert of(FILE, "plain")["late_lost"] >= 1, f"plain: no late caller was lost: {AGAIN}"


def test_yours_ends_well() -> None:
    told = of(FILE, "yours")
    for found in outcomes(told):
        assert found["status"] == "passed", f"yours: {found.get('actual')}"
    assert told["late_refused"] >= 1, f"yours: late_refused is {told['late_refused']}"
