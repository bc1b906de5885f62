"""Walks a request for erasure through everything that holds a copy, and writes forget/REQUEST.json.

python forget.py DSR-7
"""

from __future__ import annotations

import json
import sys
from datetime import date
from pathlib import Path
from typing import Any

from corpus import Document, Span
from estate import TODAY, read_json

HERE = Path(__file__).resolve().parent
ERASED = "[ERASED]"
# What says something about a person and not about whom: a human looks whether it is this one.
ABOUT = ("health", "address", "ip", "iban", "key")


def occurrences(document: Document, found: list[Span], request: dict[str, Any]) -> list[Span]:
    """Where the person of the request stands in a document, whatever form the name has there."""
    raise NotImplementedError("occurrences() is not written yet")


def erase(text: str, spans: list[Span]) -> str:
    """The text with ERASED in place of each span."""
    raise NotImplementedError("erase() is not written yet")


def plan(request: dict[str, Any], today: date) -> dict[str, Any]:
    """What holds the person, and what their documents become. Without a name or a number in it."""
    return {
        "request": request["id"],
        "as_of": today.isoformat(),
        "answer_due": "",  # one month after it was received: Art. 12(3)
        "documents": [],  # document, occurrences (a count), review: kind, start, end of ABOUT spans
        "chunks": [],  # ids
        "vectors": [],  # ids
        "answers": [],  # ids
        "prompts": [],  # ids
        "backups": [],  # id, gone_by: those not yet gone today
        "replacements": {},  # document -> its new text
    }


def main(request_id: str) -> None:
    request = next(request for request in read_json("requests") if request["id"] == request_id)
    result = plan(request, TODAY)
    target = HERE / "forget" / f"{request_id}.json"
    target.parent.mkdir(exist_ok=True)
    target.write_text(json.dumps(result, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")
    print(
        json.dumps({key: value for key, value in result.items() if key != "replacements"}, indent=1)
    )


if __name__ == "__main__":
    main(sys.argv[1])
