"""Closed loop. Given: the checks run it."""

import asyncio
import time

from client import Answer
from fakes import Counting, run
from load import Sample, closed_loop


def closed(send, concurrency: int, count: int, seconds: float = 30) -> list[Sample]:
    return run(closed_loop(send, concurrency, count, seconds))


def test_each_request_is_sent_once():
    send = Counting()
    samples = closed(send, 3, 20)
    assert len(samples) == 20
    assert sorted(send.numbers) == list(range(20))


def test_so_many_callers_and_no_more():
    send = Counting(0.02)
    closed(send, 4, 24)
    assert send.most == 4


def test_one_caller_asks_one_after_the_other():
    samples = sorted(closed(Counting(), 1, 5), key=lambda sample: sample.sent)
    assert all(later.sent >= earlier.last for earlier, later in zip(samples, samples[1:]))


def test_a_slow_answer_holds_up_one_caller_only():
    """Request 0 is answered when the other caller has had five answers: nobody waits for a wave."""

    async def work() -> int:
        others = asyncio.Event()

        async def send(number: int) -> Answer:
            if number == 0:
                await asyncio.wait_for(others.wait(), 5)
            elif number >= 5:
                others.set()
            now = time.perf_counter()
            return Answer(now, now, completion_tokens=1)

        return len(await closed_loop(send, 2, 8, 30))

    assert run(work()) == 8


def test_times_count_from_the_start():
    samples = closed(Counting(0.01), 2, 6)
    for sample in samples:
        assert 0 <= sample.due <= sample.sent <= sample.first <= sample.last < 1
    assert min(sample.sent for sample in samples) < min(sample.last for sample in samples)


def test_time_that_is_up_ends_it():
    send = Counting(0.1)
    samples = closed(send, 2, 1000, seconds=0.25)
    # What was sent is waited for: nothing that the server saw is missing.
    assert 4 <= len(samples) == len(send.numbers) <= 8


def test_what_the_answer_says_is_kept():
    sample = closed(Counting(), 1, 1)[0]
    assert (sample.prompt_tokens, sample.completion_tokens, sample.error) == (10, 4, None)
