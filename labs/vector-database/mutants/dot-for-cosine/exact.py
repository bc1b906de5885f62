"""The truth that an index is measured against: every vector compared, nothing approximated."""

from __future__ import annotations

from collections.abc import Collection

import numpy as np


def exact(
    vectors: np.ndarray, query: np.ndarray, k: int, passing: np.ndarray | None = None
) -> list[int]:
    """Rows of the `k` vectors with the greatest cosine to `query`, the greatest first.

    `passing` is a boolean for each row: others are left out. Where fewer than `k` pass, those.
    """
    scores = vectors @ query
    rows = np.arange(len(vectors)) if passing is None else np.flatnonzero(passing)
    return rows[np.argsort(-scores[rows], kind="stable")][:k].tolist()


def recall(found: Collection[str], truth: Collection[str]) -> float:
    """The share of `truth` that was found. 1.0 where there is nothing to find."""
    return len(set(found) & set(truth)) / len(truth) if truth else 1.0
