"""A load generator with two ways to send: closed loop and open loop.

    python load.py --closed 4 --requests 12    four callers; each asks again when it has its answer
    python load.py --rate 3 --requests 12      three a second, whatever becomes of the ones before

Prints one line a request: when it was due, sent, first answered and done, in seconds since the run
began.
"""

from __future__ import annotations

import argparse
import asyncio
import random
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from client import MODELS, Answer, ask, open_client, prompt

# Sends request `number` and returns when its answer is complete.
Send = Callable[[int], Awaitable[Answer]]


@dataclass(frozen=True)
class Sample:
    """One request. Times are seconds since the run began."""

    due: float  # When it should have been sent.
    sent: float
    first: float
    last: float
    prompt_tokens: int = 0
    completion_tokens: int = 0
    longest_gap_ms: float = 0.0
    error: str | None = None


def poisson_arrivals(rate: float, count: int, seed: int) -> list[float]:
    """When `count` requests are due that arrive at `rate` a second and know nothing of each other.

    Seconds from the start, rising. The times between them are exponential with mean 1 / rate. One
    seed always gives the same list.
    """
    pick = random.Random(seed)
    due, now = [], 0.0
    for _ in range(count):
        now += pick.expovariate(rate)
        due.append(now)
    return due


async def timed(send: Send, number: int, due: float, began: float) -> Sample:
    """Sends request `number` now and says how it went. `began` is the run's start on the clock of
    `perf_counter`.
    """
    sent = time.perf_counter() - began
    answer = await send(number)
    return Sample(
        due=due,
        sent=sent,
        first=answer.first - began,
        last=answer.last - began,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        longest_gap_ms=answer.longest_gap_ms,
        error=answer.error,
    )


async def closed_loop(send: Send, concurrency: int, count: int, seconds: float) -> list[Sample]:
    """`concurrency` callers that each wait for their answer before they ask again.

    Ends after `count` requests in all, numbered from 0, each sent once, or when `seconds` have
    passed: what was sent until then is still waited for. A request here is due when its caller is
    free.
    """
    began = time.perf_counter()
    numbers = iter(range(count))
    samples: list[Sample] = []

    async def caller() -> None:
        # Callers share one iterator, so each number is taken once.
        for number in numbers:
            due = time.perf_counter() - began
            if due > seconds:
                return
            samples.append(await timed(send, number, due, began))

    await asyncio.gather(*(caller() for _ in range(concurrency)))
    return samples


async def open_loop(send: Send, arrivals: list[float]) -> list[Sample]:
    """Sends request `number` when `arrivals[number]` is due, whatever has become of the ones
    before.

    A request that is sent late is still due when it was due.
    """
    began = time.perf_counter()

    async def arrive(number: int, due: float) -> Sample:
        await asyncio.sleep(due - (time.perf_counter() - began))
        return await timed(send, number, time.perf_counter() - began, began)

    return await asyncio.gather(*(arrive(number, due) for number, due in enumerate(arrivals)))


async def main() -> None:
    parser = argparse.ArgumentParser()
    way = parser.add_mutually_exclusive_group(required=True)
    way.add_argument("--closed", type=int, metavar="CALLERS")
    way.add_argument("--rate", type=float, metavar="PER_SECOND")
    parser.add_argument("--requests", type=int, default=12)
    parser.add_argument("--max-tokens", type=int, default=16)
    parser.add_argument("--model", choices=MODELS, default="q4_1")
    parser.add_argument("--seed", type=int, default=1, help="of the arrivals")
    told = parser.parse_args()
    asked = random.randrange(1_000_000)  # Other questions each time: the server remembers.

    async with open_client() as http:

        async def send(number: int) -> Answer:
            return await ask(http, MODELS[told.model], prompt(asked, number), told.max_tokens)

        if told.closed:
            samples = await closed_loop(send, told.closed, told.requests, seconds=60)
        else:
            samples = await open_loop(send, poisson_arrivals(told.rate, told.requests, told.seed))

    print("   due    sent   first    last  tokens")
    for one in sorted(samples, key=lambda sample: sample.due):
        times = f"{one.due:6.2f}  {one.sent:6.2f}  {one.first:6.2f}  {one.last:6.2f}"
        print(f"{times}  {one.error or one.completion_tokens}")
    good = [one for one in samples if one.error is None]
    print(f"{len(good)} of {len(samples)} requests answered")


if __name__ == "__main__":
    asyncio.run(main())
