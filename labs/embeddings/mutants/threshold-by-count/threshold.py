"""What a threshold on similarity keeps, and where it would have to be."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np


def kept(scores: Sequence[float], threshold: float) -> float:
    """The share of the scores that reach the threshold."""
    return float(np.mean(np.asarray(scores) >= threshold))


def separating(wanted: Sequence[float], unwanted: Sequence[float]) -> float:
    """The threshold that keeps most of `wanted` less what it keeps of `unwanted`, the lowest such
    one. Only scores that occur can be it.
    """
    candidates = sorted({*wanted, *unwanted})
    return max(
        candidates,
        key=lambda at: kept(wanted, at) * len(wanted) - kept(unwanted, at) * len(unwanted),
    )
