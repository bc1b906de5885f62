"""One streamed request and its clock, and the questions that are asked. Given: nothing of yours
belongs here.

The stream is read with httpx and without an SDK: at eight answers at once, an SDK's object for
every token costs the load generator more than the rest of its work, and on this machine it takes
that from the model.
"""

from __future__ import annotations

import json
import os
import random
import time
from dataclasses import dataclass

import httpx

MODELS = {"q4_1": "smollm2-135m-instruct", "q8_0": "smollm2-135m-instruct-q8_0"}

_SERVICES = [
    "gateway",
    "registry",
    "slipway",
    "ada",
    "parcelstream",
    "pond",
    "hold",
    "vault",
    "moor",
    "finder",
]
_SYMPTOMS = [
    "answers slowly since the last rollout",
    "refuses one request in fifty",
    "restarts every twenty minutes",
    "does not see the new certificate",
    "fills its volume faster than last week",
    "keeps jobs pending for ten minutes",
]
_ASKS = [
    "Say what to look at first.",
    "Write one line for the status page.",
    "Name the likely cause.",
]


@dataclass(frozen=True)
class Answer:
    """What came of one request. Times are those of `time.perf_counter()`."""

    first: float
    last: float
    prompt_tokens: int = 0
    cached_tokens: int = 0
    completion_tokens: int = 0
    longest_gap_ms: float = 0.0
    error: str | None = None


def prompt(seed: int, number: int) -> str:
    """Question `number` of a run. Each begins otherwise, so that no server finds the last one's in
    its cache.
    """
    pick = random.Random(seed * 100_003 + number)
    ticket = f"SKR-{pick.randrange(1000, 9999)}"
    return f"{ticket}: {pick.choice(_SERVICES)} {pick.choice(_SYMPTOMS)}. {pick.choice(_ASKS)}"


def open_client() -> httpx.AsyncClient:
    """A client for the gateway. Its pool has no bound: a bound would be a queue that nobody
    measures.
    """
    return httpx.AsyncClient(
        base_url=os.environ["OPENAI_BASE_URL"].rstrip("/") + "/",
        headers={"Authorization": f"Bearer {os.environ['OPENAI_API_KEY']}"},
        limits=httpx.Limits(max_connections=None, max_keepalive_connections=None),
        timeout=httpx.Timeout(120),
        trust_env=False,
    )


async def ask(http: httpx.AsyncClient, model: str, text: str, max_tokens: int) -> Answer:
    """Streams one answer. A refusal is an answer with an error, not an exception: it belongs to the
    measurement.
    """
    body = {
        "model": model,
        "messages": [{"role": "user", "content": text}],
        "max_tokens": max_tokens,
        "temperature": 0,
        "stream": True,
        "stream_options": {"include_usage": True},
    }
    first = last = 0.0
    gap = 0.0
    usage: dict = {}
    try:
        async with http.stream("POST", "chat/completions", json=body) as reply:
            if reply.status_code != 200:
                await reply.aread()
                now = time.perf_counter()
                return Answer(now, now, error=f"status {reply.status_code}")
            async for line in reply.aiter_lines():
                if not line.startswith("data: ") or line == "data: [DONE]":
                    continue
                chunk = json.loads(line[6:])
                usage = chunk.get("usage") or usage
                if any(choice["delta"].get("content") for choice in chunk["choices"]):
                    now = time.perf_counter()
                    if first:
                        gap = max(gap, now - last)
                    first, last = first or now, now
    except httpx.HTTPError as fault:
        now = time.perf_counter()
        return Answer(now, now, error=type(fault).__name__)
    if not first or not usage:
        now = time.perf_counter()
        return Answer(now, now, error="no text" if usage else "cut off")
    return Answer(
        first,
        last,
        prompt_tokens=usage["prompt_tokens"],
        cached_tokens=usage.get("prompt_tokens_details", {}).get("cached_tokens", 0),
        completion_tokens=usage["completion_tokens"],
        longest_gap_ms=gap * 1000,
    )
