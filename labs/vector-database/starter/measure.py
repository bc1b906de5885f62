"""What a filter costs, and what it costs to filter too late. Given: it calls your exact.py.

    python measure.py

For filters that let 100, 50, 10 and 1 % of the index through, each question is asked in three ways:

    in query     the filter goes along, top_k = 10
    after 10     no filter, top_k = 10, and the program throws away what does not pass
    after 100    the same with top_k = 100, cut to 10 afterwards

Writes measurements.json and filters.svg.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import numpy as np
from pinecone import Pinecone

from data import Question, dimension, questions, release, vectors
from exact import exact, recall
from index import opened
from plot import plot
from records import Record, records
from settings import INDEX

K = 10
QUESTIONS = 25
SHARES = (1.0, 0.5, 0.1, 0.01)
NAMESPACE = "internal"
WAYS = {"in_query": None, "after_10": 10, "after_100": 100}


def ask(index, question: Question, top_k: int, only: dict | None) -> tuple[list, float]:
    """The matches, and how long they took in milliseconds."""
    started = time.perf_counter()
    found = index.query(
        vector=question.vector.tolist(),
        top_k=top_k,
        namespace=NAMESPACE,
        filter=only,
        include_metadata=True,
    )
    return found.matches, (time.perf_counter() - started) * 1000


def cutoff(held: list[Record], share: float) -> int:
    """The date from which on about this share of the chunks was written."""
    dates = sorted((record.metadata["date"] for record in held), reverse=True)
    return dates[max(0, round(share * len(dates)) - 1)]


def row(index, held: list[Record], matrix: np.ndarray, asked: list[Question], share: float) -> dict:
    since = cutoff(held, share)
    passing = np.array([record.metadata["date"] >= since for record in held])
    only = None if share == 1.0 else {"date": {"$gte": since}}
    measured: dict[str, dict] = {}
    for way, fetched in WAYS.items():
        recalls, times, counts = [], [], []
        for question in asked:
            truth = [held[i].id for i in exact(matrix, question.vector, K, passing)]
            matches, ms = ask(index, question, fetched or K, None if fetched else only)
            found = [match.id for match in matches if match.metadata["date"] >= since][:K]
            recalls.append(recall(found, truth))
            times.append(ms)
            counts.append(len(found))
        measured[way] = {
            "recall": round(statistics.mean(recalls), 4),
            "results": round(statistics.mean(counts), 2),
            "p50_ms": round(statistics.median(times), 2),
        }
    return {"share": round(float(passing.mean()), 4), "since": since, "ways": measured}


def main() -> None:
    index = opened(Pinecone(), INDEX, dimension(), "cosine")
    held = [record for record in records(release(2)) if record.namespace == NAMESPACE]
    matrix = np.stack([vectors()[record.text_hash] for record in held])
    asked = questions(QUESTIONS)
    ask(index, asked[0], K, None)  # Whoever comes first opens the connection.
    rows = [row(index, held, matrix, asked, share) for share in SHARES]
    result = {"vectors": len(held), "questions": len(asked), "k": K, "rows": rows}
    Path("measurements.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")
    Path("filters.svg").write_text(plot(rows), encoding="utf-8")

    print(f"{len(held)} vectors, {len(asked)} questions")
    print(f"{'passes':>7}  {'way':10} {'recall@10':>9} {'results':>8} {'p50 ms':>7}")
    for line in rows:
        for way, values in line["ways"].items():
            figures = f"{values['recall']:9.3f} {values['results']:8.1f} {values['p50_ms']:7.1f}"
            print(f"{line['share']:7.1%}  {way.replace('_', ' '):10} {figures}")


if __name__ == "__main__":
    main()
