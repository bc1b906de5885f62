"""Who may go to the model now, who waits, and who is told to come back."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(Exception):
    """As many as may are being answered, and as many as may are waiting."""


class Admission:
    """`concurrency` callers at once, and at most `queue` more that wait in the order in which they
    came.
    """

    def __init__(self, concurrency: int, queue: int) -> None:
        self.concurrency = concurrency
        self.queue = queue

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """`async with admission.place():` waits for a place, and gives it back however the block
        ends.

        Raises `Full` at once where the queue is full too. A caller that is cancelled while it waits
        leaves the queue.
        """
        # Yours. What stands before `yield` happens when a caller comes, what stands after it when
        # the caller leaves.
        raise NotImplementedError("place is yours")
        yield
