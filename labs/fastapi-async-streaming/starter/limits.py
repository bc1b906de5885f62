"""How long a caller may wait, and how many may wait at once."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass


@dataclass(frozen=True)
class Deadline:
    """A moment on the clock of time.monotonic(), after which nobody waits for the answer any
    more."""

    at: float

    @classmethod
    def within(cls, seconds: float) -> "Deadline":
        raise NotImplementedError("limits.py: there are no deadlines yet")

    def left(self) -> float:
        """Seconds until then, never less than 0."""
        raise NotImplementedError("limits.py: there are no deadlines yet")


class Full(Exception):
    """Every seat is taken, and so is every place in the queue."""


class Gate:
    """`seats` callers are served at once, `waiting` more may wait for a seat, and nobody beside
    those."""

    def __init__(self, seats: int, waiting: int) -> None:
        pass

    @asynccontextmanager
    async def seat(self, deadline: Deadline) -> AsyncIterator[None]:
        """A seat, for as long as the context lasts. Raises Full at once, or TimeoutError at the
        deadline."""
        yield  # For now everybody is let in.
