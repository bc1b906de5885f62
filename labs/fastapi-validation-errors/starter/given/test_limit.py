"""A body that is too large is not read to its end. This talks ASGI, since clients are polite."""

import asyncio
from typing import Any

import pytest

from app import create_app
from settings import Settings

LIMIT = 64 * 1024
PIECE = b" " * 4096
# An endless body; a desk that reads to the end is stopped here.
MOST_PIECES = 2000


class Caller:
    """Sends a body piece by piece, and counts how many were taken."""

    def __init__(self, declared: str | None) -> None:
        self.taken = 0
        self.sent: list[Any] = []
        headers = [(b"content-type", b"application/json"), (b"idempotency-key", b"limit-0001")]
        if declared is not None:
            headers.append((b"content-length", declared.encode()))
        self.scope = {
            "type": "http",
            "asgi": {"version": "3.0"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": "/incidents",
            "raw_path": b"/incidents",
            "root_path": "",
            "query_string": b"",
            "headers": headers,
            "client": ("127.0.0.1", 50000),
            "server": ("127.0.0.1", 80),
            "state": {},
        }

    async def receive(self) -> Any:
        self.taken += 1
        return {"type": "http.request", "body": PIECE, "more_body": self.taken < MOST_PIECES}

    async def send(self, message: Any) -> None:
        self.sent.append(message)

    async def call(self) -> None:
        app = create_app(Settings(max_body_bytes=LIMIT))
        async with app.router.lifespan_context(app):
            await app(self.scope, self.receive, self.send)

    @property
    def status(self) -> int:
        return self.sent[0]["status"]

    @property
    def media_type(self) -> bytes:
        return dict(self.sent[0]["headers"]).get(b"content-type", b"none")


@pytest.mark.parametrize("declared", ["65537", "8192000", "99999999999999999999"])
def test_a_declared_body_is_refused_unread(declared: str) -> None:
    caller = Caller(declared)
    asyncio.run(caller.call())
    assert caller.status == 413, f"{caller.status} for a Content-Length of {declared}"
    assert caller.media_type == b"application/problem+json"
    assert caller.taken == 0, f"{caller.taken} pieces were read of a body that was refused"


def test_a_body_of_unknown_length_is_read_up_to_the_limit() -> None:
    caller = Caller(None)
    asyncio.run(caller.call())
    assert caller.status == 413, f"{caller.status} for a body in pieces that does not end"
    assert caller.media_type == b"application/problem+json"
    most = LIMIT // len(PIECE) + 1
    assert caller.taken <= most, f"{caller.taken} pieces were read, and {most} are over the limit"


def test_a_body_of_the_limit_is_read() -> None:
    caller = Caller(str(LIMIT))

    async def receive() -> Any:
        caller.taken += 1
        last = caller.taken * len(PIECE) >= LIMIT
        return {"type": "http.request", "body": PIECE, "more_body": not last}

    caller.receive = receive  # type: ignore[method-assign]
    asyncio.run(caller.call())
    assert caller.status == 400, f"{caller.status} for a body of blanks that is not too large"
