"""How good a ranking is, by the documents that a golden question names."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence


def documents_of(ranked_rows: Iterable[int], rows: Sequence[Mapping]) -> list[str]:
    """Documents in the order of their best chunk, each of them once."""
    return list(dict.fromkeys(rows[row]["document"] for row in ranked_rows))


def recall(ranked: Sequence[str], relevant: Iterable[str], k: int) -> float:
    """The share of the relevant documents that are among the first `k`."""
    wanted = set(relevant)
    return len(wanted.intersection(ranked[:k])) / len(wanted)


def reciprocal_rank(ranked: Sequence[str], relevant: Iterable[str]) -> float:
    """1 over the rank of the first relevant document; 0 where none was found."""
    wanted = set(relevant)
    for rank, document in enumerate(ranked, start=1):
        if document in wanted:
            return 1 / rank
    return 0.0
