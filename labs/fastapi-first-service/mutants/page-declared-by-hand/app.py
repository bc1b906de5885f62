"""The Skerry incident desk: incidents of the archive over HTTP, read only."""

import asyncio
import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from typing import Annotated, Any

from fastapi import APIRouter, Depends, FastAPI, HTTPException, Path, Query, Request
from fastapi.encoders import jsonable_encoder
from fastapi.responses import JSONResponse
from pydantic import BaseModel, ConfigDict, Field, ValidationError

import archive
from catalogue import BadCursor, Catalogue
from models import Alive, Document, Error, Incident, IncidentPage, Ready, Record, Service, Severity
from settings import Settings

log = logging.getLogger("uvicorn.error")

TAGS = [
    {"name": "incidents", "description": "What happened on Skerry, and what was written about it."},
    {"name": "health", "description": "For the platform that runs this service."},
]
NOT_READY: dict[int | str, dict[str, Any]] = {
    503: {
        "model": Error,
        "description": "No incidents are loaded yet.",
        "headers": {
            "Retry-After": {
                "description": "Seconds until it makes sense to ask again.",
                "schema": {"type": "integer"},
            }
        },
    }
}
BAD_CURSOR: dict[int | str, dict[str, Any]] = {
    400: {"model": Error, "description": "The cursor is not one that this service gave out."}
}
NOT_FOUND: dict[int | str, dict[str, Any]] = {
    404: {"model": Error, "description": "There is no incident with this id."}
}


class IncidentQuery(BaseModel):
    """The query of a list. A parameter that is not here is a mistake, and the caller is told."""

    model_config = ConfigDict(extra="forbid")

    limit: int = Field(default=20, ge=1, le=100, description="The most incidents on a page.")
    cursor: str | None = Field(
        default=None, max_length=200, description="`next_cursor` of the page before this one."
    )
    service: Service | None = Field(default=None, description="Only incidents of this service.")
    severity: list[Severity] = Field(
        default_factory=list, description="Only incidents of these severities; may be repeated."
    )


async def loaded(request: Request) -> Catalogue:
    """The catalogue, or a 503. Async, since FastAPI runs a plain `def` dependency in a thread."""
    catalogue = request.app.state.catalogue
    if catalogue is None:
        retry_after = str(max(1, round(request.app.state.settings.retry_s)))
        headers = {"Retry-After": retry_after}
        raise HTTPException(503, "No incidents are loaded yet.", headers=headers)
    return catalogue


Loaded = Annotated[Catalogue, Depends(loaded)]
IncidentId = Annotated[
    str,
    Path(
        pattern=r"^inc-\d{4}-\d{2}-\d{2}[a-z]?$",
        description="The day it began, with a letter where a day had two.",
        examples=["inc-2024-03-11"],
    ),
]


def found(catalogue: Catalogue, incident_id: str) -> Record:
    record = catalogue.get(incident_id)
    if record is None:
        raise HTTPException(404, "There is no incident with this id.")
    return record


incidents = APIRouter(prefix="/incidents", tags=["incidents"], responses=NOT_READY)
health = APIRouter(prefix="/health", tags=["health"])


@incidents.get("", summary="List incidents, the newest first", responses=BAD_CURSOR, response_model=IncidentPage)
async def list_incidents(
    query: Annotated[IncidentQuery, Query()], catalogue: Loaded
) -> JSONResponse:
    try:
        items, next_cursor = catalogue.page(
            limit=query.limit, cursor=query.cursor, service=query.service, severities=query.severity
        )
    except BadCursor as fault:
        raise HTTPException(400, "The cursor is not one that this service gave out.") from fault
    rows = jsonable_encoder(items, exclude={"commander", "channel"})
    total = {"total": len(catalogue)} if rows else {}
    return JSONResponse({"items": rows, "next_cursor": next_cursor, **total})


@incidents.get("/{incident_id}", summary="One incident", responses=NOT_FOUND)
async def get_incident(incident_id: IncidentId, catalogue: Loaded) -> Incident:
    # The annotation is a filter: what a record has beyond an incident stays here.
    return found(catalogue, incident_id)


@incidents.get(
    "/{incident_id}/documents", summary="What was written about an incident", responses=NOT_FOUND
)
def list_documents(incident_id: IncidentId, catalogue: Loaded) -> list[Document]:
    # A plain `def`: the archive's client blocks, and here it blocks a thread and not the loop.
    found(catalogue, incident_id)
    return [Document.model_validate(document) for document in archive.documents_of(incident_id)]


@health.get("/live", summary="Whether this process can answer")
async def live() -> Alive:
    return Alive(status="alive")


@health.get("/ready", summary="Whether to send traffic here", responses=NOT_READY)
async def ready(catalogue: Loaded) -> Ready:
    return Ready(status="ready", incidents=len(catalogue))


async def load(app: FastAPI, settings: Settings) -> bool:
    """Try once; the log says why not, the caller never does."""
    try:
        app.state.catalogue = await asyncio.to_thread(Catalogue.load, settings.incidents)
    except (OSError, ValidationError) as fault:
        log.warning("cannot load %s: %s", settings.incidents, fault)
        return False
    log.info("loaded %d incidents", len(app.state.catalogue))
    return True


async def keep_loading(app: FastAPI, settings: Settings) -> None:
    while not await load(app, settings):
        await asyncio.sleep(settings.retry_s)


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # In a task, so that a slow volume does not keep the liveness route from answering.
        loading = asyncio.create_task(keep_loading(app, settings))
        yield
        loading.cancel()
        with suppress(asyncio.CancelledError):
            await loading

    app = FastAPI(
        title="Skerry incident desk",
        version="1.0.0",
        summary="Incidents of the Skerry platform, read only.",
        openapi_tags=TAGS,
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
        lifespan=lifespan,
        # The default joins function, path and method, and every generated client shows it.
        generate_unique_id_function=lambda route: route.name,
    )
    app.state.settings = settings
    app.state.catalogue = None
    app.include_router(incidents)
    app.include_router(health)
    return app
