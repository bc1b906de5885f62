"""Texts to vectors through the gateway: in batches, several at once, each back in its place."""

from __future__ import annotations

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
    # Yours. Texts of equal length keep their order.
    raise NotImplementedError("embedder.py: no batches yet")


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
    # Yours. client.embeddings.create(model=MODEL, input=[...]) answers with `data`, whose items
    # have an `index` into that request's input and an `embedding`, and with `usage.prompt_tokens`.
    # `count` from tokens.py gives the lengths. A Call's `ms` runs from sending to the answer:
    # waiting for one's turn here is not the server's latency.
    raise NotImplementedError("embedder.py: nothing is embedded yet")
