"""Thirty short texts through your embedder and cache, against the gateway. Given.

python smoke.py
"""

from __future__ import annotations

import asyncio

import numpy as np

from cache import Cache, embed_cached
from gateway import open_client
from tokens import count

SUBJECTS = ["gateway", "registry", "ledger", "vault", "hold", "pond"]
PLACES = ["in Utrecht", "in Leeds", "in Gothenburg", "on the staging cluster", "for one carrier"]


async def main() -> None:
    texts = [f"{subject} is slow {place}" for subject in SUBJECTS for place in PLACES]
    cache = Cache(":memory:")
    async with open_client() as client:
        vectors, calls = await embed_cached(client, cache, texts, size=10, concurrency=2)
        again, more = await embed_cached(client, cache, texts, size=10, concurrency=2)
        alone, _ = await embed_cached(client, Cache(":memory:"), texts[7:8])
    place = int(np.argmax(vectors @ alone[0]))
    own, served = sum(count(text) for text in texts), sum(call.tokens for call in calls)
    print(
        f"{sum(call.texts for call in calls)} texts in {len(calls)} calls, then {len(more)} calls"
    )
    print(f"tokens: {own} by tokens.py, {served} by the gateway")
    same = "equals" if (again == vectors).all() else "differs from"
    print(f"text 7 came back as text {place}; the second run {same} the first")


if __name__ == "__main__":
    asyncio.run(main())
