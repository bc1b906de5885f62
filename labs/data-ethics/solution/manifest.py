"""Applies policy.toml to every document and writes manifest.json.

python manifest.py
"""

from __future__ import annotations

import json
import sys
from collections import Counter
from datetime import date, timedelta
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
    when = rule.get("when", {})
    for field in ("kind", "audience", "status"):
        # A document that does not say what it is matches no rule that asks.
        if field in when and document.meta.get(field) not in when[field]:
            return False
    kinds = {span.kind for span in found}
    if "finds_any" in when and not kinds & set(when["finds_any"]):
        return False
    return not ("finds_none" in when and kinds & set(when["finds_none"]))


def decide(
    policy: list[dict[str, Any]], document: Document, found: list[Span], today: date
) -> dict[str, Any]:
    """The first rule that applies decides. Where none does, or time is up, it stays out."""
    rule = next((rule for rule in policy if applies(rule, document, found)), None)
    entry = {
        "document": document.name,
        "rule": rule["id"] if rule else "none",
        "action": rule["action"] if rule else KEEP_OUT,
        "found": dict(Counter(span.kind for span in found)),
    }
    if rule and entry["action"] != KEEP_OUT:
        until = date.fromisoformat(document.meta["date"]) + timedelta(days=rule["retention_days"])
        entry["until"] = until.isoformat()
        if until < today:
            entry["action"], entry["rule"] = KEEP_OUT, "retention-ended"
    return entry


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
