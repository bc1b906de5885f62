"""Embeds the chunks and writes the index. Given: it calls your chunks.py, cache.py and index.py.

    python build.py                     every document of the scope: the folder index
    python build.py --under decisions --first 4 --out index-try

What vectors.sqlite holds already is not asked for again. Prints what was embedded and what was
known.
"""

from __future__ import annotations

import argparse
import asyncio
import time
from pathlib import Path

from cache import Cache, embed_cached
from chunks import chunks
from corpus import SCOPE, documents
from gateway import open_client
from index import Index
from tokens import MODEL

CACHE = Path("vectors.sqlite")
INDEX = Path("index")


async def build(under: str | None, first: int | None, out: Path) -> None:
    chosen = documents((under,) if under else SCOPE)[:first]
    found = [chunk for document in chosen for chunk in chunks(document)]
    texts = [chunk.content() for chunk in found]
    cache = Cache(CACHE)
    started = time.perf_counter()
    async with open_client() as client:
        vectors, calls = await embed_cached(client, cache, texts, concurrency=4)
    seconds = time.perf_counter() - started
    cache.close()
    Index.make(MODEL, found, vectors).save(out)
    embedded = sum(call.texts for call in calls)
    tokens = sum(call.tokens for call in calls)
    known = len(set(texts)) - embedded
    print(f"{len(found)} chunks: {known} known, {embedded} embedded in {len(calls)} calls")
    if embedded:
        rates = f"{embedded / seconds:.1f} texts/s, {tokens / seconds:.0f} tokens/s"
        print(f"{tokens} tokens in {seconds:.1f} s: {rates}")
    print(f"written to {out}/")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description="Embed the chunks and write the index.")
    parser.add_argument("--under", choices=SCOPE, help="only this folder of the documents")
    parser.add_argument("--out", type=Path, default=INDEX)
    parser.add_argument("--first", type=int, help="only so many of the documents")
    given = parser.parse_args()
    asyncio.run(build(given.under, given.first, given.out))
