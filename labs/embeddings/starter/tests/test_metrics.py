import pytest

from metrics import documents_of, recall, reciprocal_rank

ROWS = [{"document": name} for name in ("a", "a", "b", "c", "b", "d")]


def test_a_document_counts_once_where_its_best_chunk_is():
    assert documents_of([1, 0, 4, 2, 3], ROWS) == ["a", "b", "c"]


def test_recall_is_the_share_that_was_found():
    assert recall(["a", "b", "c", "d"], {"b": 2, "x": 1}, 3) == 0.5


def test_recall_stops_at_k():
    assert recall(["a", "b", "c"], {"c": 2}, 2) == 0


def test_recall_divides_by_what_there_is_to_find():
    assert recall(["a", "b", "c", "d", "e"], {"a": 2, "b": 2}, 5) == 1


def test_reciprocal_rank_counts_from_one():
    assert reciprocal_rank(["a", "b"], {"a": 2}) == 1
    assert reciprocal_rank(["a", "b", "c"], {"c": 2, "z": 1}) == pytest.approx(1 / 3)


def test_nothing_found_is_zero():
    assert reciprocal_rank(["a", "b"], {"z": 2}) == 0
