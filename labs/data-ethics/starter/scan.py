"""Finds personal data with rules: patterns with validators, lists, and the words around a name.

python scan.py support/2024-12-leaver-thread.md
"""

from __future__ import annotations

import re
import sys
from collections.abc import Callable, Iterator
from functools import lru_cache

from corpus import Document, Span, read_document, read_documents

# Where spans overlap, the kind further left wins: a handle inside a mail address is part of it.
PRIORITY = (
    "email",
    "key",
    "iban",
    "address",
    "phone",
    "account",
    "ip",
    "handle",
    "health",
    "person",
)


def scan(document: Document) -> list[Span]:
    """All personal data of a document, sorted, no two spans overlapping."""
    text = document.text
    found = [
        *emails(text),
        *phones(text),
        *ips(text),
        *accounts(text),
        *ibans(text),
        *keys(text),
        *handles(text),
        *addresses(text),
        *health(text),
        *persons(document),
    ]
    return resolve(found)


def resolve(spans: list[Span]) -> list[Span]:
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: (PRIORITY.index(s.kind), s.start - s.end, s.start)):
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return sorted(kept)


def matches(
    kind: str,
    pattern: re.Pattern[str],
    text: str,
    valid: Callable[[str], bool] = lambda value: True,
    who: Callable[[str], str] = lambda value: "",
) -> Iterator[Span]:
    """Spans of the pattern's group `it`, or of the whole match, that are valid.

    `who` says whose the value is, as an employee or customer number, or "" where nobody knows.
    """
    group = "it" if "it" in pattern.groupindex else 0
    for match in pattern.finditer(text):
        value = match.group(group)
        if valid(value):
            yield Span(match.start(group), match.end(group), kind, value, who(value))


# --- what has a form --------------------------------------------------------------------------

# The first two rules that everybody writes. See what they find before you write better ones.
EMAIL = re.compile(r"\w+@\w+\.\w+")
PHONE = re.compile(r"\d[\d -]{8,}\d")


def emails(text: str) -> Iterator[Span]:
    """Addresses with an @, and those that people spell: "h dot daly at kestrel dot example"."""
    yield from matches("email", EMAIL, text)


def phones(text: str) -> Iterator[Span]:
    """Numbers as people type them. A build id of twelve digits is none."""
    yield from matches("phone", PHONE, text)


def ips(text: str) -> Iterator[Span]:
    """Addresses of persons and customers, of both versions. Private ones are nobody's, and
    192.0.2.0/24 is Fennmark's own front ends."""
    yield from ()


def accounts(text: str) -> Iterator[Span]:
    """Employee and customer numbers: FM-10925, CU-40070."""
    yield from ()


def ibans(text: str) -> Iterator[Span]:
    """International account numbers, with or without blanks, whose check digits are right."""
    yield from ()


def keys(text: str) -> Iterator[Span]:
    """Credentials that somebody pasted."""
    yield from ()


# --- what stands in a list --------------------------------------------------------------------
# corpus.read_table() reads data/staff.csv, data/leavers.csv and data/contacts.csv.


def handles(text: str) -> Iterator[Span]:
    """@names of the chat, and the same names without their sign in paths."""
    yield from ()


# --- names, from the words around them ----------------------------------------------------------


def persons(document: Document) -> Iterator[Span]:
    """People, from the lists and from what stands around a name, with `who` where it is known."""
    yield from ()


@lru_cache(maxsize=1)
def vocabulary() -> frozenset[str]:
    """Words in lower case somewhere in the archive: ordinary, even at a sentence's beginning."""
    words: set[str] = set()
    for document in read_documents():
        words.update(re.findall(r"(?<![\w@./-])[a-zà-ÿ]{2,}(?![\w@]|[.-]\w)", document.text))
    return frozenset(words)


# --- what has neither form nor list -------------------------------------------------------------


def addresses(text: str) -> Iterator[Span]:
    """Where somebody lives or a parcel went."""
    yield from ()


def health(text: str) -> Iterator[Span]:
    """Remarks on somebody's health or family: the clause in which they stand."""
    yield from ()


if __name__ == "__main__":
    for span in scan(read_document(sys.argv[1])):
        print(f"{span.start:6} {span.kind:8} {span.text!r} {span.who}")
