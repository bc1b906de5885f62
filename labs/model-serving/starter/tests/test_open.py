"""Open loop. Given: the checks run it."""

import asyncio
import time

from client import Answer
from fakes import Counting, Stalling, hold_up, run
from load import closed_loop, open_loop, poisson_arrivals


def test_a_server_that_answers_nobody_is_still_asked():
    """The first answers come only when all have asked: whoever waits for answers hangs here."""

    async def all_asked() -> int:
        asked = []
        everyone = asyncio.Event()

        async def send(number: int) -> Answer:
            asked.append(number)
            if len(asked) == 10:
                everyone.set()
            await asyncio.wait_for(everyone.wait(), 5)
            now = time.perf_counter()
            return Answer(now, now, completion_tokens=1)

        await open_loop(send, [i * 0.01 for i in range(10)])
        return len(asked)

    assert run(all_asked()) == 10


def test_nothing_is_sent_before_it_is_due():
    arrivals = poisson_arrivals(100, 20, seed=5)
    samples = run(open_loop(Counting(), arrivals))
    assert len(samples) == 20
    assert all(sample.sent >= sample.due - 1e-6 for sample in samples)


def test_due_is_when_it_should_have_been_sent():
    arrivals = [0.05, 0.1, 0.11]
    samples = run(open_loop(Counting(), arrivals))
    assert sorted(round(sample.due, 6) for sample in samples) == arrivals


def test_a_late_generator_says_so():
    """Whatever holds this program up is not taken off the latency."""

    async def held_up():
        async def hold() -> None:
            await asyncio.sleep(0.02)
            hold_up(0.3)

        holding = asyncio.create_task(hold())
        samples = await open_loop(Counting(), [0.1, 0.15])
        await holding
        return samples

    for sample in run(held_up()):
        assert sample.due in (0.1, 0.15)
        assert sample.sent >= 0.3


def test_a_stall_is_seen_by_those_who_arrive_in_it():
    """Two loops ask the same server about as often. It stalls once, for 0.8 s."""

    async def both():
        shut = await closed_loop(Stalling(), 1, 100, 30)
        free = await open_loop(Stalling(), poisson_arrivals(60, 100, seed=2))
        return shut, free

    shut, free = run(both())
    slow = [sum(sample.last - sample.due > 0.25 for sample in samples) for samples in (shut, free)]
    assert slow[0] <= 2, f"closed loop: {slow[0]} of 100 were slow"
    assert slow[1] >= 20, f"open loop: {slow[1]} of 100 were slow"
