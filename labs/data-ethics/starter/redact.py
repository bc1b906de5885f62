"""Takes personal data out of a document and leaves a text that can still be searched and read.

python redact.py support/2024-12-leaver-thread.md     the document, redacted
python redact.py                                      measures it: redaction.json
"""

from __future__ import annotations

import json
import os
import sys
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import KINDS, Document, Span, read_document, read_labels
from scan import scan

HERE = Path(__file__).resolve().parent


@dataclass(frozen=True)
class Redacted:
    text: str
    # (start, end, what stands there now), by the original's characters.
    replacements: list[tuple[int, int, str]]


def redact(document: Document, spans: list[Span], name: Callable[[Span], str]) -> Redacted:
    """The text with each span replaced by what `name` calls it. Spans do not overlap."""
    raise NotImplementedError("redact() is not written yet")


def identity(span: Span) -> str:
    """What makes two spans the same: whose they are, or the value, however it is written."""
    # Only the very same text counts as the same. Is that so for Rook and Rook van der Meulen?
    return f"{span.kind}:{span.text}"


def numbered() -> Callable[[Span], str]:
    """Names for one document: [PERSON_1], [EMAIL_1], one number for a known person in all kinds."""
    raise NotImplementedError("numbered() is not written yet")


def pseudonyms(key: bytes) -> Callable[[Span], str]:
    """Names for the whole archive: [PERSON_k7q2mfza], the same person the same everywhere.

    Made with HMAC-SHA256. A key of fewer than 32 bytes is refused with a ValueError.
    """
    raise NotImplementedError("pseudonyms() is not written yet")


def names_to_use() -> Callable[[Span], str]:
    """Pseudonyms where there is a key in the environment, else numbers."""
    key = os.environ.get("PSEUDONYM_KEY", "")
    return pseudonyms(key.encode()) if key else numbered()


def leaks(redacted: Redacted, labels: list[Span]) -> list[Span]:
    """Labels of which a letter or digit is still there."""
    raise NotImplementedError("leaks() is not written yet")


def words_changed(document: Document, redacted: Redacted) -> tuple[int, int]:
    """How many of the document's words a replacement touches, and how many there are."""
    raise NotImplementedError("words_changed() is not written yet")


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
