"""Bodies from outside: how many bytes, of what media type, and whether they are one JSON text."""

import json
from collections.abc import Awaitable, Callable
from email.message import Message as Header
from typing import Any

from fastapi import Request, Response
from fastapi.routing import APIRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from problems import ProblemError, respond


def malformed(detail: str) -> ProblemError:
    return ProblemError(400, "malformed-json", detail)


def no_duplicates(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """Two of a key: which one counts depends on the parser, and there are several on the way."""
    found = dict(pairs)
    if len(found) < len(pairs):
        raise malformed("A key stands twice in one object.")
    return found


def no_constant(name: str) -> Any:
    raise malformed("NaN and Infinity are no JSON.")


def strict_json(body: bytes) -> Any:
    """The value of one JSON text in UTF-8 (RFC 8259). Raises ProblemError for everything else."""
    try:
        # Not json.loads(bytes): that guesses, and takes UTF-16 and UTF-32.
        text = body.decode("utf-8")
        value = json.loads(text, object_pairs_hook=no_duplicates, parse_constant=no_constant)
    except UnicodeError as fault:
        raise malformed("Not UTF-8.") from fault
    except json.JSONDecodeError as fault:
        raise malformed(f"{fault.msg}, at character {fault.pos}.") from fault
    except RecursionError as fault:
        raise malformed("Nested too deep.") from fault
    except ValueError as fault:
        # Python refuses whole numbers of more than 4,300 digits.
        raise malformed("A number with too many digits.") from fault
    return value


def check_media_type(value: str | None) -> None:
    header = Header()
    header["content-type"] = value or "nothing"
    charset = header.get_param("charset", "utf-8")
    is_json = value is not None and header.get_content_type() == "application/json"
    if not is_json or str(charset).lower() != "utf-8":
        accept = {"Accept": "application/json"}
        detail = "Send application/json, in UTF-8."
        raise ProblemError(415, "unsupported-media-type", detail, headers=accept)


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
        if scope["type"] != "http":
            await self.app(scope, receive, send)
            return
        too_large = ProblemError(413, "too-large", f"At most {self.most} bytes.")
        declared = dict(scope["headers"]).get(b"content-length", b"0")
        if not declared.isdigit() or int(declared) > self.most:
            # Refused before a single byte of it is read.
            await respond(Request(scope), too_large)(scope, receive, send)
            return
        read = 0

        async def counted() -> Message:
            nonlocal read
            message = await receive()
            read += len(message.get("body", b""))
            if read > self.most:
                raise too_large
            return message

        await self.app(scope, counted, send)
