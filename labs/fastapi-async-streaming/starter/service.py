"""The Skerry incident desk, reduced to what this lab needs.

GET  /health                   200 while this process can answer
GET  /ready                    200 while new work is welcome, 503 once the service is about to end
GET  /incidents/{id}           an incident with its timeline from the archive
POST /incidents/{id}/summary   a summary from the model, as server-sent events: a `delta` for each
                               piece of text, then `done`, or `error` with problem details

Errors are problem details. What goes wrong before the first byte has a status; after it, an `error`
event.
"""

import json
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, Request
from fastapi.responses import StreamingResponse
from openai import AsyncOpenAI

import archive
import problems
from limits import Gate
from problems import Problem
from settings import Settings

MODEL = "smollm2-135m-instruct"
INCIDENTS: dict[str, dict[str, str]] = {
    incident["id"]: incident
    for incident in json.loads(Path(__file__).with_name("incidents.json").read_text("utf-8"))
}

router = APIRouter()


@dataclass
class Desk:
    """What all requests share."""

    settings: Settings
    model: AsyncOpenAI
    gate: Gate
    draining: bool = False


def create_app(model: AsyncOpenAI | None = None, settings: Settings | None = None) -> FastAPI:
    """The service around `model`: the one that OPENAI_BASE_URL names, unless told otherwise."""
    settings = settings or Settings.from_environment()
    app = FastAPI(title="Skerry incident desk")
    app.state.desk = Desk(settings, model or AsyncOpenAI(), Gate(settings.seats, settings.waiting))
    problems.install(app)
    app.include_router(router)
    return app


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def resources() -> AsyncIterator[AsyncExitStack]:
    """For what a request opens: closed after its answer, however that ends, the last one opened
    first."""
    async with AsyncExitStack() as stack:
        yield stack


def find(incident_id: str) -> dict[str, str]:
    if incident_id not in INCIDENTS:
        raise Problem(404, "No such incident", f"There is no incident {incident_id}.")
    return INCIDENTS[incident_id]


@router.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready")
async def ready() -> dict[str, str]:
    return {"status": "ready"}


@router.get("/incidents/{incident_id}")
async def incident(incident_id: str) -> dict[str, Any]:
    return {**find(incident_id), "timeline": archive.timeline(incident_id)}


def prompt(incident: dict[str, str]) -> str:
    return (
        "Summarise this incident in two sentences for the engineer who takes over the shift.\n"
        f"{incident['title']} ({incident['severity']}, {incident['service']}). {incident['notes']}"
    )


@router.post("/incidents/{incident_id}/summary", response_class=StreamingResponse)
async def summary(
    incident_id: str,
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    opened: Annotated[AsyncExitStack, Depends(resources)],
) -> StreamingResponse:
    find(incident_id)
    raise Problem(501, "Not implemented", "service.py: nothing is summarised yet")
