"""measurements.json is what samples.jsonl and desk.log say, and was made with the code of now."""

import json
import statistics
import time
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from conftest import cases, request_of
from fastapi.testclient import TestClient

from measure import ROUNDS, SIZES_KIB, TRIES, WORST, problem_of, refused

FOLDER = Path(__file__).resolve().parent.parent
AGAIN = "run `python measure.py` again"
# Another machine, or one that is busy with something else, is not so many times faster or slower.
FACTOR = 30


def text_of(name: str) -> str:
    assert (FOLDER / name).exists(), f"there is no {name}: run `python measure.py`"
    return (FOLDER / name).read_text(encoding="utf-8")


def told() -> dict[str, Any]:
    return json.loads(text_of("measurements.json"))


@pytest.fixture(scope="module")
def samples() -> list[dict[str, Any]]:
    return [json.loads(line) for line in text_of("samples.jsonl").splitlines()]


@pytest.fixture(scope="module")
def answers(samples: list[dict[str, Any]]) -> list[dict[str, Any]]:
    return [row for row in samples if "case" in row]


@pytest.fixture(scope="module")
def tries(samples: list[dict[str, Any]]) -> dict[tuple[str, int], list[float]]:
    return {(row["body"], row["kib"]): row["tries_ms"] for row in samples if "body" in row}


def test_every_case_was_sent_three_times(answers: list[dict[str, Any]]) -> None:
    sent = Counter(answer["case"] for answer in answers)
    for case in cases():
        times = sent[case["name"]]
        assert times == ROUNDS, f"{case['name']} was sent {times} times, not {ROUNDS}: {AGAIN}"


def test_answers_are_those_of_the_samples(answers: list[dict[str, Any]]) -> None:
    there = told().get("answers", {})
    for kind in {answer["problem"] for answer in answers} | set(there) - {"internal-error"}:
        times = [answer["ms"] for answer in answers if answer["problem"] == kind]
        right = {"answers": len(times), "median_ms": round(statistics.median(times or [0]), 2)}
        assert there.get(kind) == right, (
            f"{kind}: {there.get(kind)}, and by the samples {right}: {AGAIN}"
        )


def test_no_body_made_a_500(answers: list[dict[str, Any]]) -> None:
    bad = sorted({answer["case"] for answer in answers if answer["problem"] == "internal-error"})
    assert not bad, f"{', '.join(bad)}: internal-error when this was measured"


def test_it_was_measured_with_the_code_of_now(
    desk: TestClient, answers: list[dict[str, Any]]
) -> None:
    for case in cases():
        now = [problem_of(desk.post("/incidents", **request_of(case))) for _ in range(ROUNDS)]
        then = [answer["problem"] for answer in answers if answer["case"] == case["name"]]
        assert then == now, f"{case['name']}: {then} when measured, {now} now: {AGAIN}"


def test_the_log_knows_every_invalid_body(answers: list[dict[str, Any]]) -> None:
    log, begin = text_of("desk.log"), 0
    for answer in answers:
        if answer["problem"] == "validation":
            at = log.find(str(answer["id"]), begin)
            assert at >= 0, f"desk.log does not have {answer['id']} in its turn: {AGAIN}"
            begin = at


@pytest.mark.parametrize("body", WORST)
def test_held_is_the_best_of_three(tries: dict[tuple[str, int], list[float]], body: str) -> None:
    there = told().get("event_loop_held_ms", {}).get(body, {})
    for kib in SIZES_KIB:
        made = tries.get((body, kib), [])
        assert len(made) == TRIES, f"{body} of {kib} KiB: {len(made)} tries, not {TRIES}: {AGAIN}"
        held, right = there.get(f"kib_{kib}"), min(made)
        assert held == right, f"{body} of {kib} KiB: {held}, and by the samples {right}: {AGAIN}"


def test_slowest_is_the_slowest_body(tries: dict[tuple[str, int], list[float]]) -> None:
    there = told().get("slowest_ms", {})
    for kib in SIZES_KIB:
        right = max(min(made) for (_, size), made in tries.items() if size == kib)
        slowest = there.get(f"kib_{kib}")
        assert slowest == right, (
            f"slowest of {kib} KiB: {slowest}, and by the samples {right}: {AGAIN}"
        )


def test_held_is_about_the_work_of_now(tries: dict[tuple[str, int], list[float]]) -> None:
    body, kib = "many_keys", 1024
    made = WORST[body](kib * 1024)
    # The processor's time: what else runs does not count.
    began = time.process_time()
    refused(made)
    now = (time.process_time() - began) * 1000
    then = min(tries[body, kib])
    assert now / FACTOR < then < now * FACTOR, (
        f"{body} of {kib} KiB: {then} ms when measured, and about {now:.0f} ms of work now: {AGAIN}"
    )
