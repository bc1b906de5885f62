"""Three measurements that a load test does not make. Given: your bounds.py explains what they find.

    python experiments.py bandwidth        how fast this machine reads memory
    python experiments.py prefix           two prompts that begin with the same 980 or so tokens
    python experiments.py cold q4_1 NAME   first answer and memory of a model that is not loaded yet

Each adds its figures to experiments.json. Checks compare the calls of a prefix and of a cold start
with what the gateway recorded between `began` and `ended`.
"""

from __future__ import annotations

import asyncio
import json
import os
import random
import statistics
import sys
import time
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timezone
from pathlib import Path
from urllib.parse import urlsplit

import httpx
import numpy as np

from client import MODELS, Answer, ask, open_client

FILE = Path("experiments.json")
PREFIX_WORDS = 870  # About 980 tokens.
LONG_PROMPTS = 6


def bandwidth() -> dict:
    """The most bytes a second that all cores together read from memory, in twenty tries."""
    threads, began, seconds = os.cpu_count() or 1, now(), []
    parts = [
        np.ones(64 << 20 >> 3, dtype=np.float64) for _ in range(threads)
    ]  # 64 MiB each: more than a cache.
    size = sum(part.nbytes for part in parts)
    with ThreadPoolExecutor(threads) as pool:
        for _ in range(20):
            time.sleep(0.1)  # Whatever else runs on this machine has pauses of its own.
            sent = time.perf_counter()
            list(pool.map(lambda part: float(np.dot(part, part)), parts))
            seconds.append(round(time.perf_counter() - sent, 6))
    return {
        "gigabytes_per_second": round(size / min(seconds) / 1e9, 2),
        "threads": threads,
        "began": began,
        "ended": now(),
        "bytes": size,
        "seconds": seconds,
    }


def long_text(words: int) -> str:
    """Text that no server has read before: it begins with what nobody can guess."""
    pick = random.Random(os.urandom(8))
    vocabulary = "queue node volume lease shard replica quota token route cache batch".split()
    return f"Log {pick.randrange(10**9)}. " + " ".join(
        pick.choice(vocabulary) for _ in range(words)
    )


async def called(http: httpx.AsyncClient, model: str, text: str, max_tokens: int) -> dict:
    """One call, as its caller saw it."""
    sent = time.perf_counter()
    answer = await _answered(http, model, text, max_tokens)
    return {
        "first_token_ms": round((answer.first - sent) * 1000, 1),
        "prompt_tokens": answer.prompt_tokens,
        "cached_tokens": answer.cached_tokens,
        "completion_tokens": answer.completion_tokens,
    }


async def prefix(http: httpx.AsyncClient, model: str) -> dict:
    """First tokens of three pairs of prompts; those of a pair begin with the same text."""
    began, calls = now(), []
    for _ in range(3):
        text = long_text(PREFIX_WORDS)
        for question in ("What failed first?", "Which team is asked?"):
            calls.append(await called(http, model, f"{text}\n\n{question}", 4))
    return {
        "model": model,
        "began": began,
        "ended": now(),
        "new_ms": statistics.median(call["first_token_ms"] for call in calls[::2]),
        "known_ms": statistics.median(call["first_token_ms"] for call in calls[1::2]),
        "calls": calls,
    }


async def cold(http: httpx.AsyncClient, model: str) -> dict:
    """The first answer of a model that is not loaded, the second, and what memory the server took
    for it.
    """
    began, before = now(), server_memory()
    short = ("SKR-1000: say one word.", "SKR-1001: say one word.")
    calls = [await called(http, model, text, 2) for text in short]
    loaded = server_memory()
    long = [await called(http, model, long_text(PREFIX_WORDS), 2) for _ in range(LONG_PROMPTS)]
    filled = server_memory()
    tokens = sum(
        call["prompt_tokens"] - call["cached_tokens"] + call["completion_tokens"] for call in long
    )
    return {
        "model": model,
        "began": began,
        "ended": now(),
        "cold_ms": calls[0]["first_token_ms"],
        "warm_ms": calls[1]["first_token_ms"],
        "loaded_bytes": loaded - before,
        "filled_bytes": filled - loaded,
        "filled_tokens": tokens,
        "calls": calls + long,
    }


def now() -> str:
    return datetime.now(timezone.utc).isoformat()


def server_memory() -> int:
    """Bytes of memory that the process at the gateway's port holds; 0 where there is no /proc."""
    port = urlsplit(os.environ["OPENAI_BASE_URL"]).port or 80
    table = Path("/proc/net/tcp")
    rows = [line.split() for line in table.read_text().splitlines()[1:]] if table.exists() else []
    # A row has its own address as HEX:HEX, its state (0A listens), and the inode of its socket.
    sockets = {
        f"socket:[{row[9]}]" for row in rows if row[1].endswith(f":{port:04X}") and row[3] == "0A"
    }
    for process in Path("/proc").glob("[0-9]*"):
        try:
            if any(os.readlink(handle) in sockets for handle in (process / "fd").iterdir()):
                status = (process / "status").read_text()
                return int(status.split("VmRSS:", 1)[1].split()[0]) * 1024
        except OSError:
            continue  # It has ended meanwhile, or is somebody else's.
    return 0


async def _answered(http: httpx.AsyncClient, model: str, text: str, max_tokens: int) -> Answer:
    answer = await ask(http, model, text, max_tokens)
    if answer.error:
        raise SystemExit(f"experiments.py: {model} does not answer: {answer.error}")
    return answer


async def main(what: str, *more: str) -> None:
    known = json.loads(FILE.read_text(encoding="utf-8")) if FILE.exists() else {}
    async with open_client() as http:
        if what == "bandwidth":
            known["bandwidth"] = bandwidth()
        elif what == "prefix":
            await _answered(http, MODELS["q4_1"], "Hello.", 1)
            known["prefix"] = await prefix(http, MODELS["q4_1"])
        elif what == "cold" and len(more) == 2 and more[0] in MODELS:
            known.setdefault("cold", {})[more[0]] = await cold(http, more[1])
        else:
            raise SystemExit(__doc__)
    FILE.write_text(json.dumps(known, indent=1) + "\n", encoding="utf-8")
    print(json.dumps(known.get(what), indent=1))


if __name__ == "__main__":
    asyncio.run(main(*(sys.argv[1:] or [""])))
