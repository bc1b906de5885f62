"""The translation, and the gateway's Qdrant interface."""

import os
import uuid

import numpy as np
import pytest
from conftest import chunk, document

from qdrant import IDS, conditions, point_of, query, upsert
from qdrant_http import Qdrant
from records import record_of, records

VECTOR = np.array([1.0, 0.5], dtype=np.float32)


def test_an_id_becomes_a_uuid():
    record = record_of(document(), chunk())
    point = point_of(record, VECTOR)
    assert point["id"] == str(uuid.uuid5(IDS, f"internal/{record.id}"))
    assert point["vector"] == [1.0, 0.5]


def test_the_payload_keeps_the_id_and_the_namespace():
    record = record_of(document(audience="restricted"), chunk())
    payload = point_of(record, VECTOR)["payload"]
    assert payload == {**record.metadata, "record_id": record.id, "tenant": "restricted"}
    assert "record_id" not in record.metadata


@pytest.mark.parametrize(
    ("only", "expected"),
    [
        (None, []),
        ({}, []),
        ({"current": True}, [{"key": "current", "match": {"value": True}}]),
        ({"kind": {"$eq": "runbook"}}, [{"key": "kind", "match": {"value": "runbook"}}]),
        ({"kind": {"$in": ["a", "b"]}}, [{"key": "kind", "match": {"any": ["a", "b"]}}]),
        (
            {"date": {"$gte": 20250101, "$lt": 20260101}},
            [{"key": "date", "range": {"gte": 20250101, "lt": 20260101}}],
        ),
        ({"date": {"$gt": 1, "$lte": 2}}, [{"key": "date", "range": {"gt": 1, "lte": 2}}]),
        (
            {"$and": [{"current": {"$eq": True}}, {"kind": "a", "team": "b"}]},
            [
                {"key": "current", "match": {"value": True}},
                {"key": "kind", "match": {"value": "a"}},
                {"key": "team", "match": {"value": "b"}},
            ],
        ),
    ],
    ids=str,
)
def test_filters_are_translated(only, expected):
    assert conditions(only) == expected


@pytest.mark.parametrize(
    "only",
    [{"audience": {"$ne": "restricted"}}, {"$or": [{"a": 1}]}, {"a": {"$exists": True}}],
    ids=str,
)
def test_what_is_not_known_is_refused(only):
    with pytest.raises(ValueError):
        conditions(only)


def test_both_tenants_lie_in_one_collection_and_are_told_apart():
    qdrant, name = Qdrant(), f"test-qdrant-{os.getpid()}"
    held = records([
        document("a.md", [chunk(0), chunk(1)]),
        document("b.md", [chunk(2)], audience="restricted"),
    ])
    qdrant.make(name, 2)
    try:
        for _ in range(2):  # The second time changes nothing.
            upsert(qdrant, name, held, {record.text_hash: VECTOR for record in held})
        hits = query(qdrant, name, VECTOR, ("internal",), 10, {"date": {"$gte": 20230815}})
        assert {hit.id for hit in hits} == {held[0].id, held[1].id}
        both = query(qdrant, name, VECTOR, ("internal", "restricted"), 10)
        assert len(both) == 3 and {hit.namespace for hit in both} == {"internal", "restricted"}
    finally:
        qdrant.delete(name)
