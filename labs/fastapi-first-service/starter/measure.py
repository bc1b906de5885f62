"""What many callers at once do to a route that makes a blocking call: measurements.json.

    python measure.py

Starts your service and the two of variants.py, one after the other, and asks each for documents, 40
and then 120 at once. Meanwhile it probes /health/live every 20 ms, as a platform does, less often.

samples.jsonl gets a line for each load: from when to when each request took, in milliseconds since
the load began, and by its own log each call of the archive. Checks compute the figures again.
"""

import asyncio
import json
import math
import os
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import httpx2 as httpx

import archive

PATH = "/incidents/inc-2024-03-11/documents"
AT_ONCE = (40, 120)
SERVICES = {
    "async_blocking": "variants:async_blocking",
    "live_in_thread": "variants:live_in_thread",
    "yours": "app:create_app",
}
# From when to when, in milliseconds since the load began.
Span = tuple[float, float]


def free_port() -> int:
    """The one that Groundwork leaves to its checks' programs, which may call no other, or any."""
    if given := os.environ.get("GROUNDWORK_FREE_PORT"):
        return int(given)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def rank(values: list[float], percent: int) -> float:
    """The percentile by nearest rank."""
    return sorted(values)[math.ceil(percent / 100 * len(values)) - 1]


async def timed(client: httpx.AsyncClient, path: str) -> Span:
    began = time.time()
    answer = await client.get(path)
    answer.raise_for_status()
    return began, time.time()


async def probe(client: httpx.AsyncClient, done: asyncio.Event) -> list[Span]:
    spans = []
    while not done.is_set():
        spans.append(await timed(client, "/health/live"))
        await asyncio.sleep(0.02)
    return spans


async def wait_until_up(client: httpx.AsyncClient) -> None:
    for _ in range(200):
        try:
            # Not the liveness route: the documents need the incidents to be loaded.
            if (await client.get(PATH)).status_code == 200:
                return
        except httpx.TransportError:
            pass
        await asyncio.sleep(0.1)
    sys.exit(f"measure.py: {PATH} never answered 200")


async def load(port: int, at_once: int, log: Path) -> dict[str, list[Span]]:
    """All requests of one load, and what the archive logged of it."""
    url, limits = f"http://127.0.0.1:{port}", httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        await wait_until_up(client)
        log.write_text("")
        began = time.time()
        done = asyncio.Event()
        probing = asyncio.create_task(probe(client, done))
        documents = await asyncio.gather(*(timed(client, PATH) for _ in range(at_once)))
        done.set()
        live = await probing
    archive_calls = [tuple(map(float, line.split())) for line in log.read_text().splitlines()]

    def since(spans: list[Span]) -> list[Span]:
        return [tuple(round((at - began) * 1000, 2) for at in span) for span in spans]

    return {"documents": since(documents), "live": since(live), "archive": since(archive_calls)}


def figures(spans: dict[str, list[Span]]) -> dict[str, float]:
    documents = [ended - began for began, ended in spans["documents"]]
    return {
        "p50_ms": round(rank(documents, 50), 1),
        "p95_ms": round(rank(documents, 95), 1),
        "live_max_ms": round(max(ended - began for began, ended in spans["live"]), 1),
    }


def loads(factory: str) -> dict[int, dict[str, list[Span]]]:
    port = free_port()
    listen = ["--no-access-log", "--port", str(port)]
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "archive.log"
        service = subprocess.Popen(
            [sys.executable, "-m", "uvicorn", factory, "--factory", *listen],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "ARCHIVE_LOG": str(log)},
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
        )
        try:
            return {at_once: asyncio.run(load(port, at_once, log)) for at_once in AT_ONCE}
        finally:
            service.terminate()
            service.wait(timeout=10)


def write_samples(found: dict[str, dict[int, dict[str, list[Span]]]]) -> None:
    with open("samples.jsonl", "w", encoding="utf-8") as file:
        for service, by_load in found.items():
            for at_once, spans in by_load.items():
                print(json.dumps({"service": service, "at_once": at_once, **spans}), file=file)


def main() -> None:
    print(f"{'':16}{'at once':>8}{'p50':>10}{'p95':>10}{'slowest liveness':>20}")
    found, services = {}, {}
    for name, factory in SERVICES.items():
        found[name] = loads(factory)
        services[name] = {f"at_{at_once}": figures(found[name][at_once]) for at_once in AT_ONCE}
        for at_once in AT_ONCE:
            row = services[name][f"at_{at_once}"]
            shown = (
                f"{row['p50_ms']:>7.0f} ms{row['p95_ms']:>7.0f} ms{row['live_max_ms']:>17.0f} ms"
            )
            print(f"{name:16}{at_once:>8}{shown}")
    write_samples(found)
    result = {
        "blocking_call_ms": archive.DELAY_S * 1000,
        "services": services,
        "p95_of_yours_to_async_blocking": round(
            services["yours"]["at_40"]["p95_ms"] / services["async_blocking"]["at_40"]["p95_ms"], 3
        ),
        "liveness_of_yours_to_live_in_thread": round(
            services["yours"]["at_120"]["live_max_ms"]
            / services["live_in_thread"]["at_120"]["live_max_ms"],
            3,
        ),
    }
    with open("measurements.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
        file.write("\n")


if __name__ == "__main__":
    main()
