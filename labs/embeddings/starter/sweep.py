"""Measures batch size, order and concurrency. Given: it calls your embedder.py.

    python sweep.py         128 short texts in batches of 1, 8, 32, 64, 128, then three variations
    python sweep.py --long  whole chunks in their place: minutes, and another curve

Writes measurements.json (every call) and batching.svg. A check compares the number of calls with
what the gateway recorded between `began` and `ended`.
"""

from __future__ import annotations

import argparse
import asyncio
import math
import os
import platform
import random
import time
from dataclasses import asdict
from datetime import datetime, timezone

from chunks import chunks
from corpus import documents
from embedder import batches, embed
from gateway import open_client
from report import draw_batching, table, write
from tokens import MODEL, count

SIZES = [1, 8, 32, 64, 128]
TEXTS = 128
SEED = 15


def sample(long: bool) -> list[str]:
    """The same texts every time. Short ones have 3 to 24 words, as questions and log lines do."""
    dice = random.Random(SEED)
    found = [chunk for document in documents() for chunk in chunks(document)]
    texts = [chunk.content() for chunk in dice.sample(found, TEXTS)]
    return (
        texts if long else [" ".join(text.split()[: dice.choice((3, 5, 8, 24))]) for text in texts]
    )


def padding(lengths: list[int], size: int, by_length: bool) -> float:
    """The share of what a server computes that is padding, if it pads each batch to its longest."""
    computed = sum(
        len(batch) * max(lengths[position] for position in batch)
        for batch in batches(lengths, size, by_length)
    )
    return 1 - sum(lengths) / computed


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


async def level(
    client, texts: list[str], size: int, concurrency: int = 1, by_length: bool = False
) -> dict:
    began, started = now(), time.perf_counter()
    _, calls = await embed(client, texts, size=size, concurrency=concurrency, by_length=by_length)
    seconds, ended = time.perf_counter() - started, now()
    latencies = sorted(call.ms for call in calls)
    return {
        "size": size,
        "concurrency": concurrency,
        "by_length": by_length,
        "began": began,
        "ended": ended,
        "seconds": round(seconds, 3),
        "texts_per_second": round(len(texts) / seconds, 1),
        "tokens_per_second": round(sum(call.tokens for call in calls) / seconds),
        "p50_ms": round(latencies[math.ceil(len(latencies) / 2) - 1], 1),
        "longest_ms": round(latencies[-1], 1),
        "padding_percent": round(
            100 * padding([count(text) for text in texts], size, by_length), 1
        ),
        "calls": [asdict(call) for call in calls],
    }


async def main(long: bool) -> None:
    texts = sample(long)
    async with open_client() as client:
        await embed(
            client, texts[:8], size=8
        )  # Whoever asks first waits until the model is in memory.
        began = now()
        sizes = [await level(client, texts, size) for size in SIZES]
        variations = [
            await level(client, texts, 32, by_length=True),
            await level(client, texts, 1, concurrency=4),
            await level(client, texts, 32, concurrency=4),
        ]
        ended = now()
    table(
        [
            "batch",
            "at once",
            "by length",
            "texts/s",
            "tokens/s",
            "ms a call",
            "longest",
            "padding elsewhere",
        ],
        [
            [
                line["size"],
                line["concurrency"],
                "yes" if line["by_length"] else "no",
                line["texts_per_second"],
                line["tokens_per_second"],
                line["p50_ms"],
                line["longest_ms"],
                f"{line['padding_percent']}%",
            ]
            for line in sizes + variations
        ],
    )
    machine = {"system": platform.platform(), "cores": os.cpu_count()}
    write(
        "measurements.json",
        {
            "model": MODEL,
            "machine": machine,
            "began": began,
            "ended": ended,
            "answered": sum(len(line["calls"]) for line in sizes + variations),
            "sizes": sizes,
            "variations": variations,
        },
    )
    draw_batching("batching.svg", sizes)


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Measure batch size, order and concurrency.")
    parser.add_argument("--long", action="store_true", help="whole chunks in place of short texts")
    asyncio.run(main(parser.parse_args().long))
