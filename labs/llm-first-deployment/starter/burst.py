"""Sends digests to a deployment faster than its quota allows, and writes down every attempt:
quota.json.

    NOTES_MODEL=night-notes python burst.py
    NOTES_MODEL=night-notes python burst.py --calls 6 --answer 2000 --write quota-tokens.json

The attempts are seen on the wire, below the client, so they are all there whoever made them. A
check compares them with what the gateway recorded between `began` and `ended`.
"""

from __future__ import annotations

import argparse
import asyncio
import json
import time
from datetime import datetime, timezone
from pathlib import Path

import httpx
from openai import APIError

from digest import prompt
from providers import load, make_client
from retries import Policy, RetryBudget, with_retries


class Wire:
    """Notes every attempt of a client."""

    def __init__(self) -> None:
        self.began = time.monotonic()
        self.attempts: list[dict] = []
        hooks = {"response": [self.see]}
        self.client = httpx.AsyncClient(event_hooks=hooks, timeout=60)

    async def see(self, response: httpx.Response) -> None:
        headers = response.headers
        self.attempts.append(
            {
                "at_s": round(time.monotonic() - self.began, 2),
                "status": response.status_code,
                "retry_after_ms": int(headers["retry-after-ms"])
                if "retry-after-ms" in headers
                else None,
                "remaining_requests": headers.get("x-ratelimit-remaining-requests"),
                "remaining_tokens": headers.get("x-ratelimit-remaining-tokens"),
            }
        )


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("--calls", type=int, default=12)
    parser.add_argument("--at-once", type=int, default=4)
    parser.add_argument("--answer", type=int, default=24, help="the most tokens of an answer")
    parser.add_argument("--write", type=Path, default=Path("quota.json"))
    asked = parser.parse_args()

    provider, wire, began = load(), Wire(), now()
    client = make_client(provider, http_client=wire.client)
    policy, budget = Policy(attempts=6, deadline_s=90), RetryBudget(reserve=30)
    notes = [
        prompt(file.read_text(encoding="utf-8")) for file in sorted(Path("notes").glob("*.md"))
    ]
    turns = asyncio.Semaphore(asked.at_once)
    outcomes: list[str] = []

    async def one(number: int) -> None:
        async def call():
            return await client.chat.completions.create(
                model=provider.model,
                messages=notes[number % len(notes)],
                max_completion_tokens=asked.answer,
                # One sentence: the limit is what is asked for, and not what is used.
                stop=["."],
                temperature=0,
            )

        async with turns:
            try:
                await with_retries(call, policy, budget)
                outcomes.append("answered")
            except (APIError, asyncio.TimeoutError) as fault:
                outcomes.append(f"{type(fault).__name__}: {fault}")

    await asyncio.gather(*(one(number) for number in range(asked.calls)))
    seconds = round(time.monotonic() - wire.began, 1)
    for attempt in wire.attempts:
        print(json.dumps(attempt))
    refused = [attempt for attempt in wire.attempts if attempt["status"] == 429]
    result = {
        "deployment": provider.model,
        "began": began,
        "ended": now(),
        "calls": asked.calls,
        "answer_tokens": asked.answer,
        "answered": outcomes.count("answered"),
        "attempts": len(wire.attempts),
        "refused": len(refused),
        "seconds": seconds,
        "longest_retry_after_ms": max(
            (attempt["retry_after_ms"] or 0 for attempt in refused), default=0
        ),
        "wire": wire.attempts,
    }
    asked.write.write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    summary = {key: value for key, value in result.items() if key != "wire"}
    print(f"\n{json.dumps(summary, indent=1)}")
    for outcome in sorted(set(outcomes) - {"answered"}):
        print(outcome)


if __name__ == "__main__":
    asyncio.run(main())
