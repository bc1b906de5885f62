"""Holds the recalls of decision.md against measurements.json and ef.json. Given.

    python checks/evidence.py
"""

from __future__ import annotations

import json
import re
from pathlib import Path

WANTED = 3
# In points of a hundred. A graph that is built anew moves a mean by a hit or two.
NEAR = 2.0


def recalls() -> set[float]:
    """Every mean recall that was measured, in percent."""
    rows = json.loads(Path("measurements.json").read_text(encoding="utf-8"))["rows"]
    of_filters = [way["recall"] for row in rows for way in row["ways"].values()]
    rows = json.loads(Path("ef.json").read_text(encoding="utf-8"))["rows"]
    return {100 * recall for recall in (*of_filters, *(row["recall"] for row in rows))}


def told() -> list[float]:
    """Shares in the section Recall, in percent: `97.5 %`, `7 and 4 %`, `0.975`."""
    text = Path("decision.md").read_text(encoding="utf-8")
    section = re.search(r"(?ims)^#+\s*(?:\d+\.?\s*)?recall\b.*?$(.*?)(?=^#|\Z)", text)
    words = section[1] if section else ""
    # Of `46 %, 8 % and 4 %` as of `100 % at 11 and 1 %`, each number is one.
    listed = re.findall(r"((?:\d+(?:\.\d+)?(?:, | and | or ))*\d+(?:\.\d+)?)\s?%", words)
    percents = [float(one) for part in listed for one in re.findall(r"\d+(?:\.\d+)?", part)]
    ratios = re.findall(r"(?<![\d.])(?:0\.\d+|1\.0+)(?![\d.]*\s?%)", words)
    return percents + [100 * float(one) for one in ratios]


def main() -> None:
    measured, figures = recalls(), told()
    right = {one for one in figures if any(abs(one - recall) <= NEAR for recall in measured)}
    if len(right) >= WANTED:
        found = {"status": "passed", "summary": f"{len(right)} figures of Recall were measured."}
    else:
        found = {
            "status": "failed",
            "summary": "The figures under Recall are not those that were measured.",
            "expected": f"{WANTED} different recalls of measurements.json or ef.json, such as "
            + ", ".join(f"{one:.1f} %" for one in sorted(measured)[:: max(1, len(measured) // 4)]),
            "actual": ", ".join(f"{one:g} %" for one in figures) or "no shares",
            "place": {"file": "decision.md"},
            "next_step": "Take them from the tables that measure.py and ef.py print.",
        }
    print(json.dumps({"check": "the decision", **found}))


if __name__ == "__main__":
    main()
