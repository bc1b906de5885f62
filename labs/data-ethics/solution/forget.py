"""Walks a request for erasure through everything that holds a copy, and writes forget/REQUEST.json.

python forget.py DSR-7
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Iterable
from datetime import date, timedelta
from pathlib import Path
from typing import Any

from corpus import Document, Span, read_documents
from estate import TODAY, chunks, read_json, vectors

from scan import digits, scan, spelled_out

HERE = Path(__file__).resolve().parent
ERASED = "[ERASED]"
# What says something about a person and does not say whom: a human has to look whether it is this
# one.
ABOUT = ("health", "address", "ip", "iban", "key")


def word(text: str, flags: int = 0) -> re.Pattern[str]:
    return re.compile(rf"(?<![^\W_]){re.escape(text)}(?![^\W_])", flags)


def occurrences(document: Document, found: list[Span], request: dict[str, Any]) -> list[Span]:
    """Where the person stands in a document: by what is theirs alone, then by parts of the name.

    A first name alone, in all documents, would take every other Reed with it, and the reed that
    grows in a name such as threeds-reader.
    """
    strong = list(by_identifier(document.text, found, request))
    if not strong:
        return []
    first, surname = request["name"].split(" ", 1)
    weak = [
        Span(match.start(), match.end(), "person", match.group())
        for part in (
            f"{first[0]}. {surname}",
            f"{first} {surname[0]}.",
            surname,
            first,
            first.lower(),
            surname.lower(),
        )
        for match in word(part).finditer(document.text)
    ]
    return merged(strong + weak)


def by_identifier(text: str, found: list[Span], request: dict[str, Any]) -> Iterable[Span]:
    mails = {mail.lower() for mail in request["mails"]}
    numbers = {digits(phone) for phone in request["phones"]}
    for span in found:
        known = bool(request["number"]) and span.who == request["number"]
        mailed = span.kind == "email" and {span.text.lower(), spelled_out(span.text)} & mails
        called = span.kind == "phone" and digits(span.text) in numbers
        if known or mailed or called:
            yield span
    for match in word(request["name"], re.IGNORECASE).finditer(text):
        yield Span(match.start(), match.end(), "person", match.group())


def merged(spans: list[Span]) -> list[Span]:
    """Sorted, with what overlaps joined to the longer one."""
    kept: list[Span] = []
    for span in sorted(spans, key=lambda s: s.start - s.end):
        if not any(span.overlaps(other) for other in kept):
            kept.append(span)
    return sorted(kept)


def erase(text: str, spans: list[Span]) -> str:
    for span in sorted(spans, reverse=True):  # from the end, so that earlier offsets stay right
        text = text[: span.start] + ERASED + text[span.end :]
    return text


def names_them(text: str, request: dict[str, Any]) -> bool:
    document = Document("", text, {}, 0)
    return bool(occurrences(document, scan(document), request))


def plan(request: dict[str, Any], today: date) -> dict[str, Any]:
    documents, touched, replacements = [], [], {}
    for document in read_documents():
        found = scan(document)
        theirs = occurrences(document, found, request)
        if not theirs:
            continue
        about = [span for span in found if span.kind in ABOUT]
        documents.append(
            {
                "document": document.name,
                "occurrences": len(theirs),
                "review": [
                    {"kind": span.kind, "start": span.start, "end": span.end} for span in about
                ],
            }
        )
        touched += [
            chunk.id
            for chunk in chunks(document)
            if any(span.start < chunk.end and chunk.start < span.end for span in theirs)
        ]
        replacements[document.name] = erase(document.text, theirs)
    names = set(replacements)
    answers = [
        answer["id"]
        for answer in read_json("answers")
        # Made from a document that names them, or naming them itself, whatever it was made from.
        if names & set(answer["sources"])
        or names_them(f"{answer['question']} {answer['answer']}", request)
    ]
    return {
        # No name and no number: the record of an erasure must not be where the person is kept.
        "request": request["id"],
        "as_of": today.isoformat(),
        "answer_due": one_month_after(date.fromisoformat(request["received"])).isoformat(),
        "documents": documents,
        "chunks": touched,
        "vectors": [vector for chunk in touched for vector in vectors(chunk)],
        "answers": answers,
        "prompts": [
            prompt["id"] for prompt in read_json("prompts") if names_them(prompt["text"], request)
        ],
        "backups": [
            {"id": backup["id"], "gone_by": gone.isoformat()}
            for backup in read_json("backups")
            if (gone := date.fromisoformat(backup["taken"]) + timedelta(days=backup["kept_days"]))
            >= today
        ],
        "replacements": replacements,
    }


def one_month_after(day: date) -> date:
    """Art. 12(3): one month, and the month's last day where the next one is shorter."""
    year, month = divmod(day.year * 12 + day.month, 12)
    for last in (day.day, 30, 29, 28):
        try:
            return date(year, month + 1, last)
        except ValueError:
            continue
    raise AssertionError("every month has 28 days")


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
