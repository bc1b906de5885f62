"""Recall against ef, the candidates that a search weighs. Given: it calls your qdrant.py.

    python ef.py

Pinecone's serverless indexes have no such setting, Qdrant, pgvector, OpenSearch and Azure AI Search
do. Writes ef.json.
"""

from __future__ import annotations

import json
import statistics
import time
from pathlib import Path

import numpy as np

from data import dimension, questions, release, vectors
from exact import exact, recall
from qdrant import query, upsert
from qdrant_http import Qdrant
from records import records

NAME = "skerry-ef"
K = 10
QUESTIONS = 30
SETTINGS = [{"hnsw_ef": ef} for ef in (12, 16, 32, 64, 128)] + [{"exact": True}]


def main() -> None:
    qdrant = Qdrant()
    held = records(release(2))
    matrix = np.stack([vectors()[record.text_hash] for record in held])
    qdrant.make(NAME, dimension())
    upsert(qdrant, NAME, held, vectors())
    tenants = ("internal", "restricted")
    asked = questions(QUESTIONS)
    wait_for_index(qdrant)

    rows = []
    for params in SETTINGS:
        recalls, times = [], []
        for question in asked:
            truth = [held[i].id for i in exact(matrix, question.vector, K)]
            started = time.perf_counter()
            hits = query(qdrant, NAME, question.vector, tenants, K, params=params)
            times.append((time.perf_counter() - started) * 1000)
            recalls.append(recall([hit.id for hit in hits], truth))
        row = {
            "params": params,
            "recall": round(statistics.mean(recalls), 4),
            "worst": round(min(recalls), 2),
            "p50_ms": round(statistics.median(times), 2),
        }
        rows.append(row)
        figures = f"recall@10 {row['recall']:.4f}, worst {row['worst']:.1f}, {row['p50_ms']:.1f} ms"
        print(f"{params!s:18} {figures}")
    report = {"vectors": len(held), "questions": len(asked), "rows": rows}
    Path("ef.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")
    qdrant.delete(NAME)


def wait_for_index(qdrant: Qdrant, timeout_s: float = 60) -> None:
    """A new graph is built in the background: green means that it has caught up."""
    deadline = time.monotonic() + timeout_s
    while time.monotonic() < deadline:
        if qdrant.call("GET", NAME)["status"] == "green":
            return
        time.sleep(0.1)


if __name__ == "__main__":
    main()
