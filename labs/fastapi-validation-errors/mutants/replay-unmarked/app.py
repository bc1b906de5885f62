"""The Skerry incident desk: it takes reports, and tells what is wrong with them."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Annotated

from fastapi import APIRouter, Depends, FastAPI, Header, Path, Request, Response

from bodies import BodyLimit, StrictRoute
from idempotency import Keys
from models import Alive, Incident, NewIncident
from problems import ProblemError, correlation_id, declared, install
from settings import Settings
from store import AlreadyThere, Store

TAGS = [
    {"name": "incidents", "description": "What happened on Skerry."},
    {"name": "health", "description": "For the platform that runs this service."},
]


async def the_store(request: Request) -> Store:
    return request.app.state.store


async def the_keys(request: Request) -> Keys:
    return request.app.state.keys


async def mark(request: Request, response: Response) -> None:
    """What goes well has a correlation id as well."""
    response.headers["X-Correlation-Id"] = correlation_id(request)


Stored = Annotated[Store, Depends(the_store)]
Used = Annotated[Keys, Depends(the_keys)]
IncidentId = Annotated[
    str,
    Path(
        pattern=r"^inc-\d{4}-\d{2}-\d{2}[a-z]?$",
        description="The day it began, with a letter where a day had several.",
        examples=["inc-2024-03-11"],
    ),
]
IdempotencyKey = Annotated[
    str,
    Header(
        alias="Idempotency-Key",
        min_length=8,
        max_length=64,
        pattern=r"^[A-Za-z0-9_-]+$",
        description="Chosen by the caller, once for each incident, and sent again with each retry.",
        examples=["7d1a4c1e-58a5-4d5e-9d7c-6f1f6f1b1c11"],
    ),
]

incidents = APIRouter(
    prefix="/incidents", tags=["incidents"], route_class=StrictRoute, dependencies=[Depends(mark)]
)
health = APIRouter(prefix="/health", tags=["health"])


@incidents.get(
    "/{incident_id}",
    summary="One incident",
    responses=declared((404, "not-found"), (422, "validation"), (500, "internal-error")),
)
async def get_incident(incident_id: IncidentId, store: Stored) -> Incident:
    incident = await store.get(incident_id)
    if incident is None:
        raise ProblemError(404, "not-found", "There is no incident with this id.")
    return incident


@incidents.post(
    "",
    summary="Report an incident",
    status_code=201,
    responses=declared(
        (400, "malformed-json"),
        (409, "incident-exists"),
        (409, "request-in-progress"),
        (413, "too-large"),
        (415, "unsupported-media-type"),
        (422, "validation"),
        (422, "key-reused"),
        (500, "internal-error"),
    ),
)
async def report_incident(
    new: NewIncident, key: IdempotencyKey, store: Stored, keys: Used, response: Response
) -> Incident:
    async def write() -> Incident:
        try:
            return await store.add(new)
        except AlreadyThere as known:
            where = f"See /incidents/{known.incident_id}."
            raise ProblemError(409, "incident-exists", where) from known

    incident, _ = await keys.once(key, new.model_dump_json(), write)
    response.headers["Location"] = f"/incidents/{incident.id}"
    return incident


@health.get("/live", summary="Whether this process can answer")
async def live() -> Alive:
    return Alive(status="alive")


def create_app(settings: Settings | None = None) -> FastAPI:
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        app.state.store = Store.load(settings.incidents)
        app.state.keys = Keys(kept_s=settings.keys_kept_h * 3600)
        yield

    app = FastAPI(
        title="Skerry incident desk",
        version="2.0.0",
        summary="Incidents of the Skerry platform: reported, and read.",
        openapi_tags=TAGS,
        redoc_url=None,
        lifespan=lifespan,
        generate_unique_id_function=lambda route: route.name,
    )
    install(app)
    app.add_middleware(BodyLimit, most=settings.max_body_bytes)
    app.include_router(incidents)
    app.include_router(health)
    return app
