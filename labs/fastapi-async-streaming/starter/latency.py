"""How long GET /health takes while others ask for incidents, written to latency.json.

python latency.py before    with the route as you found it
python latency.py after     with the route as you made it

Pings leave by the clock, whether the one before was answered or not. Who waits for each answer
before the next ping sends none while the service hangs, and measures only the good moments.
"""

import asyncio
import json
import math
import sys
import time
from pathlib import Path

import httpx

from paced_desk import running

REQUESTS, AT_ONCE, PING_EVERY_S = 24, 12, 0.05
FILE = Path("latency.json")


async def timed(caller: httpx.AsyncClient, path: str) -> float:
    began = time.perf_counter()
    (await caller.get(path)).raise_for_status()
    return (time.perf_counter() - began) * 1000


async def measure() -> dict[str, float]:
    async with running(model={}) as desk, desk.caller() as caller:
        room = asyncio.Semaphore(AT_ONCE)

        async def incident() -> float:
            async with room:
                return await timed(caller, "/incidents/inc-2024-03-11")

        began = time.perf_counter()
        incidents = asyncio.gather(*(incident() for _ in range(REQUESTS)))
        pings = []
        while not incidents.done():
            pings.append(asyncio.ensure_future(timed(caller, "/health")))
            await asyncio.sleep(PING_EVERY_S)
        seconds = time.perf_counter() - began
        health = await asyncio.gather(*pings)
        return {
            "pings": len(health),
            "health_p50_ms": percentile(health, 50),
            "health_p95_ms": percentile(health, 95),
            "incident_p95_ms": percentile(await incidents, 95),
            "seconds": round(seconds, 2),
        }


def percentile(times: list[float], percent: int) -> float:
    """By nearest rank."""
    return round(sorted(times)[max(1, math.ceil(percent / 100 * len(times))) - 1], 1)


def main() -> None:
    if sys.argv[1:] not in (["before"], ["after"]):
        sys.exit("usage: python latency.py before|after")
    found = asyncio.run(measure())
    kept = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    FILE.write_text(json.dumps({**kept, sys.argv[1]: found}, indent=2) + "\n", encoding="utf-8")
    print(f"{sys.argv[1]}: {found}")


if __name__ == "__main__":
    main()
