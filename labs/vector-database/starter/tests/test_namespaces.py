"""Who may read a document decides where it lies."""

from collections import Counter

import pytest
from conftest import chunk, document

from data import release
from records import namespace_of, record_of, records


@pytest.mark.parametrize(
    ("audience", "namespace"),
    [("public", "internal"), ("internal", "internal"), ("restricted", "restricted")],
)
def test_by_audience(audience, namespace):
    assert namespace_of(document(audience=audience)) == namespace
    assert record_of(document(audience=audience), chunk()).namespace == namespace


@pytest.mark.parametrize("audience", ["", "Restricted", "secret"])
def test_an_unknown_audience_is_refused(audience):
    """A new word in a front matter must stop the load, not publish the page."""
    with pytest.raises(ValueError):
        namespace_of(document(audience=audience))


def test_the_corpus():
    closed = {d.document for d in release(1) if d.audience == "restricted"}
    found = Counter(record.namespace for record in records(release(1)))
    assert set(found) == {"internal", "restricted"}
    assert found["restricted"] == sum(len(d.chunks) for d in release(1) if d.document in closed)
