"""Measure the local model from a caller's side: three runs, written to measurements.json.

    python measure.py

Checks compare the runs with what the gateway recorded between `began` and `ended`.
"""

import json
import statistics
import sys
import time
from datetime import datetime, timezone

from openai import OpenAI, OpenAIError

MODEL = "smollm2-135m-instruct"
QUESTION = "Explain in three sentences why a service needs a timeout on every call that it makes."
RUNS = 3


def now():
    return datetime.now(timezone.utc).isoformat()


def stream(client, max_tokens):
    return client.chat.completions.create(
        model=MODEL,
        messages=[{"role": "user", "content": QUESTION}],
        max_tokens=max_tokens,
        temperature=0,
        stream=True,
        stream_options={"include_usage": True},
    )


def measure_once(client):
    """Stream one answer of at most 64 tokens and time it.

    Returns {"first_token_ms", "tokens_per_second", "prompt_tokens", "completion_tokens"}, where tokens_per_second
    covers the tokens after the first: their number over the time from the first piece of text to the last.
    """
    started = time.perf_counter()
    first = last = usage = None
    for chunk in stream(client, max_tokens=64):
        if any(choice.delta.content for choice in chunk.choices):
            last = time.perf_counter()
            first = first or last
        usage = chunk.usage or usage
    return {
        "first_token_ms": round((first - started) * 1000, 1),
        "tokens_per_second": round((usage.completion_tokens - 1) / (last - started), 1),
        "prompt_tokens": usage.prompt_tokens,
        "completion_tokens": usage.completion_tokens,
    }


def main():
    client = OpenAI(timeout=120, max_retries=0)
    started = time.perf_counter()
    for _ in stream(client, max_tokens=1):  # Whoever asks first waits until the model is in memory.
        pass
    warm_up_ms = (time.perf_counter() - started) * 1000

    began, runs = now(), []
    for number in range(1, RUNS + 1):
        runs.append(measure_once(client))
        print(f"run {number}: {runs[-1]}")
    result = {
        "model": MODEL,
        "warm_up_ms": round(warm_up_ms, 1),
        "began": began,
        "ended": now(),
        "runs": runs,
        "median": {key: statistics.median(run[key] for run in runs) for key in runs[0]},
    }
    with open("measurements.json", "w", encoding="utf-8") as file:
        json.dump(result, file, indent=2)
        file.write("\n")
    print(f"median: {result['median']}")


if __name__ == "__main__":
    try:
        main()
    except OpenAIError as fault:
        sys.exit(f"measure.py: {fault}")
