"""Exact search by cosine, and what recall is."""

import numpy as np
import pytest

from exact import exact, recall

VECTORS = np.array([[10.0, 10.0], [1.0, 0.0], [0.2, 0.01], [0.0, 3.0]], dtype=np.float32)
EAST = np.array([2.0, 0.0], dtype=np.float32)


def test_the_angle_counts_and_not_the_length():
    """By inner product the long vector would win."""
    assert exact(VECTORS, EAST, 3) == [1, 2, 0]


def test_only_what_passes():
    assert exact(VECTORS, EAST, 2, np.array([True, False, False, True])) == [0, 3]
    assert exact(VECTORS, EAST, 3, np.array([False, False, False, True])) == [3]
    assert exact(VECTORS, EAST, 3, np.zeros(4, dtype=bool)) == []


def test_against_a_loop():
    draw = np.random.default_rng(7)
    vectors, query = draw.normal(size=(200, 16)), draw.normal(size=16)
    cosine = [v @ query / np.linalg.norm(v) / np.linalg.norm(query) for v in vectors]
    assert exact(vectors, query, 10) == sorted(range(200), key=lambda i: -cosine[i])[:10]


@pytest.mark.parametrize(
    ("found", "truth", "share"),
    [
        ("abc", "abc", 1.0),
        ("cba", "abc", 1.0),
        ("a", "abcd", 0.25),
        ("abx", "abcd", 0.5),
        ("", "ab", 0.0),
    ],
)
def test_recall_is_a_share_of_the_truth(found, truth, share):
    assert recall(list(found), list(truth)) == pytest.approx(share)


def test_nothing_to_find_is_found():
    assert recall([], []) == 1.0
    assert recall(["x"], []) == 1.0
