"""What the machine allows, beside what was measured.

    python bounds.py

Reads weights.json, measurements.json and experiments.json, and writes bounds.json.
"""

from __future__ import annotations

import json
import sys
from pathlib import Path

HALF_FLOAT = 2


def kv_bytes_per_token(dimensions: dict) -> int:
    """Bytes that the keys and values of one token take, kept as half floats.

    `dimensions` has layers, heads (of the queries), kv_heads, head_size and context.
    """
    raise NotImplementedError("kv_bytes_per_token is yours")


def decode_bound(
    bandwidth: float, weight_bytes: int, kv_bytes: int, context: int, answers: int = 1
) -> float:
    """The most tokens a second, of all answers together, that memory can feed.

    `bandwidth` is bytes a second. One pass brings one token to each of `answers`; it reads all
    weights once, and for each answer the keys and values (`kv_bytes` a token) of the `context`
    tokens before.
    """
    raise NotImplementedError("decode_bound is yours")


def tokens_that_fit(memory: int, weight_bytes: int, kv_bytes: int) -> int:
    """Tokens of all conversations together whose keys and values fit into `memory` bytes beside the
    weights.
    """
    raise NotImplementedError("tokens_that_fit is yours")


def cost_per_million(price_per_hour: float, tokens_per_second: float, busy: float) -> float:
    """What a million tokens cost on a machine that is paid by the hour and does `tokens_per_second`
    when it is busy, which it is for the share `busy` of the time.
    """
    raise NotImplementedError("cost_per_million is yours")


# From here on it is given: your functions applied to the three files.

CONTEXT = 60  # Tokens of a prompt and half an answer in the sweep.
PRICE_PER_HOUR = 0.10  # Yours: see report.md.


def explained(weights: dict, measurements: dict, experiments: dict) -> dict:
    kv = kv_bytes_per_token(weights["dimensions"])
    bandwidth = experiments["bandwidth"]["gigabytes_per_second"] * 1e9
    models = {}
    for name in ("q4_1", "q8_0"):
        closed = [
            one for one in measurements["levels"] if (one["model"], one["mode"]) == (name, "closed")
        ]
        alone = 1000 / next(one for one in closed if one["level"] == 1)["per_token_ms"]["p50"]
        most = max(one["tokens_per_second"] for one in closed)
        bound = decode_bound(bandwidth, weights[name]["weight_bytes"], kv, CONTEXT)
        models[name] = {
            "weight_bytes": weights[name]["weight_bytes"],
            "bound_tokens_per_second": round(bound, 1),
            "alone_tokens_per_second": round(alone, 1),
            "share_of_bound": round(alone / bound, 3),
            "most_tokens_per_second": most,
            "cost_per_million": {
                f"{busy:.0%}": round(cost_per_million(PRICE_PER_HOUR, most, busy), 3)
                for busy in (1.0, 0.2, 0.02)
            },
        }
    measured = [one["filled_bytes"] / one["filled_tokens"] for one in experiments["cold"].values()]
    return {
        "kv_bytes_per_token": kv,
        "kv_bytes_per_token_measured": [round(one) for one in measured],
        "tokens_in_4_gib": {
            name: tokens_that_fit(4 << 30, weights[name]["weight_bytes"], kv)
            for name in ("q4_1", "q8_0")
        },
        "models": models,
    }


def main() -> None:
    read = {}
    for name in ("weights", "measurements", "experiments"):
        file = Path(f"{name}.json")
        if not file.exists():
            sys.exit(f"bounds.py: {file} is not there yet")
        read[name] = json.loads(file.read_text(encoding="utf-8"))
    result = explained(**read)
    Path("bounds.json").write_text(json.dumps(result, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(result, indent=1))


if __name__ == "__main__":
    main()
