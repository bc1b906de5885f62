"""The index is made once and recognized afterwards."""

import pytest
from pinecone.exceptions import PineconeApiException

from index import WrongShape, ensure, opened
from settings import DELAY_TAG


def test_makes_the_index(client, name):
    index = ensure(client, name, 3, "cosine", delay_ms=0)
    made = client.describe_index(name)
    assert (made.dimension, made.metric) == (3, "cosine")
    assert dict(made.tags.to_dict()) == {DELAY_TAG: "0"}
    assert index.describe_index_stats().total_vector_count == 0


def test_twice_is_as_good_as_once(client, name):
    ensure(client, name, 3, "cosine", delay_ms=0).upsert(vectors=[("a", [1.0, 2.0, 3.0])])
    again = ensure(client, name, 3, "cosine", delay_ms=0)
    assert again.describe_index_stats().total_vector_count == 1


def test_survives_that_another_was_quicker(client, name, monkeypatch):
    """Two programs start at once: both see no index, and one of them makes it."""
    ensure(client, name, 3, "cosine", delay_ms=0)
    monkeypatch.setattr(type(client), "has_index", lambda *_, **__: False)
    ensure(client, name, 3, "cosine", delay_ms=0)


@pytest.mark.parametrize(("dimension", "metric"), [(4, "cosine"), (3, "dotproduct")])
def test_another_shape_is_refused_and_nothing_is_lost(client, name, dimension, metric):
    index = ensure(client, name, 3, "cosine", delay_ms=0)
    index.upsert(vectors=[("a", [1.0, 2.0, 3.0])])
    with pytest.raises(WrongShape) as raised:
        ensure(client, name, dimension, metric, delay_ms=0)
    said = str(raised.value)
    assert "3" in said and str(dimension) in said and metric in said
    assert index.describe_index_stats().total_vector_count == 1


def test_opens_what_is_there(client, name):
    ensure(client, name, 3, "cosine", delay_ms=0).upsert(vectors=[("a", [1.0, 2.0, 3.0])])
    assert opened(client, name, 3, "cosine").describe_index_stats().total_vector_count == 1
    with pytest.raises(WrongShape):
        opened(client, name, 4, "cosine")


def test_opening_makes_nothing(client, name):
    try:
        opened(client, name, 3, "cosine")
    except PineconeApiException as fault:
        assert fault.status == 404
    else:
        pytest.fail("opened() gave an index that was not there")
    assert not client.has_index(name)


def test_other_refusals_are_passed_on(client):
    with pytest.raises(PineconeApiException, match="cannot be an index's name"):
        ensure(client, "Not_A_Name", 3, "cosine")
