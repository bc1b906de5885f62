"""What refusing costs: measurements.json.

    python measure.py

First your service as it runs: every case of hostile/cases.json three times, one after the other, and
how many of which problem come back how fast. Then the functions alone: how long the worst bodies
keep the event loop, by their size.

samples.jsonl gets a line for each answer and for each of those bodies, desk.log what the service
logged meanwhile. Checks compute the figures again from them.
"""

import json
import os
import socket
import statistics
import subprocess
import sys
import time
from collections import defaultdict
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any

import httpx2 as httpx
from pydantic import ValidationError

from bodies import strict_json
from conftest import GOOD, cases, request_of
from models import NewIncident
from problems import ProblemError

ROUNDS = 3
TRIES = 3
SERVE = Path(__file__).resolve().parent / "serve.py"
SIZES_KIB = (16, 64, 256, 1024)


def free_port() -> int:
    """The one that Groundwork leaves to its checks' programs, which may call no other, or any."""
    if given := os.environ.get("GROUNDWORK_FREE_PORT"):
        return int(given)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until_up(client: httpx.Client) -> None:
    for _ in range(200):
        try:
            client.get("/health/live")
            return
        except httpx.TransportError:
            time.sleep(0.1)
    sys.exit("measure.py: the service does not answer")


def problem_of(answer: httpx.Response) -> str:
    """The end of the problem's type, or `accepted`."""
    found = "accepted" if answer.is_success else answer.json().get("type", "no type at all")
    return found.rsplit("/", 1)[-1]


def asked(client: httpx.Client, case: dict[str, Any]) -> dict[str, Any]:
    request = request_of(case)
    started = time.perf_counter()
    answer = client.post("/incidents", **request)
    elapsed = (time.perf_counter() - started) * 1000
    return {
        "case": case["name"],
        "problem": problem_of(answer),
        "id": answer.headers.get("x-correlation-id"),
        "ms": round(elapsed, 2),
    }


def over_http() -> list[dict[str, Any]]:
    """Each answer to each case, in the order in which they were asked."""
    port = free_port()
    with open("desk.log", "w", encoding="utf-8") as log:
        service = subprocess.Popen(
            [sys.executable, SERVE],
            env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1", "PORT": str(port)},
            stdout=subprocess.DEVNULL,
            stderr=log,
        )
        try:
            with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
                wait_until_up(client)
                return [asked(client, case) for _ in range(ROUNDS) for case in cases()]
        finally:
            service.terminate()
            service.wait(timeout=10)


def by_problem(answers: list[dict[str, Any]]) -> dict[str, dict[str, float]]:
    times: dict[str, list[float]] = defaultdict(list)
    for answer in answers:
        times[answer["problem"]].append(answer["ms"])
    return {
        kind: {"answers": len(found), "median_ms": round(statistics.median(found), 2)}
        for kind, found in sorted(times.items())
    }


def refused(body: bytes) -> None:
    """What your service does with a body between the last byte and the answer."""
    try:
        NewIncident.model_validate(strict_json(body))
    except (ProblemError, ValidationError) as fault:
        if isinstance(fault, ValidationError):
            fault.errors()


def many_keys(size: int) -> bytes:
    keys = {f"k{number}": number for number in range(size // 17)}
    return json.dumps(keys).encode()[:-1].ljust(size - 1) + b"}"


WORST: dict[str, Callable[[int], bytes]] = {
    "one_long_text": lambda size: json.dumps({**GOOD, "summary": "a" * size}).encode(),
    "deep": lambda size: b"[" * size,
    "long_list": lambda size: json.dumps({**GOOD, "regions": [7] * (size // 3)}).encode(),
    "many_keys": many_keys,
}


def tries(work: Callable[[], None]) -> list[float]:
    def once() -> float:
        started = time.perf_counter()
        work()
        return round((time.perf_counter() - started) * 1000, 2)

    return [once() for _ in range(TRIES)]


def in_process() -> list[dict[str, Any]]:
    return [
        {"body": name, "kib": kib, "tries_ms": tries(partial(refused, make(kib * 1024)))}
        for name, make in WORST.items()
        for kib in SIZES_KIB
    ]


def main() -> None:
    sent = over_http()
    answers = by_problem(sent)
    print(f"{'over HTTP':24}{'answers':>8}{'median':>12}")
    for kind, row in answers.items():
        print(f"{kind:24}{row['answers']:>8}{row['median_ms']:>9.2f} ms")
    held = in_process()
    worst: dict[str, dict[str, float]] = defaultdict(dict)
    for row in held:
        worst[row["body"]][f"kib_{row['kib']}"] = min(row["tries_ms"])
    print(f"\n{'event loop held':16}" + "".join(f"{kib:>8} KiB" for kib in SIZES_KIB))
    for name, row in worst.items():
        print(f"{name:16}" + "".join(f"{row[f'kib_{kib}']:>9.1f} ms" for kib in SIZES_KIB))
    slowest = {f"kib_{kib}": max(row[f"kib_{kib}"] for row in worst.values()) for kib in SIZES_KIB}
    result = {
        "answers": {"internal-error": {"answers": 0}, **answers},
        "event_loop_held_ms": worst,
        "slowest_ms": slowest,
    }
    with open("measurements.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    with open("samples.jsonl", "w", encoding="utf-8") as file:
        file.writelines(json.dumps(row) + "\n" for row in [*sent, *held])


if __name__ == "__main__":
    main()
