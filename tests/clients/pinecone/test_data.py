"""Vectors: put in, sought, fetched, changed, listed and deleted."""

import pytest
from pinecone import Vector
from pinecone.exceptions import NotFoundException, PineconeApiException

GENRES = ["drama", "comedy"]


@pytest.fixture
def films(index):
    """Ten vectors in two genres."""
    vectors = [
        {"id": f"film{n}", "values": [1.0, float(n), 0.5], "metadata": {"genre": GENRES[n % 2], "year": 2000 + n, "tags": ["a", "b"]}}
        for n in range(10)
    ]
    assert index.upsert(vectors=vectors).upserted_count == 10
    return index


def ids(response):
    return [match.id for match in response.matches]


def test_every_form_of_a_vector_is_taken(index):
    index.upsert(vectors=[("tuple", [1.0, 0.0, 0.0]), ("with", [0.0, 1.0, 0.0], {"a": 1})])
    index.upsert(vectors=[Vector(id="object", values=[0.0, 0.0, 1.0], metadata={"b": ["x"]})], namespace="other")
    batched = [{"id": str(n), "values": [1.0, 1.0, float(n)]} for n in range(25)]
    assert index.upsert(vectors=batched, batch_size=10, show_progress=False, namespace="many").upserted_count == 25
    stats = index.describe_index_stats()
    assert {name: held.vector_count for name, held in stats.namespaces.items()} == {"__default__": 2, "other": 1, "many": 25}
    assert (stats.total_vector_count, stats.dimension, stats.metric) == (28, 3, "cosine")


def test_the_nearest_come_first_with_what_was_asked_for(films):
    nearest = films.query(vector=[1.0, 4.0, 0.5], top_k=3, include_values=True, include_metadata=True)
    assert ids(nearest)[0] == "film4" and len(nearest.matches) == 3
    first = nearest.matches[0]
    assert first.score == pytest.approx(1.0, abs=1e-6) and list(first.values) == [1.0, 4.0, 0.5]
    assert first.metadata == {"genre": "drama", "year": 2004.0, "tags": ["a", "b"]}
    assert isinstance(first.metadata["year"], float)
    assert nearest.usage.read_units == 1
    bare = films.query(id="film4", top_k=1).matches[0]
    assert bare.id == "film4" and not bare.values and not bare.metadata
    assert films.query(id="none", top_k=3).matches == []


@pytest.mark.parametrize(
    "filter, expected",
    [
        ({"genre": "drama"}, "02468"),
        ({"genre": {"$ne": "drama"}}, "13579"),
        ({"year": {"$gte": 2008}}, "89"),
        ({"year": {"$in": [2001, 2003]}}, "13"),
        ({"tags": {"$in": ["b"]}, "year": {"$lt": 2002}}, "01"),
        ({"$or": [{"year": 2000}, {"$and": [{"genre": "comedy"}, {"year": {"$gt": 2006}}]}]}, "079"),
        ({"missing": {"$exists": False}, "year": {"$lte": 2000}}, "0"),
    ],
)
def test_filters_narrow_a_query(films, filter, expected):
    found = films.query(vector=[1.0, 1.0, 1.0], top_k=10, filter=filter)
    assert sorted(ids(found)) == [f"film{n}" for n in expected]


def test_fetch_update_and_delete(films):
    fetched = films.fetch(ids=["film1", "none"])
    assert list(fetched.vectors) == ["film1"] and list(fetched.vectors["film1"].values) == [1.0, 1.0, 0.5]
    films.update(id="film1", values=[9.0, 9.0, 9.0], set_metadata={"year": 1})
    changed = films.fetch(ids=["film1"]).vectors["film1"]
    assert list(changed.values) == [9.0, 9.0, 9.0] and changed.metadata["genre"] == "comedy" and changed.metadata["year"] == 1
    films.delete(ids=["film1", "none"])
    assert not films.fetch(ids=["film1"]).vectors
    films.delete(filter={"genre": "drama"})
    assert films.describe_index_stats().total_vector_count == 4
    films.delete(delete_all=True)
    assert films.describe_index_stats().total_vector_count == 0
    with pytest.raises(NotFoundException, match="Namespace not found"):
        films.delete(delete_all=True, namespace="none")


