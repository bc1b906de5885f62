"""What score.py has to count, on cases small enough to count by hand."""

from __future__ import annotations

import pytest

from corpus import Span
from score import Counts, count, wilson


def spans(*parts: tuple[int, int, str]) -> list[Span]:
    return [Span(start, end, kind, "x" * (end - start)) for start, end, kind in parts]


LABELS = spans((0, 11, "person"), (20, 26, "person"), (40, 55, "phone"))


def test_exact_wants_both_ends_and_the_kind() -> None:
    found = spans((0, 4, "person"), (20, 26, "person"), (40, 55, "account"))
    assert count(found, LABELS, "exact") == Counts(1, 2, 2)


def test_overlap_wants_one_shared_character_and_the_kind() -> None:
    found = spans((0, 4, "person"), (25, 30, "person"), (40, 55, "account"))
    assert count(found, LABELS, "overlap") == Counts(2, 1, 1)


def test_touching_is_not_overlapping() -> None:
    assert count(spans((11, 20, "person")), LABELS, "overlap") == Counts(0, 1, 3)


def test_one_span_over_everything_finds_one_thing() -> None:
    assert count(spans((0, 60, "person")), LABELS, "overlap") == Counts(1, 0, 2)


def test_one_label_is_found_once() -> None:
    found = spans((0, 4, "person"), (5, 11, "person"))
    assert count(found, LABELS, "overlap") == Counts(1, 1, 2)


def test_counts_add_up() -> None:
    assert Counts(1, 2, 3) + Counts(10, 20, 30) == Counts(11, 22, 33)


def test_shares() -> None:
    counts = Counts(true_positives=6, false_positives=2, false_negatives=4)
    assert counts.precision == pytest.approx(0.75)
    assert counts.recall == pytest.approx(0.6)
    assert counts.f1 == pytest.approx(12 / 18)


def test_no_share_of_nothing() -> None:
    assert Counts(0, 0, 4).precision is None
    assert Counts(0, 4, 0).recall is None
    assert Counts(0, 0, 4).recall == 0
    assert Counts().f1 is None


@pytest.mark.parametrize(
    ("hits", "of", "low", "high"),
    [
        (4, 4, 0.5101, 1.0),
        (0, 10, 0.0, 0.2775),
        (347, 376, 0.8914, 0.9458),
        (8, 10, 0.4902, 0.9433),
    ],
)
def test_wilson(hits: int, of: int, low: float, high: float) -> None:
    interval = wilson(hits, of)
    assert interval is not None
    assert interval == pytest.approx((low, high), abs=0.0005)


def test_wilson_of_nothing() -> None:
    assert wilson(0, 0) is None
