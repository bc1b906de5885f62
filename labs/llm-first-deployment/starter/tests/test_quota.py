"""quota.json and quota-tokens.json, as burst.py writes them: their figures follow from their
attempts, and in the second it was the tokens that ran out."""

import json
from datetime import datetime
from pathlib import Path

import pytest

HERE = Path(__file__).resolve().parent.parent
BURST = "`python burst.py --calls 6 --answer 2000 --write quota-tokens.json` writes it"
ANEW = "run burst.py again, and leave the file as it writes it"


def read(name):
    file = HERE / name
    assert file.exists(), f"{name} is not there: {BURST}"
    return json.loads(file.read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ["quota.json", "quota-tokens.json"])
def test_its_figures_follow_from_its_attempts(name):
    told = read(name)
    wire = told["wire"]
    refused = [attempt for attempt in wire if attempt["status"] == 429]
    of_wire = {
        "attempts": len(wire),
        "answered": sum(attempt["status"] == 200 for attempt in wire),
        "refused": len(refused),
        "longest_retry_after_ms": max((one["retry_after_ms"] or 0 for one in refused), default=0),
    }
    in_file = {figure: told[figure] for figure in of_wire}
    assert in_file == of_wire, f"{name} contradicts its own attempts: {ANEW}"


@pytest.mark.parametrize("name", ["quota.json", "quota-tokens.json"])
def test_its_attempts_fit_into_its_time(name):
    told = read(name)
    began, ended = (datetime.fromisoformat(told[end]) for end in ("began", "ended"))
    lasted = (ended - began).total_seconds()
    # Two clocks: the one of the day may be set meanwhile.
    assert told["seconds"] <= 1.1 * lasted + 1, f"{name} began and ended at other times: {ANEW}"
    assert max(attempt["at_s"] for attempt in told["wire"]) <= told["seconds"] + 0.1, ANEW


def test_the_second_file_is_of_a_run_of_its_own():
    first, second = read("quota.json"), read("quota-tokens.json")
    assert first["began"] != second["began"], f"one run stands in both files: {BURST}"
    limit = second["answer_tokens"]
    assert limit >= 1000, f"its answers were limited to {limit} tokens: {BURST}"


def test_its_tokens_ran_out_and_not_its_requests():
    told = read("quota-tokens.json")
    refused = [attempt for attempt in told["wire"] if attempt["status"] == 429]
    for_tokens = [
        attempt
        for attempt in refused
        if int(attempt["remaining_requests"] or 0) > 0
        and int(attempt["remaining_tokens"] or 0) < told["answer_tokens"]
    ]
    assert for_tokens, f"of {len(refused)} refusals none was for tokens: {BURST}"
