"""The gateway's index that shows each write 1.2 s late: nothing returns before its work is seen."""

import time
from collections import defaultdict

import numpy as np
import pytest
from conftest import chunk, document

from records import records
from sync import forget, sync, wait_until

VECTORS = defaultdict(lambda: np.array([1.0, 0.5], dtype=np.float32))
OLD = records([document(chunks=[chunk(0), chunk(1)])])
NEW = records([document(chunks=[chunk(0), chunk(1, text_hash="e" * 16)])])


def found(late):
    answer = late.query(vector=[1.0, 0.5], top_k=10, namespace="internal")
    return {match.id for match in answer.matches}


def test_reads_what_it_wrote(late):
    sync(late, OLD, VECTORS)
    expect(found(late), {record.id for record in OLD}, "the first sync()")
    sync(late, NEW, VECTORS)
    expect(found(late), {record.id for record in NEW}, "the second sync()")
    forget(late, "runbooks/registry-gc.md")
    expect(found(late), set(), "forget()")


def expect(seen, wanted, moment):
    assert seen == wanted, f"right after {moment} a query finds {sorted(seen)}"


def test_gives_up_in_time(late):
    started = time.monotonic()
    with pytest.raises(TimeoutError):
        wait_until(late, "internal", shown=["never"], timeout_s=0.5)
    assert time.monotonic() - started < 10
