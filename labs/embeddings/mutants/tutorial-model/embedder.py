"""Texts to vectors through the gateway: in batches, several at once, each back in its place."""

from __future__ import annotations

import asyncio
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np
from openai import AsyncOpenAI

from tokens import DIMENSION, MODEL, count


@dataclass(frozen=True)
class Call:
    """One request, as its sender saw it."""

    texts: int
    tokens: int  # What the server counted.
    ms: float


def batches(lengths: Sequence[int], size: int, by_length: bool = False) -> list[list[int]]:
    """Positions of the texts, `size` in a batch, the rest in the last one.

    `by_length`: texts of like length share a batch, the longest first.
    """
    order = list(range(len(lengths)))
    if by_length:
        order.sort(key=lambda position: -lengths[position])
    return [order[start : start + size] for start in range(0, len(order), size)]


async def embed(
    client: AsyncOpenAI,
    texts: Sequence[str],
    *,
    size: int = 32,
    concurrency: int = 1,
    by_length: bool = False,
    done: Callable[[list[int], np.ndarray], None] | None = None,
) -> tuple[np.ndarray, list[Call]]:
    """One row for each text, in the order of `texts`, and the calls that it took.

    At most `concurrency` calls are under way at once. `done` is told of each batch as it comes in:
    the positions of its texts and their rows.
    """
    vectors = np.zeros((len(texts), DIMENSION), dtype=np.float32)
    calls: list[Call] = []
    places = asyncio.Semaphore(concurrency)

    async def one(positions: list[int]) -> None:
        async with places:
            started = time.perf_counter()
            reply = await client.embeddings.create(
                model="text-embedding-3-small", input=[texts[position] for position in positions]
            )
            ms = (time.perf_counter() - started) * 1000
        calls.append(Call(len(positions), reply.usage.prompt_tokens, ms))
        # The interface promises an index with each vector, and no order.
        for item in reply.data:
            vectors[positions[item.index]] = item.embedding
        if done:
            done(positions, vectors[positions])

    lengths = [count(text) for text in texts]
    await asyncio.gather(*(one(batch) for batch in batches(lengths, size, by_length)))
    return vectors, calls
