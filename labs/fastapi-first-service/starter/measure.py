"""What many callers at once do to a route that makes a blocking call: measurements.json.

    python measure.py

Starts your service and the two of variants.py, one after the other, and asks each for documents, 40
and then 120 at once. Meanwhile it probes /health/live every 20 ms, as a platform does, less often.
"""

import asyncio
import json
import math
import os
import socket
import subprocess
import sys
import time

import httpx2 as httpx

import archive

PATH = "/incidents/inc-2024-03-11/documents"
AT_ONCE = (40, 120)
SERVICES = {
    "async_blocking": "variants:async_blocking",
    "live_in_thread": "variants:live_in_thread",
    "yours": "app:create_app",
}


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


async def timed(client: httpx.AsyncClient, path: str) -> float:
    started = time.perf_counter()
    answer = await client.get(path)
    answer.raise_for_status()
    return (time.perf_counter() - started) * 1000


async def probe(client: httpx.AsyncClient, done: asyncio.Event) -> list[float]:
    times = []
    while not done.is_set():
        times.append(await timed(client, "/health/live"))
        await asyncio.sleep(0.02)
    return times


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


async def measure(port: int, at_once: int) -> dict[str, float]:
    url, limits = f"http://127.0.0.1:{port}", httpx.Limits(max_connections=None)
    async with httpx.AsyncClient(base_url=url, timeout=60, limits=limits) as client:
        await wait_until_up(client)
        done = asyncio.Event()
        probing = asyncio.create_task(probe(client, done))
        times = await asyncio.gather(*(timed(client, PATH) for _ in range(at_once)))
        done.set()
        lives = await probing
    return {
        "p50_ms": round(rank(times, 50), 1),
        "p95_ms": round(rank(times, 95), 1),
        "live_max_ms": round(max(lives), 1),
    }


def measured(factory: str) -> dict[str, dict[str, float]]:
    port = free_port()
    listen = ["--no-access-log", "--port", str(port)]
    service = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", factory, "--factory", *listen],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        return {f"at_{at_once}": asyncio.run(measure(port, at_once)) for at_once in AT_ONCE}
    finally:
        service.terminate()
        service.wait(timeout=10)


def main() -> None:
    print(f"{'':16}{'at once':>8}{'p50':>10}{'p95':>10}{'slowest liveness':>20}")
    services = {}
    for name, factory in SERVICES.items():
        services[name] = measured(factory)
        for at_once in AT_ONCE:
            row = services[name][f"at_{at_once}"]
            figures = (
                f"{row['p50_ms']:>7.0f} ms{row['p95_ms']:>7.0f} ms{row['live_max_ms']:>17.0f} ms"
            )
            print(f"{name:16}{at_once:>8}{figures}")
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
