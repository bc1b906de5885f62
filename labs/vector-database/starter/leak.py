"""What keeps restricted documents out, and what happens when it is forgotten. Given.

    python leak.py

Asks golden questions as an engineer, who may not read the restricted documents, and counts the
questions that bring at least one chunk of those into the first ten. Questions that the restricted
documents answer are among them. Writes leak.json.

    allow list              one namespace; the filter names the audiences that may be read
    deny list               one namespace; the filter names the audience that may not
    filter forgotten        one namespace, no filter
    search as engineer      your search(), with its namespaces
    namespace forgotten     your index, and a query that names none
    namespace from request  your index, and a caller who names "restricted"

In the scratch index all documents lie in one namespace and a filter keeps the readers apart. Its
records came from two writers, and the second one, an import of support threads, never set the
field `audience`.
"""

from __future__ import annotations

import json
from pathlib import Path

from pinecone import Pinecone

from data import dimension, questions, release, vectors
from index import ensure, opened
from records import records
from search import search
from settings import BATCH, INDEX

SCRATCH = "skerry-one-namespace"
QUESTIONS = 24
K = 10


def scratch(client: Pinecone):
    index = ensure(client, SCRATCH, dimension(), "cosine", delay_ms=0)
    batch = []
    for record in records(release(2)):
        metadata = {name: record.metadata[name] for name in ("document", "audience")}
        if metadata["document"].startswith("support/"):
            del metadata["audience"]
        batch.append((record.id, vectors()[record.text_hash].tolist(), metadata))
    for start in range(0, len(batch), BATCH):
        index.upsert(vectors=batch[start : start + BATCH])
    return index


def main() -> None:
    client = Pinecone()
    closed = {doc.document for doc in release(2) if doc.audience == "restricted"}
    one = scratch(client)
    split = opened(client, INDEX, dimension(), "cosine")

    def query(index, **what):
        def ask(question) -> list[str]:
            found = index.query(
                vector=question.vector.tolist(), top_k=K, include_metadata=True, **what
            )
            return [match.metadata["document"] for match in found.matches]

        return ask

    def as_engineer(question) -> list[str]:
        return [hit.metadata["document"] for hit in search(split, question.vector, "engineer", K)]

    ways = {
        "allow_list": query(
            one, filter={"audience": {"$in": ["public", "internal"]}}
        ),
        "deny_list": query(one, filter={"audience": {"$ne": "restricted"}}),
        "filter_forgotten": query(one),
        "search_as_engineer": as_engineer,
        "namespace_forgotten": query(split),
        "namespace_from_request": query(split, namespace="restricted"),
    }
    # Those that restricted documents answer come first, then others.
    asked = sorted(questions(), key=lambda question: not question.documents & closed)[:QUESTIONS]
    result = {}
    for way, ask in ways.items():
        answers = [ask(question) for question in asked]
        result[way] = {
            "leaking_questions": sum(any(name in closed for name in names) for names in answers),
            "empty_answers": sum(not names for names in answers),
        }
        leaking = result[way]["leaking_questions"]
        print(f"{way.replace('_', ' '):24} {leaking:3} of {len(asked)} leak")
    client.delete_index(SCRATCH)
    report = {"questions": len(asked), "restricted_documents": len(closed), "ways": result}
    Path("leak.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
