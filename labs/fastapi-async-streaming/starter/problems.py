"""Errors as problem details (RFC 9457): the helper of the lab before this one, with what streams
need."""

from collections.abc import Mapping
from typing import Any

from fastapi import FastAPI, Request, Response
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from starlette.requests import ClientDisconnect


class Problem(Exception):
    """Something that the caller should hear of. Raised before the first byte it becomes the
    answer."""

    def __init__(
        self, status: int, title: str, detail: str, headers: Mapping[str, str] | None = None
    ) -> None:
        super().__init__(f"{status} {title}: {detail}")
        self.status, self.title, self.detail = status, title, detail
        self.headers = dict(headers or {})

    def document(self) -> dict[str, Any]:
        """As the body of an answer, or as the data of an `error` event once the status line has
        gone."""
        return {
            "type": "about:blank",
            "title": self.title,
            "status": self.status,
            "detail": self.detail,
        }


def install(app: FastAPI) -> None:
    @app.exception_handler(Problem)
    async def problem(_: Request, fault: Problem) -> Response:
        return JSONResponse(
            fault.document(), fault.status, fault.headers, media_type="application/problem+json"
        )

    @app.exception_handler(RequestValidationError)
    async def invalid(request: Request, fault: RequestValidationError) -> Response:
        names = ", ".join(".".join(str(part) for part in error["loc"]) for error in fault.errors())
        return await problem(request, Problem(422, "Invalid request", f"Look at {names}."))

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        # Nobody reads it. 499 is what nginx, Envoy's logs and the gateway here call it.
        return Response(status_code=499)
