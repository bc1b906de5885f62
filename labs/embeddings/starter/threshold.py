"""What a threshold on similarity keeps, and where it would have to be."""

from __future__ import annotations

from collections.abc import Sequence


def kept(scores: Sequence[float], threshold: float) -> float:
    """The share of the scores that reach the threshold."""
    # Yours.
    raise NotImplementedError("threshold.py: nothing is counted yet")


def separating(wanted: Sequence[float], unwanted: Sequence[float]) -> float:
    """The threshold that keeps most of `wanted` less what it keeps of `unwanted`, the lowest such
    one. Only scores that occur can be it.
    """
    # Yours. There are a few thousand scores at most, so trying each of them is quick enough.
    raise NotImplementedError("threshold.py: nothing is separated yet")
