"""Cuts Markdown documents into chunks that the embedding model can read whole.

    python chunks.py          counts, and writes chunks.json

A chunk belongs to one section of one document. What is embedded of it is its label, the document's
title and the headings above it, and then its text: at most WINDOW tokens together.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass

from corpus import Document
from tokens import WINDOW, count

HEADING = re.compile(r"(#{1,6})\s+(.+?)\s*#*")
FENCE = re.compile(r"\s*(```|~~~)")


@dataclass(frozen=True)
class Section:
    """The text below one heading, down to the next heading of any level."""

    headings: tuple[
        str, ...
    ]  # From the outermost one in. The document's own title is not among them.
    text: str


@dataclass(frozen=True)
class Chunk:
    document: str  # "handbook/gateway-limits.md"
    number: int  # Counts from 0 within the document.
    title: str
    headings: tuple[str, ...]
    text: str

    @property
    def label(self) -> str:
        return label(self.title, self.headings)

    def content(self, titled: bool = True) -> str:
        """What is embedded: with the label before the text, or the text alone."""
        return f"{self.label}\n{self.text}" if titled else self.text


def label(title: str, headings: tuple[str, ...]) -> str:
    return " > ".join((title, *headings))


def sections(document: Document) -> Iterator[Section]:
    """The document's sections in order. Sections without text are left out."""
    # Yours. Walk through document.body line by line and keep the headings that are open: a heading
    # of level 2 closes those of level 2 and deeper. HEADING above fits a whole line, FENCE the
    # beginning of one. The title, level 1, is not among a section's headings: the label has it
    # already.
    raise NotImplementedError("chunks.py: no sections yet")


def split(text: str, limit: int) -> list[str]:
    """Pieces of `text` in order, each of at most `limit` tokens by `count`, as few as greed makes.

    Cut at the coarsest place that will do: between paragraphs, else between lines, else between
    words, and inside of a word that is too long by itself. Nothing is dropped but the blanks at
    the cuts.
    """
    # Yours. Where a part is too large by itself, cut it at the next finer place.
    raise NotImplementedError("chunks.py: nothing is split yet")


def chunks(document: Document, window: int = WINDOW) -> list[Chunk]:
    # Yours. What is embedded is label and text together, and a label may be long.
    raise NotImplementedError("chunks.py: no chunks yet")


if __name__ == "__main__":
    from report import report_chunks

    report_chunks(chunks)
