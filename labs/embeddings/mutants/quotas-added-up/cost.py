"""What it costs to embed everything again, in money and in time.

python cost.py          reads prices.json and chunks.json, writes cost.json
"""

from __future__ import annotations

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Offer:
    """One hosted model at one price, with the quota of one account in one region."""

    name: str
    usd_per_million_tokens: float
    texts_per_request: int
    requests_per_minute: int | None = None  # None where the quota does not count them.
    tokens_per_minute: int | None = None


@dataclass(frozen=True)
class Bill:
    usd: float
    requests: int
    minutes: float  # Under the quota, if nothing else holds it up.


def reembedding(offer: Offer, texts: int, tokens: int) -> Bill:
    requests = math.ceil(texts / offer.texts_per_request)
    by_requests = requests / offer.requests_per_minute if offer.requests_per_minute else 0.0
    by_tokens = tokens / offer.tokens_per_minute if offer.tokens_per_minute else 0.0
    return Bill(
        usd=tokens / 1_000_000 * offer.usd_per_million_tokens,
        requests=requests,
        # Whichever quota is used up first sets the pace.
        minutes=by_requests + by_tokens,
    )


if __name__ == "__main__":
    from report import report_cost

    report_cost(Offer, reembedding)
