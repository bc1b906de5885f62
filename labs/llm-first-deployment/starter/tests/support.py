"""What the tests stand on: an endpoint without a network, a clock without waiting, a deployment
with a quota.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Callable
from datetime import datetime, timedelta, timezone
from decimal import Decimal
from pathlib import Path
from typing import Any

import httpx
from openai import APIConnectionError, APIStatusError, APITimeoutError

from providers import Provider

REQUEST = httpx.Request("POST", "http://endpoint.test/chat/completions")
PRICES = {
    "currency": "USD",
    "models": {
        "small": {
            "input": Decimal("0.10"),
            "cached_input": Decimal("0.05"),
            "output": Decimal("0.40"),
        },
        "large": {
            "input": Decimal("2.00"),
            "cached_input": Decimal("0.50"),
            "output": Decimal("8.00"),
        },
    },
}


def provider(interface: str = "openai", **more: Any) -> Provider:
    values = {
        "name": "test",
        "interface": interface,
        "endpoint": "http://endpoint.test/v1" if interface == "openai" else "http://endpoint.test",
        "model": "night-notes",
        "context": 8192,
        "price": "small",
        "api_version": "2024-10-21" if interface == "azure" else None,
        "key": "a-key",
    }
    return Provider(**{**values, **more})


def status_error(status: int, code: str | None = None, **headers: str) -> APIStatusError:
    """The client's own exception. A header's underscores stand for hyphens."""
    named = {name.replace("_", "-"): value for name, value in headers.items()}
    response = httpx.Response(status, headers=named, request=REQUEST)
    return APIStatusError(f"status {status}", response=response, body={"code": code})


def connection_error() -> APIConnectionError:
    return APIConnectionError(request=REQUEST)


def timeout_error() -> APITimeoutError:
    return APITimeoutError(request=REQUEST)


def completion(
    text: str = "It broke. Mend it.", prompt: int = 60, answer: int = 6, **more: Any
) -> dict:
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion",
        "created": 0,
        "model": "small-2026",
        "choices": [
            {"index": 0, "finish_reason": "stop", "message": {"role": "assistant", "content": text}}
        ],
        "usage": {
            "prompt_tokens": prompt,
            "completion_tokens": answer,
            "total_tokens": prompt + answer,
            "prompt_tokens_details": {"cached_tokens": 0},
            **more,
        },
    }


def chunk(text: str | None = None, usage: dict | None = None, finish: str | None = None) -> dict:
    choices = [] if usage else [{"index": 0, "delta": {"content": text}, "finish_reason": finish}]
    return {
        "id": "chatcmpl-test",
        "object": "chat.completion.chunk",
        "created": 0,
        "model": "small-2026",
        "choices": choices,
        "usage": usage,
    }


class Pieces(httpx.AsyncByteStream):
    """A body that comes in pieces, and then ends or breaks."""

    def __init__(self, pieces: list[bytes], breaks: bool = False) -> None:
        self.pieces = pieces
        self.breaks = breaks

    async def __aiter__(self):
        for piece in self.pieces:
            yield piece
        if self.breaks:
            raise httpx.ReadError("the connection was reset")


def stream_of(*chunks: dict, whole: bool = True) -> httpx.Response:
    pieces = [f"data: {json.dumps(one)}\n\n".encode() for one in chunks]
    if whole:
        pieces.append(b"data: [DONE]\n\n")
    body = Pieces(pieces, breaks=not whole)
    return httpx.Response(200, headers={"content-type": "text/event-stream"}, stream=body)


class Endpoint:
    """Answers requests with the replies that it was given, the last one for good, and remembers
    what it was asked.
    """

    def __init__(self, *replies: httpx.Response | Exception | Callable[[], httpx.Response]) -> None:
        self.replies = list(replies) or [httpx.Response(200, json=completion())]
        self.asked: list[httpx.Request] = []

    def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked.append(request)
        reply = self.replies.pop(0) if len(self.replies) > 1 else self.replies[0]
        if isinstance(reply, Exception):
            raise reply
        return reply() if callable(reply) else reply

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))


class Clock:
    """Time that passes only while somebody sleeps."""

    def __init__(self) -> None:
        self.time = 0.0
        self.sleeps: list[float] = []

    def now(self) -> float:
        return self.time

    async def sleep(self, seconds: float) -> None:
        self.sleeps.append(seconds)
        self.time += seconds


class Calls:
    """A call that fails with these errors, one after the other, and then succeeds."""

    def __init__(self, *errors: BaseException) -> None:
        self.errors = list(errors)
        self.made = 0

    async def __call__(self) -> str:
        self.made += 1
        if self.errors:
            raise self.errors.pop(0)
        return "answered"


class Deployment:
    """Lets so many requests through in each window of the clock, and tells the others when there is
    room.
    """

    def __init__(self, clock: Clock, requests: int, window_s: float) -> None:
        self.clock = clock
        self.requests = requests
        self.window_s = window_s
        self.admitted: list[float] = []
        self.refused = 0

    async def __call__(self) -> str:
        now = self.clock.now()
        recent = [at for at in self.admitted if at > now - self.window_s]
        if len(recent) >= self.requests:
            self.refused += 1
            wait = recent[-self.requests] + self.window_s - now
            raise status_error(429, "429", retry_after_ms=str(round(wait * 1000)), retry_after="60")
        self.admitted.append(now)
        return "answered"


class Day:
    """A wall clock that is set by hand."""

    def __init__(self, *moment: int) -> None:
        self.moment = datetime(*(moment or (2026, 3, 2, 9)), tzinfo=timezone.utc)

    def __call__(self) -> datetime:
        return self.moment

    def pass_hours(self, hours: float) -> None:
        self.moment += timedelta(hours=hours)


def lines(file: Path) -> list[dict]:
    return [json.loads(line) for line in file.read_text(encoding="utf-8").splitlines()]


def unspent(ledger: Any, caller: str = "duty-desk") -> Decimal:
    """The day's room by the ledger's file. `admit` takes it whole only if nothing is held."""
    return ledger.daily_limit - ledger.totals(ledger.now().date())[caller].cost


def run(coroutine):
    return asyncio.run(coroutine)
