"""What a reader sees while it happens. The index is in memory and shows a write two reads late."""

from collections import defaultdict

import numpy as np
import pytest
from conftest import chunk, document
from fake import FakeIndex

from records import document_of, records
from sync import NAMESPACES, forget, sync

VECTORS = defaultdict(lambda: np.array([1.0, 0.5], dtype=np.float32))


def holding(found) -> FakeIndex:
    spaces = {space: [r.id for r in found if r.namespace == space] for space in NAMESPACES}
    fake = FakeIndex(spaces)
    for record in found:
        fake.shown[record.namespace][record.id] = record.metadata
    return fake


def settled(fake: FakeIndex) -> dict[str, set[str]]:
    for _ in range(fake.lag + 1):
        fake.fetch(ids=["none"])
    return {space: set(fake.shown.get(space, {})) for space in NAMESPACES}


OLD = records([document(chunks=[chunk(n) for n in range(3)]), document("gone.md", [chunk(0)])])
NEW = records([document(chunks=[chunk(0), chunk(1, text_hash="e" * 16), chunk(2)])])


def test_ends_with_what_was_wanted_and_nothing_else():
    fake = holding(OLD)
    sync(fake, NEW, VECTORS)
    left = settled(fake)["internal"] - {record.id for record in NEW}
    assert not left, f"still there, and nobody wants it: {sorted(left)}"
    assert settled(fake) == {"internal": {record.id for record in NEW}, "restricted": set()}


def test_a_second_run_writes_nothing():
    fake = holding(OLD)
    sync(fake, NEW, VECTORS)
    writes = len(fake.log)
    sync(fake, NEW, VECTORS)
    assert not fake.log[writes:], f"the second run wrote: {fake.log[writes:]}"


def test_a_changed_document_never_misses_a_part():
    """The new chunk is visible before the old one is deleted."""
    fake = holding(OLD)
    sync(fake, NEW, VECTORS)
    old, new = OLD[1].id, NEW[1].id
    moment = next(n for n, (what, _, ids) in enumerate(fake.log) if what == "delete" and old in ids)
    assert new in fake.seen[moment]["internal"], (
        f"when {old} was deleted, readers did not see {new} yet"
    )


def test_who_lost_a_permission_is_locked_out_first():
    """A document is made restricted: it is gone from internal before it is put elsewhere."""
    before = records([document(chunks=[chunk(0), chunk(1)]), document("stays.md", [chunk(0)])])
    after = records([
        document(chunks=[chunk(0), chunk(1)], audience="restricted"),
        document("stays.md", [chunk(0, text_hash="d" * 16)]),
    ])
    fake = holding(before)
    sync(fake, after, VECTORS)
    moment = next(n for n, (what, _, _) in enumerate(fake.log) if what == "upsert")
    closed = after[0].metadata["document"]
    left = [id for id in fake.seen[moment]["internal"] if document_of(id) == closed]
    assert not left, f"at the first upsert, internal still shows {left}"
    assert settled(fake)["internal"] == {after[2].id}


def test_writes_name_their_namespace():
    fake = holding(OLD)
    sync(fake, NEW, VECTORS)
    named = {namespace for _, namespace, _ in fake.log}
    assert named and named <= set(NAMESPACES), f"writes went to the namespaces {sorted(named)}"


def test_upserts_in_batches():
    wanted = records([document(chunks=[chunk(n) for n in range(450)])])
    fake = FakeIndex()
    sync(fake, wanted, VECTORS)
    assert sum(fake.batches) == 450 and max(fake.batches) <= 200 and len(fake.batches) <= 5


def test_deletes_no_more_than_a_request_may_name():
    fake = holding(records([document("gone.md", [chunk(n) for n in range(1200)])]))
    sync(fake, [], VECTORS)
    assert settled(fake) == {"internal": set(), "restricted": set()}


@pytest.mark.parametrize("space", NAMESPACES)
def test_forget_takes_a_document_out_of_every_namespace(space):
    audience = {"internal": "internal", "restricted": "restricted"}[space]
    found = records([
        document("a.md", [chunk(0), chunk(1)], audience=audience),
        document("a.md.old", [chunk(0)], audience=audience),
    ])
    fake = holding(found)
    forget(fake, "a.md")
    held = {space: set(fake.shown[space]) for space in NAMESPACES}  # Without another read.
    other = {"internal", "restricted"} - {space}
    assert held[space] == {found[2].id} and held[other.pop()] == set()
