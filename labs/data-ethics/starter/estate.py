"""What stands behind the assistant and holds copies of the archive. Given: a model of Finder.

A document is cut into overlapping chunks. Each chunk has a vector in two collections: the one that
answers, and the one from before the last change of the embedding model, which nobody has deleted
yet. Answers are cached with the documents they were made from, prompts are kept for seven days, and
backups are kept for as long as data/backups.json says.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import date
from typing import Any

from corpus import DATA, Document

TODAY = date(2026, 2, 27)  # the day of the requests
COLLECTIONS = ("finder-v1", "finder-v2")
SIZE, OVERLAP = 900, 150


@dataclass(frozen=True)
class Chunk:
    id: str  # "support/2024-12-leaver-thread.md#3"
    document: str
    start: int
    end: int


def chunks(document: Document) -> list[Chunk]:
    """Cuts of the body, each beginning OVERLAP characters before the end of the last."""
    starts = range(
        document.body, max(document.body + 1, len(document.text) - OVERLAP), SIZE - OVERLAP
    )
    return [
        Chunk(
            f"{document.name}#{number}", document.name, start, min(start + SIZE, len(document.text))
        )
        for number, start in enumerate(starts)
    ]


def vectors(chunk_id: str) -> list[str]:
    return [f"{collection}/{chunk_id}" for collection in COLLECTIONS]


def read_json(name: str) -> list[dict[str, Any]]:
    """requests, answers, prompts or backups: what data/NAME.json holds."""
    return json.loads((DATA / f"{name}.json").read_text(encoding="utf-8"))
