"""How labels/ was made. Given, and needed again only if the archive changes.

    python split.py corpus/labels/personal-data.jsonl

Documents are split, not labels: the names in one document are the same few people again and again,
and a rule that was written with the first ten in view has seen the eleventh. Two of five documents
of each folder are held out, in the order of a hash of their names. The salt was chosen among forty
so that every kind has three labels or more in both parts.
"""

from __future__ import annotations

import hashlib
import json
import sys
from collections import defaultdict
from pathlib import Path

SALT = "split-27:"
SHARE = 0.4


def main(source: str) -> None:
    rows = [json.loads(line) for line in Path(source).read_text(encoding="utf-8").splitlines()]
    folders: dict[str, list[dict]] = defaultdict(list)
    for row in rows:
        folders[row["document"].split("/")[0]].append(row)
    parts: dict[str, list[dict]] = {"development": [], "held-out": []}
    for members in folders.values():
        members.sort(key=lambda row: hashlib.sha256((SALT + row["document"]).encode()).digest())
        cut = round(len(members) * SHARE)
        parts["held-out"] += members[:cut]
        parts["development"] += members[cut:]
    target = Path(__file__).resolve().parent / "labels"
    for part, members in parts.items():
        members.sort(key=lambda row: row["document"])
        lines = [json.dumps(row, ensure_ascii=False) + "\n" for row in members]
        (target / f"{part}.jsonl").write_text("".join(lines), encoding="utf-8")
        print(part, len(members), "documents", sum(len(row["labels"]) for row in members), "labels")


if __name__ == "__main__":
    main(sys.argv[1])
