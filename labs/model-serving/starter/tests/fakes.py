"""Servers made of coroutines and a clock that jumps, for the tests and for stall.py. Given."""

from __future__ import annotations

import asyncio
import selectors
import time
from collections.abc import Coroutine
from typing import Any, TypeVar
from unittest.mock import patch

from client import Answer

Found = TypeVar("Found")

# The two clocks of a program do not begin together: who mixes them up finds out here.
APART = 1000.0


class JumpingLoop(asyncio.SelectorEventLoop):
    """An event loop whose time passes when everybody sleeps, and then at once.

    So a second takes no time, and how busy the machine is changes nothing.
    """

    def __init__(self) -> None:
        self.now = 0.0
        super().__init__(_Jumping(self))

    def time(self) -> float:
        return self.now

    def perf_counter(self) -> float:
        return self.now + APART


class _Jumping(selectors.SelectSelector):
    def __init__(self, loop: JumpingLoop) -> None:
        super().__init__()
        self.loop = loop

    def select(self, timeout: float | None = None) -> list:
        if timeout is None:
            raise RuntimeError("everybody waits, and nobody will ever wake them")
        self.loop.now += max(0.0, timeout)
        return super().select(0)


def run(work: Coroutine[Any, Any, Found], limit: float = 60) -> Found:
    """Runs `work` in jumping time, and gives up after `limit` seconds of it."""
    loop = JumpingLoop()
    with patch("time.perf_counter", loop.perf_counter):
        try:
            return loop.run_until_complete(asyncio.wait_for(work, limit))
        finally:
            left = asyncio.all_tasks(loop)
            for task in left:
                task.cancel()
            if left:
                loop.run_until_complete(asyncio.gather(*left, return_exceptions=True))
            loop.close()


def hold_up(seconds: float) -> None:
    """As a long garbage collection or a busy machine: time passes, and nothing is done."""
    loop = asyncio.get_running_loop()
    assert isinstance(loop, JumpingLoop)
    loop.now += seconds


class Counting:
    """Answers after `seconds`, and notes how many it had at once."""

    def __init__(self, seconds: float = 0.005) -> None:
        self.seconds = seconds
        self.now = self.most = 0
        self.numbers: list[int] = []

    async def __call__(self, number: int) -> Answer:
        self.numbers.append(number)
        self.now += 1
        self.most = max(self.most, self.now)
        await asyncio.sleep(self.seconds)
        self.now -= 1
        now = time.perf_counter()
        return Answer(now, now, prompt_tokens=10, completion_tokens=4)


class Stalling:
    """Answers one request at a time in 4 ms, and once, at the request `stalls_at`, takes 0.8 s."""

    def __init__(self, stalls_at: int = 30) -> None:
        self.stalls_at = stalls_at
        self.one = asyncio.Lock()
        self.begun = 0

    async def __call__(self, number: int) -> Answer:
        async with self.one:
            self.begun += 1
            await asyncio.sleep(0.8 if self.begun == self.stalls_at else 0.004)
        now = time.perf_counter()
        return Answer(now, now, prompt_tokens=10, completion_tokens=4)
