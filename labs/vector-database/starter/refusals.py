"""What the index refuses, and what it takes without a word. Given.

    python refusals.py

Works on an index of its own, which it deletes.
"""

from __future__ import annotations

from pinecone import Pinecone
from pinecone.exceptions import PineconeApiException

from data import dimension, release, vectors
from index import WrongShape, ensure

NAME = "skerry-refusals"


def attempt(what: str, call) -> None:
    try:
        call()
    except PineconeApiException as fault:
        said = str(fault.body or fault)
        print(f"refused  {what}\n         {said[:170]}")
    except WrongShape as fault:
        print(f"refused  {what}\n         {fault}")
    else:
        print(f"taken    {what}")


def main() -> None:
    client = Pinecone()
    index = ensure(client, NAME, dimension(), "cosine", delay_ms=0)
    good = next(iter(vectors().values())).tolist()
    attempt("a vector of 256 numbers", lambda: index.upsert(vectors=[("a", good[:256])]))
    attempt("only zeros", lambda: index.upsert(vectors=[("a", [0.0] * len(good))]))
    attempt("null", lambda: index.upsert(vectors=[("a", good, {"superseded_by": None})]))
    attempt("a nested object", lambda: index.upsert(vectors=[("a", good, {"by": {"id": "x"}})]))
    many = [(str(number), good) for number in range(1001)]
    attempt("1,001 vectors at once", lambda: index.upsert(vectors=many))
    attempt(
        "a range over texts",
        lambda: index.query(vector=good, top_k=1, filter={"date": {"$gte": "2025-01-01"}}),
    )
    attempt("the same name for 256 numbers", lambda: ensure(client, NAME, 256, "cosine"))

    day = release(1)[0].date
    typo = {"namespace": "intrenal"}
    for what, call in {
        f'the date "{day}" as a text': lambda: index.upsert(vectors=[("b", good, {"date": day})]),
        "another model's vector, as long": lambda: index.upsert(vectors=[("c", good[::-1])]),
        "a namespace with a typo": lambda: index.upsert(vectors=[("d", good)], **typo),
        "a namespace that is not there": lambda: index.query(vector=good, top_k=1, namespace="x"),
    }.items():
        attempt(what, call)
    client.delete_index(NAME)


if __name__ == "__main__":
    main()
