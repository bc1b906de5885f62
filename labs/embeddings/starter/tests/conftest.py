"""Puts the workspace on the path, and holds what several tests use."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from tokens import DIMENSION, count  # noqa: E402


def vector_of(text: str) -> np.ndarray:
    """A vector that belongs to the text and to no other."""
    seed = sum(ord(letter) * (place + 1) for place, letter in enumerate(text))
    vector = np.random.default_rng(seed).normal(size=DIMENSION)
    return (vector / np.linalg.norm(vector)).astype(np.float32)


class Gateway:
    """Stands for the client: remembers each request, and how many were under way at once."""

    def __init__(self, in_order: bool = True, fail_on: str | None = None) -> None:
        self.requests: list[list[str]] = []
        self.under_way = self.most_under_way = 0
        self.in_order, self.fail_on = in_order, fail_on
        self.embeddings = self

    async def create(self, *, model: str, input: list[str], **_) -> SimpleNamespace:
        self.requests.append(list(input))
        self.under_way += 1
        self.most_under_way = max(self.most_under_way, self.under_way)
        # The first requests take longest, so that the last come back first.
        await asyncio.sleep(0.03 / len(self.requests))
        self.under_way -= 1
        if self.fail_on in input:
            raise ConnectionError("the gateway went away")
        data = [
            SimpleNamespace(index=place, embedding=vector_of(text).tolist())
            for place, text in enumerate(input)
        ]
        if not self.in_order:
            data.reverse()
        tokens = sum(count(text) for text in input)
        return SimpleNamespace(data=data, usage=SimpleNamespace(prompt_tokens=tokens))

    @property
    def texts(self) -> list[str]:
        return [text for request in self.requests for text in request]


@pytest.fixture
def gateway() -> Gateway:
    return Gateway()


@pytest.fixture
def unordered() -> Gateway:
    return Gateway(in_order=False)
