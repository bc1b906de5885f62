"""Two ways to be wrong, to measure yours against. `python variants.py NAME`, on the port in PORT.

async_blocking  the documents in an `async def` that makes the blocking call itself
live_in_thread  the documents in a `def`, as they should be, and liveness in a `def` as well
"""

import os
import sys

import uvicorn
from fastapi import FastAPI

import archive


def async_blocking() -> FastAPI:
    app = FastAPI()

    @app.get("/incidents/{incident_id}/documents")
    async def list_documents(incident_id: str) -> list[dict[str, str]]:
        return archive.documents_of(incident_id)

    @app.get("/health/live")
    async def live() -> dict[str, str]:
        return {"status": "alive"}

    return app


def live_in_thread() -> FastAPI:
    app = FastAPI()

    @app.get("/incidents/{incident_id}/documents")
    def list_documents(incident_id: str) -> list[dict[str, str]]:
        return archive.documents_of(incident_id)

    @app.get("/health/live")
    def live() -> dict[str, str]:
        return {"status": "alive"}

    return app


if __name__ == "__main__":
    variant = {"async_blocking": async_blocking, "live_in_thread": live_in_thread}[sys.argv[1]]
    uvicorn.run(variant(), host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
