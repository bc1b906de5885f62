"""One request to the desk, with the test in the place of the server and of the caller: it decides
when a piece is taken and when the caller hangs up, so that nothing depends on sockets and their
buffers."""

import asyncio
import json
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

from fastapi import FastAPI

from paced_model import PacedModel
from service import create_app
from settings import Settings

PATH = "/incidents/inc-2024-12-02/summary"


@dataclass
class Event:
    """`name` is `comment` for a comment."""

    name: str
    data: Any = None
    id: str | None = None


class Exchange:
    """`events` holds what came so far."""

    def __init__(
        self,
        app: FastAPI,
        path: str = PATH,
        takes: int | None = None,
        gone_at_start: bool = False,
        **headers: str,
    ) -> None:
        self.status: int | None = None
        self.headers: dict[str, str] = {}
        self.body = b""
        self.takes = takes  # after so many pieces the caller takes no more; None: it takes all
        self.gone_at_start = gone_at_start  # hangs up while the status line is on its way
        self.pieces = 0
        self._news = asyncio.Condition()
        self._hung_up = asyncio.Event()
        self._asked = False
        self._resume = asyncio.Event()
        names = [
            (name.replace("_", "-").encode(), value.encode()) for name, value in headers.items()
        ]
        scope = {
            "type": "http",
            "asgi": {"version": "3.0", "spec_version": "2.3"},
            "http_version": "1.1",
            "method": "POST",
            "scheme": "http",
            "path": path,
            "raw_path": path.encode(),
            "query_string": b"",
            "root_path": "",
            "headers": [(b"host", b"desk"), *names],
            "client": ("127.0.0.1", 1),
            "server": ("127.0.0.1", 2),
            "state": {},
        }
        self.task = asyncio.ensure_future(app(scope, self._receive, self._send))

    async def _receive(self) -> dict[str, Any]:
        if not self._asked:
            self._asked = True
            return {"type": "http.request", "body": b"", "more_body": False}
        await self._hung_up.wait()
        return {"type": "http.disconnect"}

    async def _send(self, message: dict[str, Any]) -> None:
        if self._hung_up.is_set():
            return  # As uvicorn does: what nobody reads is dropped without a word.
        if message["type"] == "http.response.start":
            self.status = message["status"]
            if self.gone_at_start:
                self.hang_up()
                await asyncio.sleep(0.2)
            self.headers = {
                name.decode().lower(): value.decode() for name, value in message["headers"]
            }
        else:
            if self.takes is not None and self.pieces >= self.takes:
                await self._resume.wait()
            self.body += message.get("body", b"")
            self.pieces += bool(message.get("body"))
        async with self._news:
            self._news.notify_all()

    def hang_up(self) -> None:
        self._hung_up.set()

    @property
    def events(self) -> list[Event]:
        return parse(self.body.decode())

    @property
    def problem(self) -> dict[str, Any]:
        return json.loads(self.body)

    async def until(self, true: Callable[[], bool], what: str, seconds: float = 60) -> None:
        """Wait until something that came makes `true` so."""
        async with self._news:
            try:
                await asyncio.wait_for(self._news.wait_for(true), seconds)
            except asyncio.TimeoutError:
                raise AssertionError(
                    f"after {seconds} s: not {what}; so far {self.told()}"
                ) from None

    async def deltas(self, number: int) -> None:
        def there() -> bool:
            return sum(event.name == "delta" for event in self.events) >= number

        await self.until(there, f"{number} delta events")

    async def end(self, seconds: float = 60) -> "Exchange":
        """Wait until the app has done with the request."""
        done, _ = await asyncio.wait({self.task}, timeout=seconds)
        assert done, f"after {seconds} s the request is still at work; so far {self.told()}"
        return self

    def told(self) -> str:
        return f"status {self.status}, {[event.name for event in self.events]}"


def parse(text: str) -> list[Event]:
    """As the HTML standard says, with comments kept."""
    events = []
    for block in text.split("\n\n")[:-1]:
        found: dict[str, str] = {}
        for line in block.split("\n"):
            name, _, value = line.partition(":")
            assert name in ("", "event", "data", "id", "retry"), (
                f"a line that is no field: {line!r}"
            )
            value = value.removeprefix(" ")
            found[name] = f"{found[name]}\n{value}" if name in found and name == "data" else value
        if "data" in found:
            data = json.loads(found["data"])
            events.append(Event(found.get("event", "message"), data, found.get("id")))
        elif "" in found:
            events.append(Event("comment", found[""]))
    return events


def desk(model: PacedModel, **settings: Any) -> FastAPI:
    return create_app(
        model.client(), Settings(**{"heartbeat_s": 30.0, "deadline_s": 30.0, **settings})
    )


def trial(test: Callable[[], Awaitable[None]]) -> Callable[[], None]:
    """A test that runs in an event loop of its own, within 100 seconds."""

    def run() -> None:
        asyncio.run(asyncio.wait_for(test(), 100))

    run.__name__ = test.__name__
    run.__doc__ = test.__doc__
    return run
