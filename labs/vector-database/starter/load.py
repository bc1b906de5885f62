"""Brings the index to a release and reconciles what it says with what was sent. Given.

    python load.py 1
    python load.py 1 2      one after the other

Writes load-RELEASE.json.
"""

from __future__ import annotations

import json
import sys
import time
from collections import Counter
from pathlib import Path

from pinecone import Pinecone

from data import dimension, release, vectors
from index import ensure
from records import records
from settings import INDEX
from sync import Plan, sync


def count(plan: Plan, part: str) -> int:
    return sum(len(items) for items in getattr(plan, part).values())


def main(number: int) -> None:
    index = ensure(Pinecone(), INDEX, dimension(), "cosine")
    wanted = records(release(number))
    started = time.perf_counter()
    plan = sync(index, wanted, vectors())
    seconds = time.perf_counter() - started

    sent = dict(Counter(record.namespace for record in wanted))
    stats = index.describe_index_stats()
    held = {name: int(of.vector_count) for name, of in stats.namespaces.items() if of.vector_count}
    done = {part: count(plan, part) for part in ("revoke", "upsert", "retire")}
    report = {"release": number, **done, "wanted": sent, "held": held, "seconds": round(seconds, 2)}
    Path(f"load-{number}.json").write_text(json.dumps(report, indent=2) + "\n", encoding="utf-8")

    print(f"release {number}: " + ", ".join(f"{part} {n}" for part, n in done.items()))
    print(f"wanted {sent}, the index says {held}, {seconds:.1f} s")
    if held != sent:
        sys.exit("load.py: the index does not hold what was sent")
    print("reconciled")


if __name__ == "__main__":
    if not sys.argv[1:] or not set(sys.argv[1:]) <= {"1", "2"}:
        sys.exit("python load.py 1, python load.py 2, or python load.py 1 2")
    for argument in sys.argv[1:]:
        main(int(argument))
