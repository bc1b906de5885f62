"""The Skerry incident desk: incidents of the archive over HTTP, read only."""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from fastapi import FastAPI

from settings import Settings

log = logging.getLogger("uvicorn.error")

TAGS = [
    {"name": "incidents", "description": "What happened on Skerry, and what was written about it."},
    {"name": "health", "description": "For the platform that runs this service."},
]


def create_app(settings: Settings | None = None) -> FastAPI:
    """A desk that has read nothing yet. Reading begins when it starts, in its lifespan."""
    settings = settings or Settings()

    @asynccontextmanager
    async def lifespan(app: FastAPI) -> AsyncIterator[None]:
        # Yours: load the catalogue into app.state.catalogue. What stands before `yield` runs
        # before the first request, what stands after it when the process is told to stop.
        yield

    app = FastAPI(
        title="Skerry incident desk",
        openapi_tags=TAGS,
        docs_url="/docs" if settings.docs else None,
        redoc_url=None,
        lifespan=lifespan,
    )
    app.state.settings = settings
    app.state.catalogue = None
    # Yours: two routers, for /incidents and for /health, included here.
    return app
