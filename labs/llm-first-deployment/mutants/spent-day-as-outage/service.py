"""Handover notes over HTTP, streamed to a browser as server-sent events.

GET  /         the page
GET  /health   200 while this process can answer
GET  /usage    today's totals, by caller
POST /digests  {"note": TEXT}, with the header X-Caller; answers with events, each one JSON:
               {"type": "text", "text": TEXT} ..., then {"type": "done", "entry": {...}}
               or {"type": "error", "message": TEXT} where it breaks half-way

Before the first event, faults are statuses: 413 too long, 422 filtered or malformed, 429 the
caller's day is spent, 502 the provider refused our request, 503 the provider is not there. 429 and
503 have a Retry-After. Listens on 127.0.0.1, on the port that PORT names.
"""

from __future__ import annotations

import asyncio
import json
import math
import os
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import asdict
from typing import Annotated, Any

import httpx
import uvicorn
from fastapi import Depends, FastAPI, Header, Request
from fastapi.responses import FileResponse, JSONResponse, Response, StreamingResponse
from openai import APIError
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from accounting import Entry, OverBudget, TooLong, utc_now
from connection import while_connected
from digest import Digester, Filtered, make_digester
from retries import verdict

# Where the provider says nothing of when to come back.
RETRY_AFTER_S = 5


class Note(BaseModel):
    note: str = Field(min_length=1)


def event(**fields: Any) -> str:
    return f"data: {json.dumps(fields)}\n\n"


async def events(pieces: AsyncIterator[str | Entry]) -> AsyncIterator[str]:
    """The status is out already: what goes wrong from here on has to be told in the stream."""
    try:
        async for piece in pieces:
            if isinstance(piece, Entry):
                yield event(type="done", entry=asdict(piece))
            else:
                yield event(type="text", text=piece)
    except (APIError, httpx.HTTPError, Filtered) as fault:
        yield event(type="error", message=f"The answer broke off: {type(fault).__name__}.")


def refusal(error: Exception) -> Response:
    """The status that tells a caller whose fault it was and whether to come back."""
    wait = None
    if isinstance(error, TooLong):
        status = 413
    elif isinstance(error, Filtered):
        status = 422
    elif isinstance(error, OverBudget):
        status, wait = 503, RETRY_AFTER_S
    elif (found := verdict(error)).retry:
        status, wait = 503, math.ceil(found.after_s or RETRY_AFTER_S)
    else:
        status = 502
    # What a provider says may quote our key or its own inside: it is for the log, not for the
    # caller.
    ours = isinstance(error, (TooLong, Filtered, OverBudget))
    message = str(error) if ours else "The model cannot be asked now."
    headers = {} if wait is None else {"Retry-After": str(max(1, wait))}
    return JSONResponse({"error": message}, status, headers)


async def resources() -> AsyncIterator[AsyncExitStack]:
    """For what a request opens: closed after its answer, however that ends."""
    async with AsyncExitStack() as stack:
        yield stack


def create_app(digester: Digester) -> FastAPI:
    app = FastAPI(title="Handover notes")

    async def refuse(_: Request, error: Exception) -> Response:
        return refusal(error)

    for kind in (TooLong, Filtered, OverBudget, APIError, asyncio.TimeoutError):
        app.add_exception_handler(kind, refuse)

    @app.exception_handler(ClientDisconnect)
    async def gone(_: Request, __: ClientDisconnect) -> Response:
        # Nobody reads it. 499 is what the gateway calls it too.
        return Response(status_code=499)

    @app.get("/health")
    async def health() -> dict[str, str]:
        return {"status": "ok"}

    @app.get("/")
    async def page() -> FileResponse:
        return FileResponse("static/index.html", media_type="text/html")

    @app.get("/usage")
    async def usage() -> dict[str, Any]:
        totals = digester.ledger.totals(utc_now().date())
        return {
            caller: {**asdict(total), "cost": str(total.cost)} for caller, total in totals.items()
        }

    @app.post("/digests")
    async def digests(
        note: Note,
        request: Request,
        opened: Annotated[AsyncExitStack, Depends(resources)],
        x_caller: Annotated[str, Header(pattern=r"^[a-z][a-z0-9-]{1,31}$")],
    ) -> StreamingResponse:
        # Awaited here and not in the generator: so a refusal still has a status.
        pieces = await while_connected(request, digester.stream(note.note, x_caller))
        # A body that is never asked for its first piece would close nothing.
        opened.push_async_callback(pieces.aclose)
        headers = {"Cache-Control": "no-store", "X-Accel-Buffering": "no"}
        return StreamingResponse(events(pieces), media_type="text/event-stream", headers=headers)

    return app


if __name__ == "__main__":
    uvicorn.run(create_app(make_digester()), host="127.0.0.1", port=int(os.environ["PORT"]))
