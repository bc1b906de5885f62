"""The releases of the corpus, the vectors of their texts and the golden questions. Given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import numpy as np

DATA = Path(__file__).with_name("data")


@dataclass(frozen=True)
class Chunk:
    number: int  # Counts from 0 within the document.
    section: str
    text_hash: str  # Of the title, the heading and the text: all that was embedded.
    mentions: tuple[str, ...]  # Services that the text names.
    preview: str


@dataclass(frozen=True)
class Document:
    document: str  # "runbooks/registry-gc.md"
    title: str
    kind: str
    service: str
    team: str
    date: str  # "2023-08-15"
    status: str  # current, superseded or draft
    audience: str  # public, internal or restricted
    superseded_by: str | None
    chunks: tuple[Chunk, ...]


@dataclass(frozen=True)
class Question:
    id: str
    text: str
    documents: frozenset[str]  # Those that answer it.
    vector: np.ndarray


@dataclass(frozen=True)
class Hit:
    """What a search found."""

    id: str
    score: float
    namespace: str
    metadata: dict


def release(number: int) -> list[Document]:
    """The documents of release 1 or 2, all of them, whether they changed or not."""
    listed = json.loads((DATA / f"release-{number}.json").read_text(encoding="utf-8"))["documents"]
    return [document(fields) for fields in listed]


def document(fields: dict) -> Document:
    chunks = (
        Chunk(number, mentions=tuple(chunk.pop("mentions")), **chunk)
        for number, chunk in enumerate(fields.pop("chunks"))
    )
    return Document(**fields, chunks=tuple(chunks))


@lru_cache(maxsize=1)
def vectors() -> dict[str, np.ndarray]:
    """By the text's hash. The file holds 16-bit numbers, which is half the size and enough."""
    with np.load(DATA / "vectors.npz") as file:
        return dict(zip(file["hashes"].tolist(), file["vectors"].astype(np.float32), strict=True))


def dimension() -> int:
    return len(next(iter(vectors().values())))


def questions(limit: int | None = None) -> list[Question]:
    listed = json.loads((DATA / "questions.json").read_text(encoding="utf-8"))[:limit]
    with np.load(DATA / "vectors.npz") as file:
        embedded = file["questions"].astype(np.float32)
    return [
        Question(item["id"], item["question"], frozenset(item["documents"]), vector)
        for item, vector in zip(listed, embedded, strict=False)
    ]