def test_an_index_that_answers_late_shows_its_writes_once_it_no_longer_does(client, make):
    name = make(tags={"groundwork-delay-ms": "60000"})
    index = client.Index(name)
    index.upsert(vectors=[("a", [1.0, 1.0, 1.0])])
    assert ids(index.query(vector=[1.0, 1.0, 1.0], top_k=2)) == []
    client.configure_index(name, tags={"groundwork-delay-ms": ""})
    index.upsert(vectors=[("b", [1.0, 1.0, 1.0])])
    assert sorted(ids(index.query(vector=[1.0, 1.0, 1.0], top_k=2))) == ["a", "b"]


def test_ids_are_listed_by_prefix_in_pages(index):
    index.upsert(vectors=[(f"doc{n // 10}#{n}", [1.0, 1.0, float(n)]) for n in range(30)])
    pages = list(index.list(prefix="doc1#", limit=4))
    listed = [getattr(item, "id", item) for page in pages for item in page]
    assert listed == sorted(f"doc1#{n}" for n in range(10, 20))
    page = index.list_paginated(prefix="doc1#", limit=8)
    rest = index.list_paginated(prefix="doc1#", limit=8, pagination_token=page.pagination.next)
    assert len(page.vectors) == 8 and len(rest.vectors) == 2 and rest.pagination is None


def test_several_namespaces_are_queried_at_once(index):
    for namespace in "abc":
        index.upsert(vectors=[(f"{namespace}{n}", [1.0, float(n), 0.0]) for n in range(3)], namespace=namespace)
    found = index.query_namespaces(vector=[1.0, 2.0, 0.0], namespaces=["a", "b", "c"], metric="cosine", top_k=3)
    assert sorted(match.id for match in found.matches) == ["a2", "b2", "c2"]


def test_namespaces_are_listed_described_and_deleted(index):
    for name in ["one", "two"]:
        index.upsert(vectors=[("x", [1.0, 1.0, 1.0])], namespace=name)
    names = [getattr(item, "name", None) or item for item in flat(index.list_namespaces())]
    assert sorted(names) == ["one", "two"]
    assert int(index.describe_namespace(namespace="one").record_count) == 1
    index.delete_namespace(namespace="one")
    with pytest.raises(NotFoundException, match="Namespace not found"):
        index.describe_namespace(namespace="one")
    if hasattr(index, "create_namespace"):
        assert index.create_namespace(name="made").name == "made"
        assert index.describe_namespace(namespace="made").record_count == 0


def flat(pages):
    for page in pages:
        yield from getattr(page, "namespaces", None) or [page]


def test_what_only_newer_clients_ask(films):
    if not hasattr(films, "fetch_by_metadata"):
        pytest.skip("this client has no fetch by metadata")
    fetched = films.fetch_by_metadata(filter={"year": {"$gte": 2008}})
    assert sorted(fetched.vectors) == ["film8", "film9"]
    assert films.update(filter={"genre": "drama"}, set_metadata={"seen": True}, dry_run=True).matched_records == 5
    assert films.update(filter={"genre": "drama"}, set_metadata={"seen": True}).matched_records == 5
    assert len(films.query(vector=[1.0, 1.0, 1.0], top_k=10, filter={"seen": True}).matches) == 5


@pytest.mark.parametrize(
    "ask, message",
    [
        (lambda index: index.upsert(vectors=[("a", [1.0])]), "Vector dimension 1 does not match the dimension of the index 3"),
        (lambda index: index.upsert(vectors=[("a", [0.0, 0.0, 0.0])]), "at least one non-zero value"),
        (lambda index: index.upsert(vectors=[("a", [1.0, 1.0, 1.0], {"x": "y" * 50_000})]), "40960 bytes per vector"),
        (lambda index: index.upsert(vectors=[(str(n), [1.0, 1.0, 1.0]) for n in range(1001)]), "1 to 1000 vectors"),
        (lambda index: index.query(vector=[1.0, 1.0], top_k=1), "Vector dimension 2"),
        (lambda index: index.query(vector=[1.0, 1.0, 1.0], top_k=1, filter={"a": {"$regex": "x"}}), "is not a valid operator"),
        (lambda index: index.describe_index_stats(filter={"a": 1}), "metadata filtering"),
    ],
)
def test_a_refusal_raises_with_the_reason(index, ask, message):
    with pytest.raises(PineconeApiException, match=message):
        ask(index)
