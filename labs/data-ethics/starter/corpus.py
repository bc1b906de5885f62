"""The archive, its labels, and what Fennmark's own systems know about people. Given."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path

HERE = Path(__file__).resolve().parent
DOCUMENTS = HERE / "corpus" / "documents"
LABELS = HERE / "labels"
DATA = HERE / "data"

KINDS = (
    "person",
    "handle",
    "email",
    "phone",
    "address",
    "ip",
    "account",
    "iban",
    "key",
    "health",
)
PARTS = ("development", "held-out")


@dataclass(frozen=True, order=True)
class Span:
    """Characters `start` up to `end` of a document's text, front matter included."""

    start: int
    end: int
    kind: str
    text: str
    # Who it is, where a rule knows: an employee or customer number. No part of what is compared.
    who: str = field(default="", compare=False)

    def overlaps(self, other: Span) -> bool:
        return self.start < other.end and other.start < self.end


@dataclass(frozen=True)
class Document:
    name: str  # "support/2024-12-leaver-thread.md"
    text: str  # the whole file
    meta: dict[str, str]  # its front matter
    body: int  # where the text after the front matter begins


def parse(name: str, text: str) -> Document:
    """Reads the front matter: one `key: value` a line between two lines of `---`."""
    meta: dict[str, str] = {}
    end = text.find("\n---\n", 3)
    if not text.startswith("---\n") or end < 0:
        return Document(name, text, meta, 0)
    for line in text[4:end].splitlines():
        key, _, value = line.partition(":")
        meta[key.strip()] = value.strip().strip('"')
    return Document(name, text, meta, end + len("\n---\n"))


def read_document(name: str) -> Document:
    # newline="" would keep \r\n, and offsets count characters: read as the labels were made.
    return parse(name, (DOCUMENTS / name).read_text(encoding="utf-8"))


def read_documents(names: Iterable[str] | None = None) -> Iterator[Document]:
    if names is None:
        names = sorted(path.relative_to(DOCUMENTS).as_posix() for path in DOCUMENTS.rglob("*.md"))
    for name in names:
        yield read_document(name)


def read_labels(part: str) -> dict[str, list[Span]]:
    """Document -> its labels, for one part of the archive: "development" or "held-out"."""
    if part not in PARTS:
        raise ValueError(f"no such part: {part!r}, there are {PARTS}")
    labels: dict[str, list[Span]] = {}
    with (LABELS / f"{part}.jsonl").open(encoding="utf-8") as lines:
        for line in lines:
            row = json.loads(line)
            labels[row["document"]] = sorted(Span(**label) for label in row["labels"])
    return labels


def read_table(name: str) -> list[dict[str, str]]:
    """staff, leavers or contacts: rows of data/NAME.csv."""
    with (DATA / f"{name}.csv").open(encoding="utf-8", newline="") as lines:
        return list(csv.DictReader(lines))
