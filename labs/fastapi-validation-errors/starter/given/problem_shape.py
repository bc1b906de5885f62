"""What holds of every problem that the desk tells of."""

import re
from typing import Any

TYPES = "https://skerry.example/problems/"
KEYS = {"type", "title", "status", "detail", "instance", "errors"}
INSTANCE = re.compile(r"urn:uuid:[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}")
INSIDE = [
    "Traceback",
    "pydantic",
    "input_value",
    '"input"',
    '"loc"',
    '"ctx"',
    ".py",
    "/home",
    "/work",
    "/tmp",
    "object at 0x",
]
SECRETS = ["hvs.FAKE", "sk-FAKE", "hunter2"]
MOST_BYTES = 8192


def assert_problem(answer: Any, status: int, kind: str) -> dict[str, Any]:
    """The answer is this problem, in the one shape, and tells nothing of the inside."""
    found = answer.status_code
    assert found == status, f"{found} in place of {status}: {answer.text[:200]}"
    media_type = answer.headers.get("content-type", "none")
    assert media_type == "application/problem+json", f"the media type is {media_type}"
    body = answer.json()
    missing = sorted(KEYS - {"errors"} - set(body))
    assert not missing, f"the problem has no {', '.join(missing)}"
    unknown = sorted(set(body) - KEYS)
    assert not unknown, f"the problem has {', '.join(unknown)} as well"
    assert body["type"] == TYPES + kind, f"the type is {body['type']}, and not {TYPES}{kind}"
    assert body["status"] == status, f"the body says {body['status']}, the status line {status}"
    assert INSTANCE.fullmatch(body["instance"]), f"the instance is {body['instance']}"
    header = answer.headers.get("x-correlation-id")
    assert body["instance"] == f"urn:uuid:{header}", f"X-Correlation-Id is {header}"
    for inside in INSIDE + SECRETS:
        assert inside not in answer.text, f"the answer tells {inside}: {answer.text[:200]}"
    size = len(answer.content)
    assert size <= MOST_BYTES, f"the answer has {size} bytes, and {MOST_BYTES} are enough"
    return body
