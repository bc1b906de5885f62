"""What is asked of the index on behalf of whom."""

from types import SimpleNamespace

import numpy as np
import pytest

from search import filtered, search

VECTOR = np.array([1.0, 0.5], dtype=np.float32)
CURRENT = {"current": {"$eq": True}}


def match(id, score):
    return SimpleNamespace(id=id, score=score, metadata={"document": id})


@pytest.fixture
def index(fake):
    fake.answers = {
        "internal": [match("i1", 0.9), match("i2", 0.5), match("i3", 0.3)],
        "restricted": [match("r1", 0.7), match("r2", 0.4)],
        "": [match("stray", 1.0)],
    }
    return fake


def passes(record: dict, condition: dict | None) -> bool:
    """As the service would judge: {"$and": [...]}, {"field": value}, $eq and $in."""
    for field, test in (condition or {}).items():
        if field == "$and":
            if not all(passes(record, part) for part in test):
                return False
            continue
        for operator, value in (test if isinstance(test, dict) else {"$eq": test}).items():
            wanted = value if operator == "$in" else [value]
            if record.get(field) not in wanted:
                return False
    return True


def test_an_engineer_reads_internal(index):
    hits = search(index, VECTOR, "engineer", top_k=2)
    assert [(hit.id, hit.namespace) for hit in hits] == [("i1", "internal"), ("i2", "internal")]
    assert [query["namespace"] for query in index.queries] == ["internal"]


def test_who_reads_both_gets_the_best_of_both(index):
    hits = search(index, VECTOR, "privacy-office", top_k=3)
    ids = [hit.id for hit in hits]
    assert ids == ["i1", "r1", "i2"], f"the best three of both namespaces are not {ids}"
    assert {hit.namespace for hit in hits} == {"internal", "restricted"}


@pytest.mark.parametrize("reader", ["", "admin", "restricted", "internal"])
def test_a_reader_that_is_not_known_gets_nothing(index, reader):
    with pytest.raises(PermissionError):
        search(index, VECTOR, reader)
    assert index.queries == []


@pytest.mark.parametrize(
    "only",
    [
        None,
        {},
        {"service": {"$eq": "registry"}},
        {"current": {"$in": [True, False]}},
        {"current": False},
    ],
    ids=str,
)
def test_old_pages_stay_out_whatever_is_asked(only):
    found = filtered(only, old=False)
    for service in ("registry", "pond"):
        old = {"service": service, "current": False}
        assert not passes(old, found), f"an old page passes {found}"


def test_what_is_asked_narrows():
    found = filtered({"service": {"$eq": "registry"}}, old=False)
    assert passes({"service": "registry", "current": True}, found)
    assert not passes({"service": "pond", "current": True}, found)


def test_old_pages_come_if_they_are_wanted(index):
    assert passes({"current": False}, filtered(None, old=True))
    assert not filtered(None, old=True), "an empty filter is None"
    search(index, VECTOR, "engineer", only={"service": "pond"}, old=True)
    asked = index.queries[0]["filter"]
    assert passes({"service": "pond", "current": False}, asked)
    assert not passes({"service": "registry", "current": False}, asked)


def test_every_namespace_gets_the_filter(index):
    search(index, VECTOR, "privacy-office")
    assert len(index.queries) == 2
    for query in index.queries:
        assert not passes({"current": False}, query["filter"])
