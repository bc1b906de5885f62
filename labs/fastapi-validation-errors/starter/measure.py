"""What refusing costs: measurements.json.

    python measure.py

First your service as it runs: every case of hostile/cases.json three times, one after the other, and
how many of which problem come back how fast. Then the functions alone: how long the worst bodies
keep the event loop, by their size.
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
from typing import Any

import httpx2 as httpx
from pydantic import ValidationError

from bodies import strict_json
from conftest import GOOD, cases, request_of
from models import NewIncident
from problems import ProblemError

ROUNDS = 3
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


def timed(client: httpx.Client, case: dict[str, Any]) -> tuple[str, float]:
    request = request_of(case)
    started = time.perf_counter()
    answer = client.post("/incidents", **request)
    elapsed = (time.perf_counter() - started) * 1000
    kind = "accepted" if answer.is_success else answer.json().get("type", "no type at all")
    return kind.rsplit("/", 1)[-1], elapsed


def over_http() -> dict[str, dict[str, float]]:
    times: dict[str, list[float]] = defaultdict(list)
    port = free_port()
    service = subprocess.Popen(
        [sys.executable, "-m", "uvicorn", "app:create_app", "--factory", "--port", str(port)],
        env={**os.environ, "PYTHONDONTWRITEBYTECODE": "1"},
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
    )
    try:
        with httpx.Client(base_url=f"http://127.0.0.1:{port}", timeout=30) as client:
            wait_until_up(client)
            for _ in range(ROUNDS):
                for case in cases():
                    kind, elapsed = timed(client, case)
                    times[kind].append(elapsed)
    finally:
        service.terminate()
        service.wait(timeout=10)
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


def best_of_three(work: Callable[[], None]) -> float:
    def once() -> float:
        started = time.perf_counter()
        work()
        return (time.perf_counter() - started) * 1000

    return round(min(once() for _ in range(3)), 2)


def in_process() -> dict[str, dict[str, float]]:
    return {
        name: {
            f"kib_{kib}": best_of_three(partial(refused, make(kib * 1024))) for kib in SIZES_KIB
        }
        for name, make in WORST.items()
    }


def main() -> None:
    answers = over_http()
    print(f"{'over HTTP':24}{'answers':>8}{'median':>12}")
    for kind, row in answers.items():
        print(f"{kind:24}{row['answers']:>8}{row['median_ms']:>9.2f} ms")
    worst = in_process()
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


if __name__ == "__main__":
    main()
