"""How long a caller may wait, and how many may wait at once."""

import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

import anyio


@dataclass(frozen=True)
class Deadline:
    """A moment on the clock of time.monotonic(), after which nobody waits for the answer any
    more."""

    at: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        return cls(time.monotonic() + seconds)

    def left(self) -> float:
        """Seconds until then, never less than 0."""
        return max(0.0, self.at - time.monotonic())


class Full(Exception):
    """Every seat is taken, and so is every place in the queue."""


class Gate:
    """`seats` callers are served at once, `waiting` more may wait for a seat, and nobody beside
    those."""

    def __init__(self, seats: int, waiting: int) -> None:
        self._seats = anyio.Semaphore(seats)
        self._room = seats + waiting
        self._inside = 0

    @asynccontextmanager
    async def seat(self, deadline: Deadline) -> AsyncIterator[None]:
        """A seat, for as long as the context lasts. Raises Full at once, or TimeoutError at the
        deadline."""
        self._inside += 1
        try:
            # The timeout ends before the yield: a cancel scope must not stay open across one.
            with anyio.fail_after(deadline.left()):
                await self._seats.acquire()
            try:
                yield
            finally:
                self._seats.release()
        finally:
            self._inside -= 1
