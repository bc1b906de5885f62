"""SIGTERM under load: four streams under way, one of them without end, and callers who still come.

python drain.py            measures plain uvicorn, then your server, and writes drain.json
python drain.py --check    measures your server and prints what Groundwork's check wants to know

This program plays the platform: it sends SIGTERM, goes on sending callers for a moment, as a load
balancer does that has not heard yet, and kills the process when its patience is over.
"""

import asyncio
import json
import sys
import time
from collections import Counter
from pathlib import Path
from typing import Any

import httpx

from paced_desk import Running, running

PATH = "/incidents/inc-2024-12-02/summary"
# Three streams of a second and a half, and one that nobody will see the end of.
TOKENS = [15, 15, 15, 5000]
SETTINGS = {"seats": 8, "deadline_s": 120, "heartbeat_s": 0.5, "linger_s": 2, "grace_s": 5}
# How long the load balancer goes on sending callers, once it could know better.
BALANCER_LAG_S = 0.5
# terminationGracePeriodSeconds, stopTimeout: then comes SIGKILL.
PATIENCE_S = 20.0


class Stream:
    def __init__(self, desk: Running) -> None:
        self.begun = asyncio.Event()
        self.task = asyncio.ensure_future(self._read(desk))

    async def _read(self, desk: Running) -> str:
        """finished, told (that the service ends) or cut."""
        last = ""
        try:
            async with desk.caller() as caller, caller.stream("POST", PATH) as answer:
                async for line in answer.aiter_lines():
                    if line.startswith("event:"):
                        last = line.removeprefix("event:").strip()
                        self.begun.set()
        except httpx.TransportError:
            return "cut"
        finally:
            self.begun.set()
        return {"done": "finished", "error": "told"}.get(last, "cut")


async def ask(desk: Running, method: str, path: str) -> int | None:
    """The status, or None where no connection came about."""
    try:
        async with desk.caller() as caller, caller.stream(method, path) as answer:
            return answer.status_code
    except httpx.TransportError:
        return None


async def measure(plain: bool) -> dict[str, Any]:
    async with running({"tokens": TOKENS, "gap_s": 0.1}, SETTINGS, plain) as desk:
        streams = [Stream(desk) for _ in TOKENS]
        await asyncio.gather(*(stream.begun.wait() for stream in streams))
        desk.terminate()
        began = time.monotonic()
        while (ready := await ask(desk, "GET", "/ready")) == 200:
            if time.monotonic() - began > PATIENCE_S:
                break
            await asyncio.sleep(0.02)
        late: Counter[int | None] = Counter()
        noticed = time.monotonic()
        while time.monotonic() - noticed < BALANCER_LAG_S:
            late[await ask(desk, "POST", PATH)] += 1
            await asyncio.sleep(0.05)
        in_time = await desk.ended(max(0.1, PATIENCE_S - (time.monotonic() - began)))
        seconds = time.monotonic() - began
        if not in_time:
            desk.process.kill()
            desk.process.wait()
        ends = Counter(await asyncio.gather(*(stream.task for stream in streams)))
        return {
            "streams": len(streams),
            "finished": ends["finished"],
            "told": ends["told"],
            "cut": ends["cut"],
            "ready_said": ready,
            "late_refused": late[503],
            "late_lost": late[None],
            "seconds": round(seconds, 2),
            "killed": not in_time,
            "exit_code": desk.process.returncode,
        }


def outcomes(found: dict[str, Any]) -> list[dict[str, Any]]:
    rows = [
        ("streams finish", "finished", 3, "streams that could finish were cut"),
        ("not ready first", "ready_said", 503, "/ready did not say that the service ends"),
        ("late callers", "late_lost", 0, "late callers found no connection in place of a 503"),
        ("last words", "told", 1, "the endless stream was not told that the service ends"),
        ("in time", "killed", False, "the process had to be killed"),
        ("exit code", "exit_code", 0, "the process did not end with exit code 0"),
    ]
    return [outcome(found, *row) for row in rows]


def outcome(
    found: dict[str, Any], check: str, name: str, wanted: Any, wrong: str
) -> dict[str, Any]:
    right = found[name] == wanted
    summary = f"{name} is {json.dumps(found[name])}" if right else f"On SIGTERM {wrong}."
    measured = [{"name": name.replace("_", " "), "value": found[name], "unit": ""}]
    told = {"check": check, "status": "passed" if right else "failed", "summary": summary}
    if right:
        return {**told, "measured": measured}
    return {
        **told,
        "expected": f"{name} = {json.dumps(wanted)}",
        "actual": f"{name} = {json.dumps(found[name])}, of {json.dumps(found)}",
        "place": {"file": "server.py"},
    }


def main() -> None:
    if sys.argv[1:] == ["--check"]:
        for line in outcomes(asyncio.run(measure(plain=False))):
            print(json.dumps(line))
        return
    found = {}
    for name in ("plain", "yours"):
        found[name] = asyncio.run(measure(plain=name == "plain"))
        print(f"{name}: {found[name]}", flush=True)
    Path("drain.json").write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
