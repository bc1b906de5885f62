"""Says how good the scanner is on one part of the archive, and writes scores/PART.json.

python score.py development
python score.py held-out
"""

from __future__ import annotations

import json
import math
import sys
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from corpus import KINDS, Span, read_document, read_labels

from scan import scan

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Counts:
    """What was found and is there, was found and is not, is there and was not found."""

    true_positives: int = 0
    false_positives: int = 0
    false_negatives: int = 0

    def __add__(self, other: Counts) -> Counts:
        return Counts(
            self.true_positives + other.true_positives,
            self.false_positives + other.false_positives,
            self.false_negatives + other.false_negatives,
        )

    @property
    def precision(self) -> float | None:
        """None where nothing was found: no share of nothing is 0 or 1."""
        found = self.true_positives + self.false_positives
        return self.true_positives / found if found else None

    @property
    def recall(self) -> float | None:
        there = self.true_positives + self.false_negatives
        return self.true_positives / there if there else None

    @property
    def f1(self) -> float | None:
        both = 2 * self.true_positives + self.false_positives + self.false_negatives
        return 2 * self.true_positives / both if both else None


def count(found: list[Span], labels: list[Span], mode: str) -> Counts:
    """Compares the spans of one document.

    exact: same kind, same start, same end. overlap: same kind, and at least one shared character.
    Each label is matched by at most one span and each span matches at most one label, so that one
    span over the whole file finds one thing and not everything.
    """
    free = sorted(found)
    hits = 0
    for label in sorted(labels):
        for span in free:
            same = (
                (span.start, span.end) == (label.start, label.end)
                if mode == "exact"
                else span.overlaps(label)
            )
            if span.kind == label.kind and same:
                hits += 1
                break
    return Counts(hits, len(found) - hits, len(labels) - hits)


def wilson(hits: int, of: int, z: float = 1.96) -> tuple[float, float] | None:
    """95 % interval of a share. It stays within 0 and 1, and has a width at 3 of 3."""
    if of == 0:
        return None
    share = hits / of
    middle = (share + z * z / (2 * of)) / (1 + z * z / of)
    half = z / (1 + z * z / of) * math.sqrt(share * (1 - share) / of + z * z / (4 * of * of))
    return max(0.0, middle - half), min(1.0, middle + half)


def evaluate(part: str) -> dict[str, dict[str, Counts]]:
    """Mode -> kind -> counts over all documents of the part, "all" being the sum over the kinds."""
    totals: dict[str, Counter[str]] = {mode: {} for mode in ("exact", "overlap")}
    for name, labels in read_labels(part).items():
        found = scan(read_document(name))
        for mode, kinds in totals.items():
            for kind in KINDS:
                counts = count(
                    [s for s in found if s.kind == kind],
                    [s for s in labels if s.kind == kind],
                    mode,
                )
                kinds[kind] = kinds.get(kind, Counts()) + counts
    for kinds in totals.values():
        kinds["all"] = sum(kinds.values(), Counts())
    return totals


def as_json(counts: Counts) -> dict:
    there = counts.true_positives + counts.false_negatives
    found = counts.true_positives + counts.false_positives
    return {
        "tp": counts.true_positives,
        "fp": counts.false_positives,
        "fn": counts.false_negatives,
        "precision": rounded(counts.precision),
        "recall": rounded(counts.recall),
        "f1": rounded(counts.f1),
        "precision_95": rounded_pair(wilson(counts.true_positives, found)),
        "recall_95": rounded_pair(wilson(counts.true_positives, there)),
    }


def rounded(value: float | None) -> float | None:
    return None if value is None else round(value, 4)


def rounded_pair(pair: tuple[float, float] | None) -> list[float] | None:
    return None if pair is None else [round(value, 4) for value in pair]


def show(totals: dict[str, dict[str, Counts]]) -> None:
    print(f"{'kind':9} {'tp':>4} {'fp':>4} {'fn':>4}  prec  recall  [95 % of recall]   exact F1")
    for kind, counts in totals["overlap"].items():
        row = as_json(counts)
        low, high = row["recall_95"] or (math.nan, math.nan)
        print(
            f"{kind:9} {row['tp']:4} {row['fp']:4} {row['fn']:4}"
            f"  {percent(row['precision'])}  {percent(row['recall'])}"
            f"  [{low:.2f}, {high:.2f}]       {percent(as_json(totals['exact'][kind])['f1'])}"
        )


def percent(value: float | None) -> str:
    return "   - " if value is None else f"{value:5.2f}"


def main(part: str) -> None:
    totals = evaluate(part)
    show(totals)
    target = HERE / "scores" / f"{part}.json"
    target.parent.mkdir(exist_ok=True)
    scores = {
        mode: {kind: as_json(counts) for kind, counts in kinds.items()}
        for mode, kinds in totals.items()
    }
    target.write_text(json.dumps({"part": part, **scores}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "development")
