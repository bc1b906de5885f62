"""Errors in one shape: problem details as RFC 9457 has them, and nothing else."""

import logging
from collections.abc import Sequence
from typing import Any
from uuid import uuid4

from fastapi import FastAPI, Request
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
    """The problem as an answer: its media type, its headers, and X-Correlation-Id."""
    raise NotImplementedError


def pointer(path: Sequence[Any]) -> str:
    """A JSON pointer as a URI fragment: "#/regions/0". A key may hold anything, of any length.

    Ends before the part with which it would be longer than LONGEST_POINTER.
    """
    raise NotImplementedError


def field_error(error: dict[str, Any]) -> FieldError:
    """One error of Pydantic's, without anything that the caller sent."""
    raise NotImplementedError


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
    # Yours: a handler for each way in which a request ends badly.


def declared(*problems: tuple[int, str]) -> dict[int | str, dict[str, Any]]:
    """The `responses` of a route, from pairs of a status and what it may mean."""
    return {}
