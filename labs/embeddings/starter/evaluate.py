"""Asks the golden questions in several ways. Given: it calls your index.py and metrics.py.

    python evaluate.py

Needs the folder index (python build.py). Writes runs.jsonl (what each question found) and
evaluation.json (recall and reciprocal rank by kind of question). The first run embeds the chunks
once more without their labels, and the documents whole: as long as the first build. Later runs
embed nothing.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

import numpy as np

from cache import Cache, embed_cached
from chunks import chunks
from corpus import Question, documents, questions
from gateway import open_client
from index import Index, quantize, top, unit
from metrics import documents_of, recall, reciprocal_rank
from report import table, write
from tokens import MODEL, WINDOW, count

KEPT = 10  # Documents of each ranking that are written down.

FILLERS = set(
    "a about am an and are at be been can could did do does for from had has have how i if in into"
    " is it its may me much many my of on or our should so that the their there these they this to"
    " us was we were what when where which who why will with would you your".split()
)


def terse(question: str) -> str:
    """As people type into a search box."""
    words = [
        word for word in question.rstrip("?").split() if word.lower().strip(",.") not in FILLERS
    ]
    return " ".join(words) or question


def polite(question: str) -> str:
    """As people write into a channel."""
    return (
        "Hi all, sorry to bother you again, I have been looking through the wiki for a while and"
        f" cannot find it. {question} It is not urgent. Thanks a lot in advance and have a nice"
        " day!"
    )


def beginning(text: str) -> str:
    """As much of the text as the model reads: what a client that cuts would send."""
    words = text.split(" ")
    low, high = 1, len(words)
    while low < high:
        middle = (low + high + 1) // 2
        low, high = (
            (middle, high) if count(" ".join(words[:middle])) <= WINDOW else (low, middle - 1)
        )
    return " ".join(words[:low])


def ranking(scores: np.ndarray, rows: list[dict]) -> dict:
    order = top(scores, len(scores))
    found = documents_of((int(row) for row in order), rows)
    return {"ranked": found[:KEPT], "top_score": round(float(scores[order[0]]), 4)}


def figures(asked: list[Question], runs: dict[str, dict]) -> dict[str, dict]:
    """By kind of question, and for all of them; those that no document answers have no recall."""
    kinds: dict[str, list[Question]] = {}
    for question in asked:
        if question.relevant:
            for kind in (question.kind, "all"):
                kinds.setdefault(kind, []).append(question)
    return {
        kind: {
            "questions": len(members),
            "recall_at_5": mean(recall(runs[q.id]["ranked"], q.relevant, 5) for q in members),
            "recall_at_10": mean(recall(runs[q.id]["ranked"], q.relevant, 10) for q in members),
            "mrr": mean(reciprocal_rank(runs[q.id]["ranked"], q.relevant) for q in members),
        }
        for kind, members in sorted(kinds.items())
    }


def mean(values) -> float:
    return round(float(np.mean(list(values))), 4)


async def main() -> None:
    index = Index.load(Path("index"))
    asked, found = questions(), documents()
    all_chunks = [chunk for document in found for chunk in chunks(document)]
    cache = Cache("vectors.sqlite")
    async with open_client() as client:

        async def vectors(texts: list[str]) -> np.ndarray:
            made, calls = await embed_cached(client, cache, texts, concurrency=4)
            if calls:
                print(f"{sum(call.texts for call in calls)} texts embedded")
            return unit(made)

        plain = await vectors([question.text for question in asked])
        short = await vectors([terse(question.text) for question in asked])
        long = await vectors([polite(question.text) for question in asked])
        bare = await vectors([chunk.content(titled=False) for chunk in all_chunks])
        whole = await vectors(
            [beginning(f"{document.title}\n{document.body}") for document in found]
        )
    cache.close()

    def cut(matrix: np.ndarray, numbers: int) -> np.ndarray:
        return unit(matrix[:, :numbers])

    codes, scales = quantize(index.vectors)
    pages = [{"document": document.path} for document in found]
    ways = {
        "chunks": (index.vectors @ plain.T, index.rows),
        "no label": (bare @ plain.T, index.rows),
        "whole documents": (whole @ plain.T, pages),
        "terse question": (index.vectors @ short.T, index.rows),
        "polite question": (index.vectors @ long.T, index.rows),
        "int8": ((codes.astype(np.float32) @ plain.T) * scales[:, None], index.rows),
        "first 192 numbers": (cut(index.vectors, 192) @ cut(plain, 192).T, index.rows),
        "first 48 numbers": (cut(index.vectors, 48) @ cut(plain, 48).T, index.rows),
    }
    runs = {
        way: {q.id: ranking(scores[:, column], rows) for column, q in enumerate(asked)}
        for way, (scores, rows) in ways.items()
    }
    with open("runs.jsonl", "w", encoding="utf-8") as file:
        for way, results in runs.items():
            for question, result in results.items():
                line = {"way": way, "question": question, **result}
                file.write(json.dumps(line, ensure_ascii=False) + "\n")

    exact, rough = ways["chunks"][0], ways["int8"][0]
    same = [
        len(set(top(exact[:, c], 10)) & set(top(rough[:, c], 10))) / 10 for c in range(len(asked))
    ]
    status = {document.path: document.status for document in found}
    first = [runs["chunks"][q.id]["ranked"][0] for q in asked if q.relevant]
    result = {
        "model": MODEL,
        "questions": len(asked),
        "ways": {way: figures(asked, results) for way, results in runs.items()},
        "int8": {
            "float32_bytes": index.vectors.nbytes,
            "int8_bytes": index.codes.nbytes + index.scales.nbytes,
            "same_of_top_10": round(float(np.mean(same)), 4),
        },
        "superseded_first": sum(status[path] == "superseded" for path in first),
    }
    table(
        ["", "kind", "questions", "recall@5", "recall@10", "MRR"],
        [
            [
                way if kind == "all" else "",
                kind,
                *(f"{value:.2f}" if isinstance(value, float) else value for value in line.values()),
            ]
            for way, kinds in result["ways"].items()
            for kind, line in kinds.items()
            if kind == "all" or way == "chunks"
        ],
    )
    print(f"int8 keeps {100 * result['int8']['same_of_top_10']:.1f}% of the ten nearest chunks")
    print(f"{result['superseded_first']} of {len(first)} questions find a superseded page first")
    write("evaluation.json", result)


if __name__ == "__main__":
    asyncio.run(main())
