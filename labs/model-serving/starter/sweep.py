"""Runs every level for both models in turn. Given: it calls your load.py and summary.py.

    python sweep.py                  both models: closed loop with 1, 2, 4, 8 callers, then 3 rates
    python sweep.py --requests 20    fewer requests a level: quicker, and no 95th percentile

Writes samples.jsonl (every request), measurements.json (each level's figures) and curve.svg. Both
models take each level one after the other, so that what else this machine does meanwhile falls on
both. Checks compare the closed loops with what the gateway recorded meanwhile.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import os
import platform
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import asdict
from datetime import datetime, timezone
from pathlib import Path

import httpx

from client import MODELS, Answer, ask, open_client, prompt
from curve import draw
from load import Sample, closed_loop, open_loop, poisson_arrivals
from summary import summarize

CALLERS = [1, 2, 4, 8]
# Of the most requests a second that the first model managed in closed loop.
SHARES = [0.4, 0.7, 1.1]
SEED = 7  # Of the arrivals.
GAUGE_EVERY_S = 0.1
MOST_REQUESTS = 120  # Of a level. The closed loops are eight, and a check sees 1,000 calls.


class Gauge:
    """Reads from the gateway's own metrics how many answers it has under way: a count that is not
    ours.
    """

    def __init__(self, http: httpx.AsyncClient) -> None:
        self.http = http
        self.address = str(http.base_url).rstrip("/").removesuffix("/v1") + "/metrics"
        self.seen: list[float] = []

    async def read(self) -> float:
        text = (await self.http.get(self.address)).raise_for_status().text
        lines = [line for line in text.splitlines() if line.startswith("groundwork_answers{")]
        return sum(float(line.rsplit(" ", 1)[1]) for line in lines)

    async def watch(self) -> None:
        while True:
            self.seen.append(await self.read())
            await asyncio.sleep(GAUGE_EVERY_S)

    def mean(self) -> float:
        return sum(self.seen) / len(self.seen) if self.seen else 0.0


Run = Callable[[Callable[[int], Awaitable[Answer]]], Awaitable[list[Sample]]]


async def level(
    http: httpx.AsyncClient, name: str, run: Run, seed: int, max_tokens: int
) -> tuple[list[Sample], dict]:
    async def send(number: int) -> Answer:
        return await ask(http, MODELS[name], prompt(seed, number), max_tokens)

    gauge = Gauge(http)
    watching = asyncio.create_task(gauge.watch())
    began, wall, own = now(), time.perf_counter(), time.process_time()
    samples = await run(send)
    ended, wall, own = now(), time.perf_counter() - wall, time.process_time() - own
    watching.cancel()
    await asyncio.gather(watching, return_exceptions=True)
    # What this program itself took of one core: it shares the machine with the model.
    figures = {"client_cpu": round(own / wall, 3), "began": began, "ended": ended}
    return samples, summarize(samples, gauge.mean()) | figures


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


def answered(samples: list[Sample]) -> list[Sample]:
    """Those that the gateway answered with 200: an answer without a word is one."""
    return [sample for sample in samples if sample.error in (None, "no text")]


def as_called(sample: Sample) -> dict:
    """What the gateway recorded of this request as well."""
    if sample.error:
        return {}
    return {
        "first_token_ms": round((sample.first - sample.sent) * 1000, 1),
        "prompt_tokens": sample.prompt_tokens,
        "completion_tokens": sample.completion_tokens,
    }


def machine() -> dict:
    processor = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [
            line.split(":", 1)[1].strip()
            for line in info.read_text().splitlines()
            if line.startswith("model name")
        ]
        processor = names[0] if names else processor
    return {"system": platform.system(), "processor": processor, "cores": os.cpu_count()}


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--models", nargs="+", choices=MODELS, default=list(MODELS))
    parser.add_argument("--requests", type=int, default=100)
    parser.add_argument("--max-tokens", type=int, default=24)
    parser.add_argument(
        "--seconds", type=float, default=40, help="the most for a level in closed loop"
    )
    told = parser.parse_args()
    if told.requests > MOST_REQUESTS:
        parser.error(f"--requests: at most {MOST_REQUESTS}")

    levels: list[dict] = []
    alone: dict[str, dict] = {}
    total = 0
    lines: list[str] = []

    async def take(http: httpx.AsyncClient, mode: str, at: float, run: Run) -> None:
        nonlocal total
        # Both models get the same questions, and every level others: the server remembers prompts.
        seed = random.randrange(1_000_000)
        for name in told.models:
            samples, figures = await level(http, name, run, seed, told.max_tokens)
            key = {"model": name, "mode": mode, "level": at}
            levels.append(key | figures)
            lines.extend(compact(key | asdict(sample)) for sample in samples)
            total += len(answered(samples))
            if at == 1 and mode == "closed":
                alone[name] = {
                    "model": MODELS[name],
                    "began": figures["began"],
                    "ended": figures["ended"],
                    "calls": [as_called(sample) for sample in answered(samples)],
                }
            first = figures["first_token_ms"]
            print(
                f"{name}  {mode:6} {at:6g}  n {figures['n']:3}  errors {figures['errors']}"
                f"  {figures['tokens_per_second']:7.1f} tokens/s"
                f"  first token p50 {first['p50']} p95 {first['p95']} ms",
                flush=True,
            )

    async with open_client() as http:
        for name in told.models:
            warm = await ask(http, MODELS[name], prompt(0, 0), 2)
            if warm.error:
                raise SystemExit(
                    f"sweep.py: {MODELS[name]} does not answer: {warm.error}. Is it imported?"
                )
        began = now()
        for callers in CALLERS:

            def closed(send, callers=callers):
                return closed_loop(send, callers, told.requests, told.seconds)

            await take(http, "closed", callers, closed)
        closed_loops = {"began": began, "ended": now(), "answered": total}
        capacity = max(
            one["requests_per_second"] for one in levels if one["model"] == told.models[0]
        )
        for share in SHARES:
            rate = round(share * capacity, 2)
            arrivals = poisson_arrivals(rate, told.requests, SEED)

            def opened(send, arrivals=arrivals):
                return open_loop(send, arrivals)

            await take(http, "open", rate, opened)

    result = {
        "machine": machine(),
        "max_tokens": told.max_tokens,
        "levels": levels,
        "closed": closed_loops,
        "alone": alone,
    }
    Path("samples.jsonl").write_text("\n".join(lines) + "\n", encoding="utf-8")
    Path("measurements.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    Path("curve.svg").write_text(draw(levels), encoding="utf-8")


def compact(sample: dict) -> str:
    rounded = {key: round(one, 5) if isinstance(one, float) else one for key, one in sample.items()}
    return json.dumps(rounded, separators=(",", ":"))


if __name__ == "__main__":
    asyncio.run(main())
