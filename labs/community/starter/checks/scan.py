"""Looks for what must not leave the building: your own patterns, keys, addresses, resources.

    python checks/scan.py posts/question-1.md ...

It says what sort of thing stands where, and never what stands there: what it prints is kept, and
may be shown to others. It finds what has a shape. It does not find a customer whom one can guess,
or an outage that nobody has announced.
"""

from __future__ import annotations

import re
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from outcome import Failed, read_toml, tell

# What documentation uses, so that it may stand in a post.
FREE = (
    "example.com example.org example.net .example .invalid .test users.noreply.github.com "
    "123456789012 111122223333 00000000-0000-0000-0000-000000000000 contoso"
).split()

SHAPES: dict[str, str] = {
    "a private key": r"-----BEGIN [A-Z ]*PRIVATE KEY-----",
    "a key of this workspace or of OpenAI": r"\b(?:sk|gw)-[A-Za-z0-9_-]{16,}",
    "an AWS access key": r"\b(?:AKIA|ASIA)[A-Z0-9]{16}\b",
    "a GitHub token": r"\b(?:gh[pousr]_[A-Za-z0-9]{20,}|github_pat_\w{20,})",
    "a Slack token": r"\bxox[abeprs]-[A-Za-z0-9-]{10,}",
    "a Hugging Face token": r"\bhf_[A-Za-z0-9]{20,}",
    "a Vault token": r"\bhvs\.[A-Za-z0-9_-]{8,}",
    "a JSON web token": r"\beyJ[\w-]{10,}\.eyJ[\w-]{10,}",
    "a connection string's secret": r"(?i)\b(?:AccountKey|SharedAccessKey|Password|Pwd)=[^\s;]{6,}",
    "a signed URL": r"(?i)[?&](?:sig|X-Amz-Signature)=[^\s&]{10,}",
    "a bearer token": r"(?i)\bauthorization:\s*bearer\s+(?!\$)[\w.~+/-]{12,}",
    "a mail address": r"\b[\w.+-]+@[\w-]+(?:\.[\w-]+)+\b",
    "a private IPv4 address": (
        r"\b(?:10\.\d{1,3}|192\.168|172\.(?:1[6-9]|2\d|3[01]))"
        r"\.\d{1,3}\.\d{1,3}\b"
    ),
    "a host name from inside": (
        r"(?i)\b[\w-]+(?:\.[\w-]+)*\.(?:internal|intranet|intra|corp|lan|local)\b"
    ),
    "an AWS account number": r"\barn:aws[\w-]*:[\w-]+:[\w-]*:\d{12}:",
    "a subscription, tenant or object id": (
        r"\b[0-9a-fA-F]{8}(?:-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}\b"
    ),
    "an Azure resource's name": (
        r"(?i)\b(?!NAME\b)[\w-]+\.(?:openai\.azure\.com|cognitiveservices\.azure\.com"
        r"|services\.ai\.azure\.com|search\.windows\.net|vault\.azure\.net"
        r"|blob\.core\.windows\.net|azurecr\.io)\b"
    ),
    "a path with a user's name": (
        r"(?:/(?:home|Users)/|[A-Z]:\\Users\\)(?!(?:user|you|me)\b)\w[\w.-]*"
    ),
}


def findings(
    text: str, shapes: dict[str, re.Pattern[str]], free: list[str]
) -> Iterator[tuple[int, int, str]]:
    """Line, column and sort of each thing that has a shape, but for what is free."""
    for number, line in enumerate(text.splitlines(), start=1):
        for sort, pattern in shapes.items():
            for found in pattern.finditer(line):
                if not any(word.lower() in found.group().lower() for word in free):
                    yield number, found.start() + 1, sort


def scan(paths: list[str]) -> tuple[str, list[tuple[str, Any, str]]]:
    boundaries = read_toml("boundaries.toml")
    # One's own names are never free, whatever they contain.
    own = {row["name"]: re.compile(row["pattern"]) for row in boundaries.get("internal", [])}
    shapes = {sort: re.compile(shape) for sort, shape in SHAPES.items()}
    allowed = [
        row["text"] for row in boundaries.get("allowed", []) if row.get("text") and row.get("why")
    ]
    for path in paths:
        text = Path(path).read_text(encoding="utf-8")
        found = sorted([*findings(text, own, allowed), *findings(text, shapes, FREE + allowed)])
        if found:
            line, column, sort = found[0]
            more = f", and {len(found) - 1} more" if len(found) > 1 else ""
            raise Failed(
                f"Line {line} of {path} has what looks like {sort}{more}.",
                expected="nothing that must stay inside",
                actual=f"{sort} at {path}:{line}:{column}",
                place={"file": path, "line": line},
                next_step=(
                    "Put an invented name in its place: NAME, 192.0.2.10, "
                    "service.example. If it is none, allow it with a reason."
                ),
            )
    return f"Nothing with a known shape stands in {', '.join(paths)}.", [
        ("files scanned", len(paths), "")
    ]


if __name__ == "__main__":
    tell("scan", lambda: scan(sys.argv[1:]))
