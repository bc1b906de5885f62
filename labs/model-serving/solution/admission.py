"""Who may go to the model now, who waits, and who is told to come back."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


class Full(Exception):
    """As many as may are being answered, and as many as may are waiting."""


class Admission:
    """`concurrency` callers at once, and at most `queue` more that wait in the order in which they
    came.
    """

    def __init__(self, concurrency: int, queue: int) -> None:
        self.most = concurrency + queue
        self.inside = 0  # Answered and waiting together.
        self.places = asyncio.Semaphore(concurrency)  # Wakes in order.

    @asynccontextmanager
    async def place(self) -> AsyncIterator[None]:
        """`async with admission.place():` waits for a place, and gives it back however the block
        ends.

        Raises `Full` at once where the queue is full too. A caller that is cancelled while it waits
        leaves the queue.
        """
        if self.inside >= self.most:
            raise Full
        self.inside += 1
        try:
            async with self.places:
                yield
        finally:
            self.inside -= 1
