"""Applies policy.toml to every document and writes manifest.json.

python manifest.py
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date
from pathlib import Path
from typing import Any

from corpus import Document, Span, read_documents
from estate import TODAY
from scan import scan

if sys.version_info >= (3, 11):
    import tomllib
else:
    import tomli as tomllib

HERE = Path(__file__).resolve().parent
KEEP_OUT = "keep-out"


def read_policy(path: Path = HERE / "policy.toml") -> list[dict[str, Any]]:
    with path.open("rb") as file:
        return tomllib.load(file)["rule"]


def applies(rule: dict[str, Any], document: Document, found: list[Span]) -> bool:
    """Whether all of the rule's conditions hold. A condition that a rule does not have holds."""
    raise NotImplementedError("applies() is not written yet")


def decide(
    policy: list[dict[str, Any]], document: Document, found: list[Span], today: date
) -> dict[str, Any]:
    """The first rule that applies decides. Where none does, or time is up, it stays out."""
    # An entry has document, rule, action, found (how many spans of each kind), and where the
    # action is not keep-out, until: the last day, as text.
    raise NotImplementedError("decide() is not written yet")


def build(policy: list[dict[str, Any]], today: date) -> dict[str, Any]:
    entries = [decide(policy, document, scan(document), today) for document in read_documents()]
    return {
        "as_of": today.isoformat(),
        "counts": dict(sorted(Counter(entry["action"] for entry in entries).items())),
        "by_rule": dict(sorted(Counter(entry["rule"] for entry in entries).items())),
        "documents": entries,
    }


if __name__ == "__main__":
    manifest = build(read_policy(), TODAY)
    (HERE / "manifest.json").write_text(json.dumps(manifest, indent=1) + "\n", encoding="utf-8")
    print(json.dumps({key: manifest[key] for key in ("as_of", "counts", "by_rule")}, indent=2))
