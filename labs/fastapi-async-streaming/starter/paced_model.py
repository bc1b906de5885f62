"""A stand-in for the model that speaks at a pace of its own, for measurements and tests.

The local model answers faster or slower with whatever else runs on your machine. What is measured
here is the service around it, so its model has to be the same each time. It is a transport for the
official client: everything above the socket is the real client's code, and what the service did to
each call can be read afterwards.
"""

import asyncio
import json
import time
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

import anyio
import httpx
from openai import AsyncOpenAI


@dataclass
class Call:
    """One call of the model, and what became of it."""

    # What the client would wait at most, by kind: connect, read, write, pool.
    timeout: dict[str, float | None]
    began: float = field(default_factory=time.monotonic)
    # Chunks with text that were taken from the model.
    taken: int = 0
    # The caller read the whole answer.
    finished: bool = False
    # The caller let go of it, whole or not.
    closed: bool = False


class PacedModel(httpx.AsyncBaseTransport):
    """Answers each chat completion with `tokens` chunks, `gap_s` apart."""

    def __init__(
        self,
        tokens: int | Sequence[int] = 8,  # for the first call, the second, and so on
        gap_s: float = 0.02,
        first_s: float = 0.0,  # before the first byte
        silences: Mapping[int, float] | None = None,  # before this chunk, so many seconds more
        cut_after: int | None = None,  # the connection breaks after so many chunks
        status: int = 200,  # anything else is an error in place of an answer
        finish_reason: str | None = "stop",  # None: the answer ends without one
    ) -> None:
        self.lengths = [tokens] if isinstance(tokens, int) else list(tokens)
        self.gap_s, self.first_s, self.silences = gap_s, first_s, dict(silences or {})
        self.cut_after, self.status, self.finish_reason = cut_after, status, finish_reason
        self.calls: list[Call] = []
        self.most_at_once = 0

    def client(self) -> AsyncOpenAI:
        return AsyncOpenAI(
            api_key="none",
            base_url="http://model/v1",
            http_client=httpx.AsyncClient(transport=self),
        )

    @property
    def open_calls(self) -> int:
        return sum(not call.closed for call in self.calls)

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        call = Call(request.extensions.get("timeout", {}))
        self.calls.append(call)
        self.most_at_once = max(self.most_at_once, self.open_calls)
        length = self.lengths[min(len(self.calls), len(self.lengths)) - 1]
        try:
            await asyncio.sleep(self.first_s)
        except asyncio.CancelledError:
            call.closed = True
            raise
        if self.status != 200:
            call.closed = True
            return httpx.Response(self.status, json={"error": {"message": "as told"}})
        head = {"content-type": "text/event-stream"}
        return httpx.Response(200, headers=head, stream=_Answer(self, call, length))


class _Answer(httpx.AsyncByteStream):
    def __init__(self, model: PacedModel, call: Call, length: int) -> None:
        self.model, self.call, self.length = model, call, length
        self.closing = False

    async def __aiter__(self) -> AsyncIterator[bytes]:
        try:
            async for piece in self._pieces():
                yield piece
        except BaseException:
            # As httpx's own transport does. This shield holds against scopes, and not against a
            # second cancel() of the task.
            with anyio.CancelScope(shield=True):
                await self.aclose()
            raise

    async def _pieces(self) -> AsyncIterator[bytes]:
        model = self.model
        for number in range(1, self.length + 1):
            await asyncio.sleep(model.gap_s + model.silences.get(number, 0.0))
            if model.cut_after is not None and number > model.cut_after:
                raise httpx.ReadError("the connection broke, as told")
            self.call.taken = number
            yield _chunk({"content": f"word {number} "})
        if model.finish_reason is not None:
            yield _chunk({}, model.finish_reason)
            yield _line({"choices": [], "usage": _usage(self.length)})
        self.call.finished = True
        yield b"data: [DONE]\n\n"

    async def aclose(self) -> None:
        if not self.closing:
            self.closing = True
            await asyncio.sleep(0.01)  # A connection takes a moment to close.
            self.call.closed = True


def _chunk(delta: dict[str, Any], finish_reason: str | None = None) -> bytes:
    return _line({"choices": [{"index": 0, "delta": delta, "finish_reason": finish_reason}]})


def _usage(tokens: int) -> dict[str, int]:
    return {"prompt_tokens": 1, "completion_tokens": tokens, "total_tokens": tokens + 1}


def _line(content: dict[str, Any]) -> bytes:
    head = {"id": "paced", "object": "chat.completion.chunk", "created": 0, "model": "paced"}
    return f"data: {json.dumps({**head, **content})}\n\n".encode()
