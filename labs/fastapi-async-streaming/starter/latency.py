"""How long GET /health takes while others ask for incidents, written to latency.json.

python latency.py before    with the route as you found it
python latency.py after     with the route as you made it

Pings leave by the clock, whether the one before was answered or not. Who waits for each answer
before the next ping sends none while the service hangs, and measures only the good moments.

latency-samples.json keeps each request and, by the desk's own log, each call of the archive: from
when to when, in milliseconds since the load began.
"""

import asyncio
import json
import math
import sys
import time
from pathlib import Path
from typing import Any

import httpx

from paced_desk import running

REQUESTS, AT_ONCE, PING_EVERY_S = 24, 12, 0.05
FILE, SAMPLES = Path("latency.json"), Path("latency-samples.json")

Span = tuple[float, float]


async def timed(caller: httpx.AsyncClient, path: str) -> Span:
    began = time.time()
    (await caller.get(path)).raise_for_status()
    return began, time.time()


async def measure() -> dict[str, list[Span]]:
    async with running(model={}) as desk, desk.caller() as caller:
        room = asyncio.Semaphore(AT_ONCE)

        async def incident() -> Span:
            async with room:
                return await timed(caller, "/incidents/inc-2024-03-11")

        began = time.time()
        incidents = asyncio.gather(*(incident() for _ in range(REQUESTS)))
        pings = []
        while not incidents.done():
            pings.append(asyncio.ensure_future(timed(caller, "/health")))
            await asyncio.sleep(PING_EVERY_S)
        health = await asyncio.gather(*pings)
        calls = [row for row in desk.logged(began) if row["what"] == "archive"]
        archive = [(row["began"], row["at"]) for row in calls]
        spans = {"health": health, "incidents": await incidents, "archive": archive}
        return {
            name: [tuple(round((at - began) * 1000, 2) for at in span) for span in found]
            for name, found in spans.items()
        }


def figures(spans: dict[str, list[Span]]) -> dict[str, float]:
    health, incidents = (
        [ended - began for began, ended in spans[name]] for name in ("health", "incidents")
    )
    return {
        "pings": len(health),
        "health_p50_ms": percentile(health, 50),
        "health_p95_ms": percentile(health, 95),
        "incident_p95_ms": percentile(incidents, 95),
        "seconds": round(max(ended for _, ended in spans["incidents"]) / 1000, 2),
    }


def percentile(times: list[float], percent: int) -> float:
    """By nearest rank."""
    return round(sorted(times)[max(1, math.ceil(percent / 100 * len(times))) - 1], 1)


def keep(file: Path, side: str, found: Any, indent: int | None = None) -> None:
    kept = json.loads(file.read_text(encoding="utf-8")) if file.exists() else {}
    file.write_text(json.dumps({**kept, side: found}, indent=indent) + "\n", encoding="utf-8")


def main() -> None:
    if sys.argv[1:] not in (["before"], ["after"]):
        sys.exit("usage: python latency.py before|after")
    side, spans = sys.argv[1], asyncio.run(measure())
    keep(SAMPLES, side, spans)
    keep(FILE, side, figures(spans), indent=2)
    print(f"{side}: {figures(spans)}")


if __name__ == "__main__":
    main()
