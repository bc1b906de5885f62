"""Scores the pairs in pairs.json, after you have said in which order they will come. Given.

    python pairs.py

Writes similarity.json. The first complete prediction for a set of pairs is kept there: changing it
after the fact changes nothing.
"""

from __future__ import annotations

import asyncio
import json
import sys
from pathlib import Path

from cache import Cache, embed_cached
from gateway import open_client
from index import unit
from report import table, write
from tokens import MODEL


def given() -> tuple[list[dict], list[str]]:
    content = json.loads(Path("pairs.json").read_text(encoding="utf-8"))
    pairs, prediction = content["pairs"], content["prediction"]
    names = [pair["id"] for pair in pairs]
    if len(set(names)) < len(names):
        sys.exit("pairs.py: two pairs have the same id")
    if sorted(prediction) != sorted(names):
        missing = sorted(set(names) - set(prediction)) or sorted(set(prediction) - set(names))
        sys.exit(f"pairs.py: predict first: the prediction and the pairs differ by {missing}")
    return pairs, prediction


def kept_prediction(pairs: list[dict], prediction: list[str]) -> list[str]:
    """The prediction of the first run with these very pairs."""
    path = Path("similarity.json")
    if path.exists():
        before = json.loads(path.read_text(encoding="utf-8"))
        texts = [(line["id"], line["a"], line["b"]) for line in before["pairs"]]
        if sorted(texts) == sorted((pair["id"], pair["a"], pair["b"]) for pair in pairs):
            return before["prediction"]
    return prediction


def rank_correlation(predicted: list[str], real: list[str]) -> float:
    """Spearman's rho: 1 where the orders are the same, 0 for a guess, -1 for the reverse."""
    n = len(real)
    squares = sum((predicted.index(name) - real.index(name)) ** 2 for name in real)
    return 1 - 6 * squares / (n * (n * n - 1))


async def main() -> None:
    pairs, prediction = given()
    prediction = kept_prediction(pairs, prediction)
    texts = [pair[side] for pair in pairs for side in ("a", "b")]
    cache = Cache("vectors.sqlite")
    async with open_client() as client:
        vectors, _ = await embed_cached(client, cache, texts)
    cache.close()
    vectors = unit(vectors)
    for number, pair in enumerate(pairs):
        pair["score"] = round(float(vectors[2 * number] @ vectors[2 * number + 1]), 4)
    pairs.sort(key=lambda pair: -pair["score"])
    real = [pair["id"] for pair in pairs]
    table(
        ["pair", "kind", "score", "rank", "predicted"],
        [
            [
                pair["id"],
                pair["kind"],
                f"{pair['score']:.3f}",
                rank,
                prediction.index(pair["id"]) + 1,
            ]
            for rank, pair in enumerate(pairs, start=1)
        ],
    )
    rho = round(rank_correlation(prediction, real), 3)
    print(f"rank correlation of your prediction: {rho}")
    content = {"model": MODEL, "prediction": prediction, "pairs": pairs, "rank_correlation": rho}
    write("similarity.json", content)


if __name__ == "__main__":
    asyncio.run(main())
