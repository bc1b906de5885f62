"""SIGTERM under load: four streams under way, one of them without end, and callers who still come.

python drain.py            measures plain uvicorn, then your server, and writes drain.json
python drain.py --check    measures your server and prints what Groundwork's check wants to know

This program plays the platform: it sends SIGTERM, goes on sending callers for a moment, as a load
balancer does that has not heard yet, and kills the process when its patience is over.

drain-samples.json keeps each caller, and what the desk's own log says that it answered, in seconds
since SIGTERM.
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
FILE, SAMPLES = Path("drain.json"), Path("drain-samples.json")


class Stream:
    def __init__(self, desk: Running) -> None:
        self.begun = asyncio.Event()
        self.status: int | None = None
        self.times = [time.time()]
        self.task = asyncio.ensure_future(self._read(desk))

    async def _read(self, desk: Running) -> str:
        """finished, told (that the service ends) or cut."""
        last = ""
        try:
            async with desk.caller() as caller, caller.stream("POST", PATH) as answer:
                self.status = answer.status_code
                async for line in answer.aiter_lines():
                    if line.startswith("event:"):
                        last = line.removeprefix("event:").strip()
                        self.begun.set()
        except httpx.TransportError:
            return "cut"
        finally:
            self.begun.set()
            self.times.append(time.time())
        return {"done": "finished", "error": "told"}.get(last, "cut")


async def ask(desk: Running, method: str, path: str) -> int | None:
    """The status, or None where no connection came about."""
    try:
        async with desk.caller() as caller, caller.stream(method, path) as answer:
            return answer.status_code
    except httpx.TransportError:
        return None


async def measure(plain: bool) -> dict[str, Any]:
    """What each caller saw, and what the desk logged, in seconds since SIGTERM."""
    async with running({"tokens": TOKENS, "gap_s": 0.1}, SETTINGS, plain) as desk:
        opened = time.time()
        streams = [Stream(desk) for _ in TOKENS]
        await asyncio.gather(*(stream.begun.wait() for stream in streams))
        desk.terminate()
        began = time.time()

        def since(at: float) -> float:
            return round(at - began, 3)

        async def asked(method: str, path: str) -> dict[str, Any]:
            at = time.time()
            status = await ask(desk, method, path)
            return {"began_s": since(at), "status": status}

        ready = [await asked("GET", "/ready")]
        while ready[-1]["status"] == 200 and time.time() - began < PATIENCE_S:
            await asyncio.sleep(0.02)
            ready.append(await asked("GET", "/ready"))
        late, noticed = [], time.time()
        while time.time() - noticed < BALANCER_LAG_S:
            late.append(await asked("POST", PATH))
            await asyncio.sleep(0.05)
        in_time = await desk.ended(max(0.1, PATIENCE_S - (time.time() - began)))
        ended = time.time()
        if not in_time:
            desk.process.kill()
            desk.process.wait()
        ends = await asyncio.gather(*(stream.task for stream in streams))
        return {
            "streams": [
                {
                    "began_s": since(stream.times[0]),
                    "ended_s": since(stream.times[1]),
                    "status": stream.status,
                    "end": end,
                }
                for stream, end in zip(streams, ends, strict=True)
            ],
            "ready": ready,
            "late": late,
            "process": {
                "ended_s": since(ended),
                "killed": not in_time,
                "exit_code": desk.process.returncode,
            },
            "desk": [
                {"at_s": since(row["at"]), "what": row["what"], "status": row["status"]}
                for row in desk.logged(opened)
            ],
        }


def figures(samples: dict[str, Any]) -> dict[str, Any]:
    ends = Counter(stream["end"] for stream in samples["streams"])
    late = Counter(caller["status"] for caller in samples["late"])
    process = samples["process"]
    return {
        "streams": len(samples["streams"]),
        "finished": ends["finished"],
        "told": ends["told"],
        "cut": ends["cut"],
        "ready_said": samples["ready"][-1]["status"],
        "late_refused": late[503],
        "late_lost": late[None],
        "seconds": round(process["ended_s"], 2),
        "killed": process["killed"],
        "exit_code": process["exit_code"],
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
        for line in outcomes(figures(asyncio.run(measure(plain=False)))):
            print(json.dumps(line))
        return
    samples = {}
    for name in ("plain", "yours"):
        samples[name] = asyncio.run(measure(plain=name == "plain"))
        print(f"{name}: {figures(samples[name])}", flush=True)
    found = {name: figures(seen) for name, seen in samples.items()}
    SAMPLES.write_text(json.dumps(samples) + "\n", encoding="utf-8")
    FILE.write_text(json.dumps(found, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
