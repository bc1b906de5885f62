"""What the samples of one level say, and no more than they can say."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence

from load import Sample

# Samples that must lie beyond a percentile before it is told.
BEYOND = 5


def percentile(values: Iterable[float], p: int) -> float | None:
    """The `p`-th percentile by nearest rank: of n values in order, the one at place ceil(p * n /
    100), from 1.

    None where fewer than BEYOND values lie after that place: 20 samples have no 95th percentile
    worth the name.
    """
    ordered = sorted(values)
    rank = math.ceil(p * len(ordered) / 100)
    return ordered[rank - 1] if len(ordered) - rank >= BEYOND else None


def percentiles(values: Sequence[float]) -> dict[str, float | None]:
    found = {f"p{p}": percentile(values, p) for p in (50, 95)}
    return {name: None if value is None else round(value, 2) for name, value in found.items()}


def summarize(samples: Sequence[Sample], in_flight: float) -> dict:
    """One level in figures.

    The window is from the run's start (0) to the last answer's end. Rates are what the whole system
    did in it: answers and tokens of all callers over its seconds. Requests with an error count in
    `n` and `errors` and nowhere else.

    Latencies count from when a request was due. `little` is answers a second times the mean latency
    in seconds, which has to come out near `in_flight`, the mean number of answers that the server
    said it had under way.
    """
    good = [sample for sample in samples if sample.error is None]
    window = max(sample.last for sample in samples)
    totals = [(sample.last - sample.due) * 1000 for sample in good]
    rate = len(good) / window
    mean = sum(totals) / len(totals) if totals else 0.0
    per_token = [
        (sample.last - sample.first) * 1000 / (sample.completion_tokens - 1)
        for sample in good
        if sample.completion_tokens > 1
    ]
    return {
        "n": len(samples),
        "errors": len(samples) - len(good),
        "seconds": round(window, 3),
        "requests_per_second": round(rate, 3),
        "tokens_per_second": round(sum(sample.completion_tokens for sample in good) / window, 2),
        "first_token_ms": percentiles([(sample.first - sample.due) * 1000 for sample in good]),
        "per_token_ms": percentiles(per_token),
        "total_ms": {"mean": round(mean, 2), **percentiles(totals)},
        "in_flight": round(in_flight, 3),
        "little": round(rate * mean / 1000, 3),
    }
