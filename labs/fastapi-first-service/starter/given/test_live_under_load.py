"""120 callers wait for documents, 40 threads work for them. The health routes wait for neither."""

import asyncio

import archive
import httpx2 as httpx
import pytest

from app import create_app

CALLERS = 120
DOCUMENTS = "/incidents/inc-2024-03-11/documents"


async def answered_meanwhile(path: str) -> int:
    """How many callers for documents are answered between the probe's question and its answer."""
    app = create_app()
    transport = httpx.ASGITransport(app)
    async with (
        app.router.lifespan_context(app),
        httpx.AsyncClient(transport=transport, base_url="http://desk", timeout=60) as client,
    ):
        while (await client.get("/incidents?limit=1")).status_code == 503:
            await asyncio.sleep(0.01)
        callers = [asyncio.create_task(client.get(DOCUMENTS)) for _ in range(CALLERS)]
        await asyncio.sleep(0.1)
        before = sum(task.done() for task in callers)
        assert (await client.get(path)).status_code == 200
        after = sum(task.done() for task in callers)
        statuses = {answer.status_code for answer in await asyncio.gather(*callers)}
    assert statuses == {200}, f"documents are answered with {sorted(statuses)}"
    return after - before


@pytest.mark.parametrize("path", ["/health/live", "/health/ready"])
def test_health_does_not_queue_behind_documents(monkeypatch: pytest.MonkeyPatch, path: str) -> None:
    monkeypatch.setattr(archive, "DELAY_S", 0.3)
    queued = asyncio.run(answered_meanwhile(path))
    # One round of 40 may end while the probe is under way; two do only if it waits for a thread.
    assert queued <= 40, f"{path} waited until {queued} callers for documents were answered"
