"""Server-sent events: how they are written, and how a stream that has nothing to say stays alive.

Knows nothing of models or incidents.
"""

from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, TypeVar

T = TypeVar("T")

# What a stream's answer needs beside its content type.
HEADERS: dict[str, str] = {}
# A comment: clients drop it, and everything on the way sees that the stream lives.
HEARTBEAT = b""


def event(name: str, data: Any, number: int) -> bytes:
    """One event: its name, its id (`number`) and `data` as JSON on one line, closed by a blank
    line."""
    raise NotImplementedError("events.py: no event is written yet")


async def with_heartbeats(
    pieces: AsyncIterator[T], every_s: float, left: Callable[[], float]
) -> AsyncGenerator[T | None, None]:
    """Pass `pieces` on, one by one, with None in between whenever `every_s` seconds brought none.

    Raises TimeoutError once `left()` seconds have become 0, however many pieces came. Asks for a
    piece only when the one before it has been taken, and cancels what it asked for when it is
    closed.
    """
    raise NotImplementedError("events.py: nothing is passed on yet")
    yield  # Makes this an async generator.
