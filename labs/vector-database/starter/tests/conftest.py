"""What the tests stand on. Given."""

from __future__ import annotations

import itertools
import os
import sys
from pathlib import Path

import pytest

sys.path.insert(0, str(Path(__file__).parent.parent))

from data import Chunk, Document  # noqa: E402
from fake import FakeIndex  # noqa: E402

NAMES = (f"test-{os.getpid()}-{number}" for number in itertools.count())


def chunk(number: int = 0, **fields) -> Chunk:
    known = {
        "number": number,
        "section": "Before",
        "text_hash": f"{number:016x}",
        "mentions": (),
        "preview": "No replication running.",
    }
    return Chunk(**{**known, **fields})


def document(name: str = "runbooks/registry-gc.md", chunks=(), **fields) -> Document:
    known = {
        "document": name,
        "title": "Registry garbage collection by hand",
        "kind": "runbook",
        "service": "registry",
        "team": "delivery",
        "date": "2023-08-15",
        "status": "current",
        "audience": "internal",
        "superseded_by": None,
        "chunks": tuple(chunks),
    }
    return Document(**{**known, **fields})


@pytest.fixture
def fake() -> FakeIndex:
    return FakeIndex()


@pytest.fixture(scope="session")
def client():
    from pinecone import Pinecone

    return Pinecone()


@pytest.fixture
def name(client):
    """A name for an index of one test, which is deleted afterwards."""
    chosen = next(NAMES)
    yield chosen
    if client.has_index(chosen):
        client.delete_index(chosen)


@pytest.fixture
def late(client, name):
    """An index on the gateway that shows each write 1.2 seconds late."""
    from pinecone import ServerlessSpec

    client.create_index(
        name=name,
        dimension=2,
        metric="cosine",
        spec=ServerlessSpec(cloud="aws", region="eu-west-1"),
        tags={"groundwork-delay-ms": "1200"},
    )
    return client.Index(name)
