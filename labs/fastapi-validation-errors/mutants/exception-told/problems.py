"""Errors in one shape: problem details as RFC 9457 has them, and nothing else."""

import logging
from collections.abc import Sequence
from http.client import responses
from typing import Any
from urllib.parse import quote
from uuid import uuid4

from fastapi import FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field
from starlette.exceptions import HTTPException

log = logging.getLogger("desk")

TYPES = "https://skerry.example/problems/"
MEDIA_TYPE = "application/problem+json"
# By the end of its type, what a problem is called. A title never changes from one case to the next.
TITLES = {
    "malformed-json": "The body is not JSON",
    "not-found": "There is nothing here",
    "method-not-allowed": "This cannot be done here",
    "incident-exists": "This incident is known already",
    "request-in-progress": "The same request is being worked on",
    "too-large": "The body is too large",
    "unsupported-media-type": "The body has the wrong media type",
    "validation": "The request is not valid",
    "key-reused": "The idempotency key belongs to another request",
    "internal-error": "Something went wrong on our side",
}
# What the framework raises by itself. Any other status has no type of ours.
BY_STATUS = {404: "not-found", 405: "method-not-allowed"}
UNTYPED = "about:blank"
# A body with thousands of mistakes does not get thousands of errors back.
MOST_ERRORS = 20
LONGEST_POINTER = 120


class FieldError(BaseModel):
    """One mistake, and where it is: in the body by JSON pointer, or in a parameter."""

    detail: str = Field(examples=["Resolved has to be later than started."])
    pointer: str | None = Field(
        default=None, description="Into the body (RFC 6901).", examples=["#/resolved_at"]
    )
    parameter: str | None = Field(
        default=None, description="In path, query or header.", examples=[None]
    )


class Problem(BaseModel):
    """Problem details (RFC 9457)."""

    type: str = Field(examples=[TYPES + "validation"])
    title: str = Field(examples=[TITLES["validation"]])
    status: int = Field(examples=[422])
    detail: str = Field(examples=["1 mistake in the request."])
    instance: str = Field(
        description="This one occurrence. The log has it too.",
        examples=["urn:uuid:7d1a4c1e-58a5-4d5e-9d7c-6f1f6f1b1c11"],
    )
    errors: list[FieldError] | None = Field(default=None, examples=[None])


class ProblemError(HTTPException):
    """Raise it anywhere in a request. An HTTPException, since FastAPI lets only those through."""

    def __init__(
        self,
        status: int,
        kind: str,
        detail: str,
        *,
        errors: Sequence[FieldError] = (),
        headers: dict[str, str] | None = None,
    ) -> None:
        super().__init__(status, detail, headers=headers)
        self.kind = kind
        self.errors = list(errors)


def correlation_id(request: Request) -> str:
    """The id of this request: made when it is first asked for."""
    state = request.scope.setdefault("state", {})
    return state.setdefault("correlation_id", str(uuid4()))


def respond(request: Request, problem: ProblemError) -> JSONResponse:
    found = correlation_id(request)
    untyped = problem.kind == UNTYPED
    content = Problem(
        type=UNTYPED if untyped else TYPES + problem.kind,
        title=phrase(problem.status_code) if untyped else TITLES[problem.kind],
        status=problem.status_code,
        detail=problem.detail,
        instance=f"urn:uuid:{found}",
        errors=problem.errors or None,
    )
    return JSONResponse(
        content.model_dump(exclude_none=True),
        status_code=problem.status_code,
        headers={**(problem.headers or {}), "X-Correlation-Id": found},
        media_type=MEDIA_TYPE,
    )


def phrase(status: int) -> str:
    return responses.get(status, "Error")


def pointer(path: Sequence[Any]) -> str:
    """A JSON pointer as a URI fragment. A key comes from the caller, and may hold anything."""
    found = "#"
    for part in path:
        step = "/" + quote(str(part).replace("~", "~0").replace("/", "~1"), safe="~")
        # Half an escape would point nowhere: rather at what is around it.
        if len(found) + len(step) > LONGEST_POINTER:
            break
        found += step
    return found


def field_error(error: dict[str, Any]) -> FieldError:
    """Pydantic's error without what the caller sent: no `input`, no `ctx`, no `url`."""
    where, *path = error["loc"]
    if where == "body":
        return FieldError(detail=error["msg"], pointer=pointer(path))
    return FieldError(detail=error["msg"], parameter=f"{path[0]} ({where})" if path else where)


async def on_http_exception(request: Request, fault: HTTPException) -> JSONResponse:
    if not isinstance(fault, ProblemError):
        status, headers = fault.status_code, dict(fault.headers or {})
        kind = BY_STATUS.get(status, UNTYPED)
        fault = ProblemError(status, kind, phrase(status), headers=headers)
    log.info("%s %s %s", correlation_id(request), fault.status_code, fault.kind)
    return respond(request, fault)


async def on_validation_error(request: Request, fault: RequestValidationError) -> JSONResponse:
    errors = [field_error(error) for error in fault.errors()[:MOST_ERRORS]]
    count = len(fault.errors())
    detail = f"{count} mistake{'s' if count > 1 else ''} in the request."
    if count > MOST_ERRORS:
        detail += f" The first {MOST_ERRORS} are listed."
    return await on_http_exception(request, ProblemError(422, "validation", detail, errors=errors))


async def on_exception(request: Request, fault: Exception) -> JSONResponse:
    log.error("%s unhandled", correlation_id(request), exc_info=fault)
    detail = f"{type(fault).__name__}: {fault}"
    return respond(request, ProblemError(500, "internal-error", detail))


def describe(app: FastAPI) -> None:
    """Put Problem into the document. FastAPI adds models of application/json only."""
    made = app.openapi

    def openapi() -> dict[str, Any]:
        document = made()
        schemas = document.setdefault("components", {}).setdefault("schemas", {})
        schema = Problem.model_json_schema(ref_template="#/components/schemas/{model}")
        schemas.update(schema.pop("$defs"), Problem=schema)
        return document

    app.openapi = openapi  # type: ignore[method-assign]


def install(app: FastAPI) -> None:
    describe(app)
    app.add_exception_handler(HTTPException, on_http_exception)  # type: ignore[arg-type]
    app.add_exception_handler(RequestValidationError, on_validation_error)  # type: ignore[arg-type]
    app.add_exception_handler(Exception, on_exception)


def declared(*problems: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route: each status once, with the titles of what it may mean."""
    titles: dict[int, list[str]] = {}
    for status, kind in problems:
        titles.setdefault(status, []).append(TITLES[kind])
    return {
        status: {
            "description": "; ".join(names),
            "content": {MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
        for status, names in titles.items()
    }
