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
    open_headings: list[tuple[int, str]] = []
    lines: list[str] = []
    fenced = False

    def section() -> Section:
        headings = tuple(name for level, name in open_headings if level > 1)
        return Section(headings, "\n".join(lines).strip("\n"))

    for line in document.body.splitlines():
        if FENCE.match(line):
            fenced = not fenced
        # In a code block, "# restart it" is a comment.
        heading = None if fenced else HEADING.fullmatch(line)
        if heading is None:
            lines.append(line)
            continue
        if any(kept.strip() for kept in lines):
            yield section()
        lines = []
        level = len(heading[1])
        open_headings = [above for above in open_headings if above[0] < level]
        open_headings.append((level, heading[2]))
    if any(kept.strip() for kept in lines):
        yield section()


def split(text: str, limit: int) -> list[str]:
    """Pieces of `text` in order, each of at most `limit` tokens by `count`, as few as greed makes.

    Cut at the coarsest place that will do: between paragraphs, else between lines, else between
    words, and inside of a word that is too long by itself. Nothing is dropped but the blanks at
    the cuts.
    """
    return pack(text, limit, ["\n\n", "\n", " "])


def pack(text: str, limit: int, separators: list[str]) -> list[str]:
    if count(text) <= limit:
        return [text] if text.strip() else []
    if not separators:
        return halves(text, limit)
    separator, *finer = separators
    pieces: list[str] = []
    held = ""
    for part in text.split(separator):
        joined = f"{held}{separator}{part}" if held else part
        if count(joined) <= limit:
            held = joined
            continue
        if held.strip():
            pieces.append(held)
        *whole, held = pack(part, limit, finer) or [""]
        pieces.extend(whole)
    if held.strip():
        pieces.append(held)
    return pieces


def halves(word: str, limit: int) -> list[str]:
    """A "word" of more than `limit` tokens: a base64 blob, a table rule."""
    middle = len(word) // 2
    return [piece for half in (word[:middle], word[middle:]) for piece in pack(half, limit, [])]


def chunks(document: Document, window: int = WINDOW) -> list[Chunk]:
    found: list[Chunk] = []
    for section in sections(document):
        # `count` includes the two tokens at the ends in both, and they are paid once.
        room = window - count(label(document.title, section.headings)) + 2
        for text in split(section.text, room):
            found.append(Chunk(document.path, len(found), document.title, section.headings, text))
    return found


if __name__ == "__main__":
    from report import report_chunks

    report_chunks(chunks)
