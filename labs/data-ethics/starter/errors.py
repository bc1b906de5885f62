"""Shows what the scanner gets wrong, with the words around it. Given.

python errors.py development person
"""

from __future__ import annotations

import sys

from corpus import KINDS, read_document, read_labels
from scan import scan


def show(sign: str, kind: str, name: str, text: str, start: int, end: int) -> None:
    before, after = text[max(0, start - 40) : start], text[end : end + 30]
    print(f"{sign} {kind:8} {name}\n    {before!r} >>{text[start:end]!r}<< {after!r}")


def main(part: str, kinds: list[str]) -> None:
    for name, labels in read_labels(part).items():
        document = read_document(name)
        found = scan(document)
        for span in found:
            if span.kind in kinds and not any(
                span.kind == o.kind and span.overlaps(o) for o in labels
            ):
                show("+", span.kind, name, document.text, span.start, span.end)
        for label in labels:
            if label.kind in kinds and not any(
                label.kind == o.kind and label.overlaps(o) for o in found
            ):
                show("-", label.kind, name, document.text, label.start, label.end)
    print("+ found and not labelled, - labelled and not found")


if __name__ == "__main__":
    main(sys.argv[1] if len(sys.argv) > 1 else "development", sys.argv[2:] or list(KINDS))
