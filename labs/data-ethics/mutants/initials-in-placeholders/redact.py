"""Takes personal data out of a document and leaves a text that can still be searched and read.

python redact.py support/2024-12-leaver-thread.md     the document, redacted
python redact.py                                      measures it: redaction.json
"""

from __future__ import annotations

import base64
import hashlib
import hmac
import json
import os
import re
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import KINDS, Document, Span, read_document, read_labels

from scan import digits, scan

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Redacted:
    text: str
    # (start, end, what stands there now), by the original's characters.
    replacements: list[tuple[int, int, str]]


def redact(document: Document, spans: list[Span], name: Callable[[Span], str]) -> Redacted:
    """The text with each span replaced by what `name` calls it. Spans do not overlap."""
    pieces, replacements, last = [], [], 0
    for span in sorted(spans):
        placeholder = name(span)
        pieces += [document.text[last : span.start], placeholder]
        replacements.append((span.start, span.end, placeholder))
        last = span.end
    pieces.append(document.text[last:])
    return Redacted("".join(pieces), replacements)


def identity(span: Span) -> str:
    """What makes two spans the same: whose they are, or the value, however it is written."""
    if span.who:
        return span.who
    value = (
        digits(span.text) if span.kind == "phone" else re.sub(r"[\s-]", "", span.text.casefold())
    )
    return f"{span.kind}:{value}"


def numbered() -> Callable[[Span], str]:
    """Names for one document: [PERSON_1], [EMAIL_1], one number for a known person in all kinds."""
    numbers: dict[str, int] = {}

    def name(span: Span) -> str:
        number = numbers.setdefault(identity(span), len(numbers) + 1)
        initials = "".join(word[0] for word in span.text.split())
        return f"[{span.kind.upper()}_{initials}{number}]"

    return name


def pseudonyms(key: bytes) -> Callable[[Span], str]:
    """Names for the whole archive: [PERSON_k7q2mfza], the same person the same everywhere.

    A plain hash is undone by hashing the thirty names of the staff list. Without the key nobody
    can try.
    """
    if len(key) < 32:
        raise ValueError("a key of at least 32 bytes")

    def name(span: Span) -> str:
        mac = hmac.new(key, identity(span).encode(), hashlib.sha256).digest()
        return f"[{span.kind.upper()}_{base64.b32encode(mac)[:8].decode().lower()}]"

    return name


def names_to_use() -> Callable[[Span], str]:
    """Pseudonyms where there is a key in the environment, else numbers."""
    key = os.environ.get("PSEUDONYM_KEY", "")
    return pseudonyms(key.encode()) if key else numbered()


def leaks(redacted: Redacted, labels: list[Span]) -> list[Span]:
    """Labels of which a letter or digit is still there."""
    covered: set[int] = set()
    for start, end, _ in redacted.replacements:
        covered.update(range(start, end))
    return [
        label
        for label in labels
        if any(
            sign.isalnum() and at not in covered for at, sign in enumerate(label.text, label.start)
        )
    ]


def words_changed(document: Document, redacted: Redacted) -> tuple[int, int]:
    """How many of the document's words a replacement touches, and how many there are."""
    words = [match.span() for match in re.finditer(r"\w+", document.text)]
    changed = 0
    for start, end in words:
        changed += any(start < to and begin < end for begin, to, _ in redacted.replacements)
    return changed, len(words)


def measure(part: str) -> dict:
    there, left, changed, words, documents = Counter(), Counter(), Counter(), Counter(), Counter()
    for name, labels in read_labels(part).items():
        document = read_document(name)
        redacted = redact(document, scan(document), numbered())
        leaked = leaks(redacted, labels)
        there.update(label.kind for label in labels)
        left.update(label.kind for label in leaked)
        folder = name.split("/")[0]
        touched, all_words = words_changed(document, redacted)
        changed[folder] += touched
        words[folder] += all_words
        documents["with labels"] += bool(labels)
        documents["that leak"] += bool(leaked)
    return {
        "part": part,
        "labels": there.total(),
        "leaked": left.total(),
        "leak_rate": round(left.total() / there.total(), 4),
        "leaked_by_kind": {kind: [left[kind], there[kind]] for kind in KINDS},
        "documents_with_labels": documents["with labels"],
        "documents_that_leak": documents["that leak"],
        "words_changed_percent": {
            folder: round(100 * changed[folder] / words[folder], 2) for folder in sorted(words)
        },
    }


def main() -> None:
    if len(sys.argv) > 1:
        document = read_document(sys.argv[1])
        print(redact(document, scan(document), names_to_use()).text)
        return
    measured = measure("held-out")
    print(json.dumps(measured, indent=2))
    (HERE / "redaction.json").write_text(json.dumps(measured, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
