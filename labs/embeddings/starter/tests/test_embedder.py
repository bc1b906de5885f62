import asyncio
import time

import numpy as np

from conftest import vector_of
from embedder import batches, embed
from tokens import count

# Of many lengths, so that an order by length is another order.
TEXTS = [f"{'SKR ' * (number * 7 % 11)}ticket {number}" for number in range(25)]
EXPECTED = np.array([vector_of(text) for text in TEXTS])


def test_batches_are_full_but_the_last():
    assert batches([5] * 7, 3) == [[0, 1, 2], [3, 4, 5], [6]]


def test_no_text_no_batch():
    assert batches([], 8) == []


def test_by_length_puts_like_to_like_longest_first():
    assert batches([3, 9, 4, 8], 2, by_length=True) == [[1, 3], [2, 0]]


def test_equal_lengths_keep_their_order():
    assert batches([4, 4, 4, 4], 2, by_length=True) == [[0, 1], [2, 3]]


def test_every_vector_in_its_place(gateway):
    vectors, _ = asyncio.run(embed(gateway, TEXTS, size=4))
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(vectors, EXPECTED, atol=1e-6)


def test_every_vector_in_its_place_when_sorted_and_concurrent(gateway):
    vectors, _ = asyncio.run(embed(gateway, TEXTS, size=4, concurrency=3, by_length=True))
    np.testing.assert_allclose(vectors, EXPECTED, atol=1e-6)


def test_the_index_decides_and_not_the_order_of_the_answer(unordered):
    vectors, _ = asyncio.run(embed(unordered, TEXTS, size=4))
    np.testing.assert_allclose(vectors, EXPECTED, atol=1e-6)


def test_at_most_so_many_at_once(gateway):
    asyncio.run(embed(gateway, TEXTS, size=2, concurrency=4))
    assert gateway.most_under_way == 4


def test_one_at_a_time_where_nothing_else_is_said(gateway):
    asyncio.run(embed(gateway, TEXTS, size=5))
    assert gateway.most_under_way == 1


def test_each_call_is_recorded(gateway):
    _, calls = asyncio.run(embed(gateway, TEXTS, size=10))
    assert sorted(call.texts for call in calls) == [5, 10, 10]
    assert sum(call.tokens for call in calls) == sum(count(text) for text in TEXTS)
    assert all(call.ms > 0 for call in calls)


def test_waiting_for_a_place_is_not_latency(gateway):
    # Ten calls, one after the other: together they take no longer than all of it.
    started = time.perf_counter()
    _, calls = asyncio.run(embed(gateway, TEXTS[:10], size=1))
    assert sum(call.ms for call in calls) <= (time.perf_counter() - started) * 1000


def test_done_is_told_of_each_batch(gateway):
    told = {}

    def done(positions, rows):
        told.update(zip(positions, rows, strict=True))

    asyncio.run(embed(gateway, TEXTS, size=4, concurrency=2, by_length=True, done=done))
    np.testing.assert_allclose(
        np.array([told[place] for place in range(len(TEXTS))]), EXPECTED, atol=1e-6
    )
