"""What is true of one part of the archive, counted by the checks whatever score.py says."""

from __future__ import annotations

from functools import lru_cache

from corpus import Span, read_document, read_labels

Figures = tuple[int, int, int]  # true positives, false positives, false negatives


def compare(found: list[Span], labels: list[Span], mode: str) -> Figures:
    free, hits = sorted(found), 0
    for label in sorted(labels):
        for span in free:
            if mode == "exact":
                same = (span.start, span.end) == (label.start, label.end)
            else:
                same = span.start < label.end and label.start < span.end
            if same and span.kind == label.kind:
                free.remove(span)
                hits += 1
                break
    return hits, len(found) - hits, len(labels) - hits


@lru_cache(maxsize=2)
def scanned(part: str) -> dict[str, list[Span]]:
    from scan import scan

    return {name: list(scan(read_document(name))) for name in read_labels(part)}


def figures(part: str, kind: str, mode: str) -> Figures:
    totals = [0, 0, 0]
    found = scanned(part)
    for name, labels in read_labels(part).items():
        of_kind = [span for span in found[name] if span.kind == kind]
        counts = compare(of_kind, [label for label in labels if label.kind == kind], mode)
        totals = [total + count for total, count in zip(totals, counts, strict=True)]
    return totals[0], totals[1], totals[2]


def share(hits: int, others: int) -> float:
    return hits / (hits + others) if hits + others else 0.0
