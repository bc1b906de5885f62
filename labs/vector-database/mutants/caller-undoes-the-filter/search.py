"""Asks the index on behalf of a reader.

    python search.py q010 --as engineer
"""

from __future__ import annotations

import argparse

import numpy as np
from pinecone import Pinecone

from data import Hit, dimension, questions
from index import opened
from settings import INDEX

# Who reads which namespaces. In a service, the role comes from a verified token, never from the
# request's body.
READERS = {
    "engineer": ("internal",),
    "privacy-office": ("internal", "restricted"),
}


def filtered(only: dict | None, old: bool) -> dict | None:
    """The filter of a search: what the caller asked for in `only`, and what always holds, that the
    chunk is current, unless `old` ones are wanted too. None where nothing is left to ask for.

    What the caller wrote must not be able to undo what always holds.
    """
    always = {} if old else {"current": {"$eq": True}}
    return {**always, **(only or {})} or None


def search(
    index,
    vector: np.ndarray,
    reader: str,
    top_k: int = 10,
    only: dict | None = None,
    old: bool = False,
) -> list[Hit]:
    """The `top_k` nearest of all namespaces that the reader may read, best first.

    Each namespace is asked by its name. A reader that is not known is a PermissionError, and
    nothing is asked.
    """
    if reader not in READERS:
        raise PermissionError(f"nobody said what {reader!r} may read")
    hits = []
    for namespace in READERS[reader]:
        found = index.query(
            vector=vector.tolist(),
            top_k=top_k,
            namespace=namespace,
            filter=filtered(only, old),
            include_metadata=True,
        )
        hits += [Hit(match.id, match.score, namespace, match.metadata) for match in found.matches]
    return sorted(hits, key=lambda hit: hit.score, reverse=True)[:top_k]


def main() -> None:
    parser = argparse.ArgumentParser(description="Ask a golden question.")
    parser.add_argument("question", help="an id: q010")
    parser.add_argument("--as", dest="reader", default="engineer", choices=READERS)
    parser.add_argument("--old", action="store_true", help="superseded pages and drafts too")
    parser.add_argument("--service", help="only chunks of this service")
    given = parser.parse_args()

    question = next(item for item in questions() if item.id == given.question)
    index = opened(Pinecone(), INDEX, dimension(), "cosine")
    only = {"service": {"$eq": given.service}} if given.service else None
    print(question.text)
    for hit in search(index, question.vector, given.reader, 5, only, given.old):
        right = "*" if hit.metadata["document"] in question.documents else " "
        print(f"{right} {hit.score:.3f}  {hit.namespace:10}  {hit.id}")
        print(f"           {hit.metadata['preview'][:90]}")


if __name__ == "__main__":
    main()
