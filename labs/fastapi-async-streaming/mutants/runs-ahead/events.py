"""Server-sent events: how they are written, and how a stream that has nothing to say stays alive.

Knows nothing of models or incidents.
"""

import asyncio
import json
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from typing import Any, TypeVar

import anyio

T = TypeVar("T")

# What a stream's answer needs beside its content type: nobody on the way may keep it, change it or
# collect it.
HEADERS: dict[str, str] = {"Cache-Control": "no-store, no-transform", "X-Accel-Buffering": "no"}
# A comment: clients drop it, and everything on the way sees that the stream lives.
HEARTBEAT = b": still here\n\n"


def event(name: str, data: Any, number: int) -> bytes:
    """One event: its name, its id (`number`) and `data` as JSON on one line, closed by a blank
    line."""
    # json.dumps escapes line feeds, so that the data cannot end the event early.
    return f"event: {name}\nid: {number}\ndata: {json.dumps(data)}\n\n".encode()


async def with_heartbeats(
    pieces: AsyncIterator[T], every_s: float, left: Callable[[], float]
) -> AsyncGenerator[T | None, None]:
    """Pass `pieces` on, one by one, with None in between whenever `every_s` seconds brought none.

    Raises TimeoutError once `left()` seconds have become 0, however many pieces came. Asks for a
    piece only when the one before it has been taken, and cancels what it asked for when it is
    closed.
    """
    ahead: asyncio.Queue[T | None] = asyncio.Queue()
    failed: list[Exception] = []

    async def fill() -> None:
        try:
            async for piece in pieces:
                ahead.put_nowait(piece)
        except Exception as fault:
            failed.append(fault)
        ahead.put_nowait(None)

    filling = asyncio.ensure_future(fill())
    try:
        async for one in _read(ahead, every_s, left):
            yield one
        if failed:
            raise failed[0]
    finally:
        filling.cancel()
        with anyio.CancelScope(shield=True):
            await asyncio.wait({filling})


async def _read(
    ahead: "asyncio.Queue[T | None]", every_s: float, left: Callable[[], float]
) -> AsyncGenerator[T | None, None]:
    while True:
        # A task, not a timeout around anext(): a timeout would cancel the model's stream at the
        # first silence.
        upcoming = asyncio.ensure_future(ahead.get())
        try:
            while not upcoming.done():
                await asyncio.wait({upcoming}, timeout=min(every_s, left()))
                if left() <= 0:
                    raise TimeoutError
                if not upcoming.done():
                    yield None
        finally:
            upcoming.cancel()
            # Shielded, because a cancelled scope would cut this wait short and leave the task to
            # itself.
            with anyio.CancelScope(shield=True):
                await asyncio.wait({upcoming})
        piece = upcoming.result()
        if piece is None:
            return
        yield piece
