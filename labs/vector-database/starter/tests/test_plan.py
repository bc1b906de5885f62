"""What is to be done, worked out before anything is done."""

from conftest import chunk, document
from fake import FakeIndex

from records import records
from sync import plan, present


def ids(items):
    """Of records, or of ids themselves."""
    return [getattr(item, "id", item) for item in items]


def held_of(*found):
    return {
        space: {record.id for record in found if record.namespace == space}
        for space in ("internal", "restricted")
    }


def test_present_reads_all_pages():
    fake = FakeIndex({"internal": [f"a.md#{n:04}@0" for n in range(250)], "restricted": ["b"]})
    assert len(present(fake, "internal")) == 250
    assert present(fake, "restricted") == {"b"}
    assert present(fake, "nothing") == set()


def test_into_an_empty_index_goes_everything():
    wanted = records([document(chunks=[chunk(0), chunk(1)])])
    made = plan(wanted, held_of())
    assert ids(made.upsert["internal"]) == sorted(ids(wanted))
    assert made.upsert["restricted"] == []
    assert not any([*made.revoke.values(), *made.retire.values()])


def test_what_is_there_is_left_alone():
    wanted = records([document(chunks=[chunk(0), chunk(1)])])
    made = plan(wanted, held_of(*wanted))
    parts = (made.revoke, made.upsert, made.retire)
    assert all(part == {"internal": [], "restricted": []} for part in parts)


def test_a_changed_chunk_is_put_in_and_the_old_one_retired():
    old = records([document(chunks=[chunk(0), chunk(1), chunk(2)])])
    new = records([document(chunks=[chunk(0), chunk(1, text_hash="e" * 16)])])
    made = plan(new, held_of(*old))
    assert ids(made.upsert["internal"]) == [new[1].id]
    assert made.retire["internal"] == sorted([old[1].id, old[2].id])
    assert made.revoke["internal"] == []


def test_a_document_that_went_is_revoked():
    old = records([document("a.md", [chunk(0)]), document("b.md", [chunk(0)])])
    made = plan(old[:1], held_of(*old))
    assert made.revoke == {"internal": [old[1].id], "restricted": []}
    assert not any([*made.upsert.values(), *made.retire.values()])


def test_a_document_that_fewer_may_read_is_revoked_where_it_was():
    old = records([document(chunks=[chunk(0)])])
    new = records([document(chunks=[chunk(0)], audience="restricted")])
    made = plan(new, held_of(*old))
    assert made.revoke == {"internal": [old[0].id], "restricted": []}
    assert ids(made.upsert["restricted"]) == [new[0].id]
    assert not any(made.retire.values())
