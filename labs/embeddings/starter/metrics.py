"""How good a ranking is, by the documents that a golden question names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def documents_of(ranked_rows: Iterable[int], rows: Sequence[Mapping]) -> list[str]:
    """Documents in the order of their best chunk, each of them once."""
    # Yours.
    raise NotImplementedError("metrics.py: no ranking of documents yet")


def recall(ranked: Sequence[str], relevant: Iterable[str], k: int) -> float:
    """The share of the relevant documents that are among the first `k`."""
    # Yours.
    raise NotImplementedError("metrics.py: no recall yet")


def reciprocal_rank(ranked: Sequence[str], relevant: Iterable[str]) -> float:
    """1 over the rank of the first relevant document; 0 where none was found."""
    # Yours.
    raise NotImplementedError("metrics.py: no reciprocal rank yet")
