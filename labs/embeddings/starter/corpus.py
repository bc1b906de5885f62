"""The documents and the golden questions of Skerry. Given."""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path

CORPUS = Path(__file__).with_name("corpus")
DOCUMENTS = CORPUS / "documents"
QUESTIONS = CORPUS / "golden" / "questions.jsonl"

# What this lab indexes: how things work, what to do, why it was decided. Incidents and support
# threads wait for later labs; questions that only they answer are left out here.
SCOPE = ("handbook", "runbooks", "decisions")


@dataclass(frozen=True)
class Document:
    path: str  # Below documents/: "handbook/gateway-limits.md".
    title: str
    status: str  # current, superseded or draft
    body: str  # Without the front matter.

    @classmethod
    def parse(cls, path: str, text: str) -> Document:
        """The front matter is lines of `key: value` between two lines of dashes."""
        _, front, body = text.split("---\n", 2)
        fields = dict(line.split(": ", 1) for line in front.splitlines() if ": " in line)
        return cls(path, fields["title"].strip("\"'"), fields["status"].strip(), body)


@dataclass(frozen=True)
class Question:
    id: str
    text: str
    kind: str  # fact, multi, conflict or absent
    relevant: dict[str, int]  # Path of a document: 2 where it answers, 1 where it helps.


def documents(folders: tuple[str, ...] = SCOPE) -> list[Document]:
    paths = sorted(path for folder in folders for path in (DOCUMENTS / folder).glob("*.md"))
    return [
        Document.parse(path.relative_to(DOCUMENTS).as_posix(), path.read_text(encoding="utf-8"))
        for path in paths
    ]


def questions() -> list[Question]:
    """The golden questions that SCOPE can answer, with the relevant documents that are in it, and
    those that no document answers.
    """
    found = []
    for line in QUESTIONS.read_text(encoding="utf-8").splitlines():
        fields = json.loads(line)
        relevant = {
            entry["document"]: entry["grade"]
            for entry in fields["relevant"]
            if entry["document"].split("/")[0] in SCOPE
        }
        if fields["kind"] == "absent" or 2 in relevant.values():
            found.append(Question(fields["id"], fields["question"], fields["kind"], relevant))
    return found
