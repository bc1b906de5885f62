"""What redaction does to search: BM25 over the archive, as it is and redacted. Given.

    python retrieval.py        writes retrieval.json

202 golden questions ask about systems. Those in data/questions.jsonl name a person, and nothing
else in them would find the document.
"""

from __future__ import annotations

import json
import math
import re
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from corpus import DATA, Document, Span, read_documents
from redact import numbered, pseudonyms, redact
from scan import scan

HERE = Path(__file__).resolve().parent
GOLDEN = HERE / "corpus" / "golden" / "questions.jsonl"
TOP = 5
# A key that is printed in a repository protects nobody. It makes this measurement repeatable, and
# that is all it is for.
KEY = b"measurement only, never in production"

Name = Callable[[Span], str]


class Index:
    """Okapi BM25 with its usual constants."""

    def __init__(self, texts: dict[str, str], k: float = 1.2, b: float = 0.75) -> None:
        self.counts = {name: Counter(words(text)) for name, text in texts.items()}
        self.lengths = {name: counts.total() for name, counts in self.counts.items()}
        self.mean = sum(self.lengths.values()) / len(self.lengths)
        self.holding = Counter(word for counts in self.counts.values() for word in counts)
        self.k, self.b = k, b

    def search(self, query: str) -> list[str]:
        asked = set(words(query))
        return sorted(self.counts, key=lambda name: (-self.score(name, asked), name))

    def score(self, name: str, asked: set[str]) -> float:
        counts, total = self.counts[name], 0.0
        norm = self.k * (1 - self.b + self.b * self.lengths[name] / self.mean)
        for word in asked & counts.keys():
            held = self.holding[word]
            rarity = math.log(1 + (len(self.counts) - held + 0.5) / (held + 0.5))
            total += rarity * counts[word] * (self.k + 1) / (counts[word] + norm)
        return total


def words(text: str) -> list[str]:
    return re.findall(r"\w+", text.lower())


@dataclass(frozen=True)
class Question:
    about: str  # "system" or "person"
    text: str
    relevant: frozenset[str]


def read_questions() -> list[Question]:
    """The archive's golden questions that have an answer, and this lab's that name a person."""
    questions = []
    for line in GOLDEN.read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        best = frozenset(hit["document"] for hit in row["relevant"] if hit["grade"] == 2)
        if best:
            questions.append(Question("system", row["question"], best))
    for line in (DATA / "questions.jsonl").read_text(encoding="utf-8").splitlines():
        row = json.loads(line)
        questions.append(Question("person", row["question"], frozenset([row["relevant"]])))
    return questions


def hits(
    texts: dict[str, str], questions: list[Question], ask: Callable[[str], str]
) -> dict[str, dict[str, float]]:
    """For both sorts of question: how many have a right document among the first TOP."""
    index = Index(texts)
    found: dict[str, list[bool]] = {"system": [], "person": []}
    for question in questions:
        first = index.search(ask(question.text))[:TOP]
        found[question.about].append(bool(question.relevant.intersection(first)))
    return {
        about: {"hits": sum(right), "of": len(right), "share": round(sum(right) / len(right), 3)}
        for about, right in found.items()
    }


def measure() -> dict[str, dict[str, dict[str, float]]]:
    """For each way of redacting, what is found by the scan.py and redact.py of now."""
    questions = read_questions()
    scanned = [(document, scan(document)) for document in read_documents()]

    def texts(name: Callable[[], Name]) -> dict[str, str]:
        return {document.name: redact(document, spans, name()).text for document, spans in scanned}

    def as_typed(question: str) -> str:
        return question

    def redacted_too(question: str) -> str:
        document = Document("question", question, {}, 0)
        return redact(document, scan(document), pseudonyms(KEY)).text

    hidden = texts(lambda: pseudonyms(KEY))
    original = {document.name: document.text for document, _ in scanned}
    return {
        "original": hits(original, questions, as_typed),
        "numbered": hits(texts(numbered), questions, as_typed),
        "pseudonyms": hits(hidden, questions, as_typed),
        "pseudonyms_in_question_too": hits(hidden, questions, redacted_too),
    }


def main() -> None:
    result = measure()
    for variant, found in result.items():
        shown = [f"{about}: {right['hits']} of {right['of']}" for about, right in found.items()]
        print(f"{variant:28} {',  '.join(shown)}")
    target = HERE / "retrieval.json"
    target.write_text(json.dumps({"top": TOP, **result}, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
