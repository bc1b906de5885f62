"""Vectors that were paid for once, in SQLite: by model and by the hash of the text."""

from __future__ import annotations

import hashlib
import sqlite3
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from openai import AsyncOpenAI

from embedder import Call, embed
from tokens import MODEL

TABLE = """create table if not exists vectors (
    model text not null, hash blob not null, vector blob not null, primary key (model, hash)
)"""


def fingerprint(text: str) -> bytes:
    return hash(text).to_bytes(8, "big", signed=True)


class Cache:
    """Rows belong to a model's name: the same text has another vector in another model."""

    def __init__(self, path: Path | str, model: str = MODEL) -> None:
        self.model = model
        self.connection = sqlite3.connect(path)
        self.connection.execute(TABLE)

    def close(self) -> None:
        self.connection.close()

    def get(self, text: str) -> np.ndarray | None:
        row = self.connection.execute(
            "select vector from vectors where model = ? and hash = ?",
            (self.model, fingerprint(text)),
        ).fetchone()
        return None if row is None else np.frombuffer(row[0], dtype="<f4")

    def put(self, texts: Sequence[str], vectors: np.ndarray) -> None:
        """Keeps a batch, all of it or nothing."""
        with self.connection:
            self.connection.executemany(
                "insert or replace into vectors values (?, ?, ?)",
                [
                    (self.model, fingerprint(text), vector.astype("<f4").tobytes())
                    for text, vector in zip(texts, vectors, strict=True)
                ],
            )


async def embed_cached(
    client: AsyncOpenAI, cache: Cache, texts: Sequence[str], *, size: int = 32, concurrency: int = 1
) -> tuple[np.ndarray, list[Call]]:
    """As `embed`, but asks only for texts that the cache has not, each of them once."""
    missing = [text for text in dict.fromkeys(texts) if cache.get(text) is None]
    # Kept batch by batch, so that a run that is stopped loses one batch.
    _, calls = await embed(
        client,
        missing,
        size=size,
        concurrency=concurrency,
        by_length=True,
        done=lambda positions, rows: cache.put([missing[p] for p in positions], rows),
    )
    return np.array([cache.get(text) for text in texts]), calls
