"""Compares estimate_tokens with what the model's own tokenizer counts, for every note, and writes
estimate.json.

    python count.py

Each note is really sent, for an answer of one token.
"""

from __future__ import annotations

import asyncio
import json
from pathlib import Path

from accounting import BYTES_PER_TOKEN, estimate_tokens
from digest import prompt
from providers import load, make_client


async def main() -> None:
    provider = load()
    client = make_client(provider)
    rows = []
    print(f"{'note':<26} {'bytes':>6} {'counted':>8} {'estimate':>9} {'ratio':>6}  bytes a token")
    for file in sorted(Path("notes").glob("*.md")):
        messages = prompt(file.read_text(encoding="utf-8"))
        completion = await client.chat.completions.create(
            model=provider.model, messages=messages, max_completion_tokens=1, temperature=0
        )
        counted = completion.usage.prompt_tokens
        size = sum(len(message["content"].encode()) for message in messages)
        row = {
            "note": file.name,
            "bytes": size,
            "counted": counted,
            "estimate": estimate_tokens(messages),
            "bytes_per_token": round(size / counted, 2),
        }
        row["ratio"] = round(row["estimate"] / counted, 2)
        rows.append(row)
        print(
            f"{row['note']:<26} {size:>6} {counted:>8} {row['estimate']:>9} {row['ratio']:>6}  "
            f"{row['bytes_per_token']}"
        )
    result = {
        "model": provider.model,
        "bytes_per_token": BYTES_PER_TOKEN,
        "lowest_ratio": min(row["ratio"] for row in rows),
        "highest_ratio": max(row["ratio"] for row in rows),
        "notes": rows,
    }
    Path("estimate.json").write_text(json.dumps(result, indent=2) + "\n", encoding="utf-8")


if __name__ == "__main__":
    asyncio.run(main())
