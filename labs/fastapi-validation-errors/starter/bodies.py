"""Bodies from outside: how many bytes, of what media type, and whether they are one JSON text."""

import json
from collections.abc import Awaitable, Callable
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Receive, Scope, Send

from problems import ProblemError


def malformed(detail: str) -> ProblemError:
    return ProblemError(400, "malformed-json", detail)


def strict_json(body: bytes) -> Any:
    """The value of one JSON text in UTF-8 (RFC 8259). Raises ProblemError for everything else."""
    return json.loads(body)


def check_media_type(value: str | None) -> None:
    """Raises ProblemError unless the header is application/json, in UTF-8 if it names a charset."""


class StrictRequest(Request):
    async def json(self) -> Any:
        if not hasattr(self, "_strict"):
            self._strict = strict_json(await self.body())
        return self._strict


class StrictRoute(APIRoute):
    """A route whose body is read by us; FastAPI goes on with what `json()` returns."""

    def get_route_handler(self) -> Callable[[Request], Awaitable[Response]]:
        handler = super().get_route_handler()

        async def strict(request: Request) -> Response:
            if self.body_field is not None:
                check_media_type(request.headers.get("content-type"))
            return await handler(StrictRequest(request.scope, request.receive))

        return strict


class BodyLimit:
    """At most so many bytes of body, whether their number is declared or not."""

    def __init__(self, app: ASGIApp, most: int) -> None:
        self.app = app
        self.most = most

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # Yours. `scope["headers"]` has pairs of bytes, names in lower case; each call of `receive`
        # brings the next piece of the body.
        await self.app(scope, receive, send)
