"""Who may go in. Given: the checks run it."""

import asyncio

import pytest

from admission import Admission, Full
from fakes import run


class Callers:
    """Callers that stay inside until they are let go."""

    def __init__(self, concurrency: int, queue: int) -> None:
        self.admission = Admission(concurrency, queue)
        self.inside: list[int] = []
        self.left = [asyncio.Event() for _ in range(20)]

    async def call(self, number: int) -> str:
        try:
            async with self.admission.place():
                self.inside.append(number)
                await self.left[number].wait()
        except Full:
            return "full"
        return "answered"

    async def come(self, number: int) -> asyncio.Task:
        task = asyncio.create_task(self.call(number))
        await settle()
        return task


async def settle() -> None:
    for _ in range(10):
        await asyncio.sleep(0)


def test_so_many_are_answered_at_once():
    async def work():
        callers = Callers(2, 5)
        for number in range(4):
            await callers.come(number)
        return callers.inside

    assert run(work()) == [0, 1]


def test_one_too_many_is_refused_at_once():
    async def work():
        callers = Callers(2, 1)
        for number in range(3):
            await callers.come(number)
        fourth = await callers.come(3)
        return fourth.done() and fourth.result()

    assert run(work()) == "full"


def test_no_queue_is_a_queue_of_none():
    async def work():
        callers = Callers(1, 0)
        first = await callers.come(0)
        second = await callers.come(1)
        callers.left[0].set()
        return await second, await first

    assert run(work()) == ("full", "answered")


def test_who_came_first_goes_first():
    async def work():
        callers = Callers(1, 5)
        tasks = [await callers.come(number) for number in range(4)]
        for event in callers.left:
            event.set()
        await asyncio.gather(*tasks)
        return callers.inside

    assert run(work()) == [0, 1, 2, 3]


def test_a_failed_answer_gives_its_place_back():
    async def work():
        admission = Admission(1, 0)
        for _ in range(3):
            with pytest.raises(RuntimeError):
                async with admission.place():
                    raise RuntimeError("the model went away")
        async with admission.place():
            return "free"

    assert run(work()) == "free"


def test_who_hangs_up_while_waiting_leaves_the_queue():
    async def work():
        callers = Callers(1, 1)
        first = await callers.come(0)
        waiting = await callers.come(1)
        waiting.cancel()
        await settle()
        after = await callers.come(2)  # Has the place in the queue that became free.
        callers.left[0].set()
        callers.left[2].set()
        return await first, await after

    assert run(work()) == ("answered", "answered")


def test_who_hangs_up_while_answered_gives_the_place_back():
    async def work():
        callers = Callers(1, 1)
        first = await callers.come(0)
        second = await callers.come(1)
        first.cancel()
        callers.left[1].set()
        return await second

    assert run(work()) == "answered"
