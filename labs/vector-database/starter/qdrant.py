"""The same records behind Qdrant's interface: what has to be translated, and nothing else."""

from __future__ import annotations

import uuid

import numpy as np

from data import Hit
from qdrant_http import Qdrant
from records import Record
from settings import BATCH

# Any fixed UUID will do, as long as it never changes.
IDS = uuid.UUID("6f1c6a0e-3d0b-4c43-9a57-0b8a4d1f7c55")


def point_of(record: Record, vector: np.ndarray) -> dict:
    """A point: `id`, `vector`, `payload`.

    Its id is a UUID (version 5) of the namespace and the record's id below IDS, joined by a slash,
    since Qdrant takes UUIDs and whole numbers only. The payload is the metadata with two more
    fields: `record_id`, and `tenant`, the namespace, which Qdrant does not have.
    """
    raise NotImplementedError("qdrant.py: point_of")


def conditions(only: dict | None) -> list[dict]:
    """A filter of Pinecone's as Qdrant's list of conditions that must all hold.

    {"current": True}, {"current": {"$eq": True}}   match a value
    {"kind": {"$in": ["runbook", "incident"]}}      match any
    {"date": {"$gte": 20250101, "$lt": 20260101}}   a range, also $gt and $lte
    {"$and": [...]}                                 those of each part

    Anything else is a ValueError: a filter that is dropped in silence is a leak.
    """
    raise NotImplementedError("qdrant.py: conditions")


def upsert(qdrant: Qdrant, name: str, held: list[Record], vectors) -> None:
    points = [point_of(record, vectors[record.text_hash]) for record in held]
    for start in range(0, len(points), BATCH):
        qdrant.upsert(name, points[start : start + BATCH])


def query(
    qdrant: Qdrant,
    name: str,
    vector: np.ndarray,
    tenants: tuple[str, ...],
    top_k: int = 10,
    only: dict | None = None,
    params: dict | None = None,
) -> list[Hit]:
    """One search over all `tenants`. `params` are Qdrant's: {"hnsw_ef": 64}, {"exact": True}."""
    must = [{"key": "tenant", "match": {"any": list(tenants)}}, *conditions(only)]
    found = qdrant.query(
        name, vector.tolist(), top_k, filter={"must": must}, params=params or {}
    )
    return [
        Hit(stored["record_id"], point["score"], stored["tenant"], stored)
        for point in found
        for stored in [point["payload"]]
    ]
