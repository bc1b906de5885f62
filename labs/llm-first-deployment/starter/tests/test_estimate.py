"""estimate.json, as count.py writes it, is about these notes, this tokenizer and today's
estimate."""

import json
from pathlib import Path

import pytest

from accounting import BYTES_PER_TOKEN, estimate_tokens
from digest import prompt

HERE = Path(__file__).resolve().parent
COUNTED = json.loads((HERE / "counted.json").read_text(encoding="utf-8"))
AGAIN = "run `python count.py` again"


@pytest.fixture(scope="module")
def written():
    file = HERE.parent / "estimate.json"
    assert file.exists(), "estimate.json is not there: `python count.py` writes it"
    return json.loads(file.read_text(encoding="utf-8"))


def test_it_was_made_with_the_constant_of_now(written):
    there = written["bytes_per_token"]
    assert there == BYTES_PER_TOKEN, f"it was made with {there} bytes a token: {AGAIN}"


def test_it_has_the_tokenizers_counts(written):
    there = {row["note"]: row["counted"] for row in written["notes"]}
    assert there == COUNTED, f"its counts are not those of the tokenizer: {AGAIN}"


def test_it_has_your_estimates(written):
    for row in written["notes"]:
        note = HERE.parent.joinpath("notes", row["note"]).read_text(encoding="utf-8")
        mine = estimate_tokens(prompt(note))
        assert row["estimate"] == mine, f"{row['note']} has {mine} tokens by now: {AGAIN}"
        ratio = round(mine / row["counted"], 2)
        assert row["ratio"] == ratio, f"the ratio of {row['note']} is {ratio}: {AGAIN}"


def test_its_bounds_are_those_of_its_rows(written):
    ratios = [row["ratio"] for row in written["notes"]]
    assert (written["lowest_ratio"], written["highest_ratio"]) == (min(ratios), max(ratios)), AGAIN
    assert min(ratios) >= 1, f"a note was taken for less than it is: {min(ratios)}"
    assert max(ratios) <= 4, f"a note was taken for {max(ratios)} times what it is"
