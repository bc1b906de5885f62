"""Would your tests notice? Runs them against a desk with a mistake in it, one mistake at a time.

    python faults.py

The mistakes stand in front of the desk: they change requests on the way in and answers on the way
out, so they fit any way of writing it. A mistake that no test notices could be merged tomorrow.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from urllib.parse import parse_qsl, urlencode

Pairs = list[tuple[str, str]]


def _same_query(query: Pairs) -> Pairs:
    return query


def _same_answer(path: str, status: int, body: Any) -> tuple[int, Any]:
    return status, body


@dataclass(frozen=True)
class Fault:
    means: str
    hint: str
    query: Callable[[Pairs], Pairs] = _same_query
    answer: Callable[[str, int, Any], tuple[int, Any]] = _same_answer


def without(name: str) -> Callable[[Pairs], Pairs]:
    return lambda query: [pair for pair in query if pair[0] != name]


def _missing_is_null(path: str, status: int, body: Any) -> tuple[int, Any]:
    return (200, None) if status == 404 else (status, body)


def _always_ready(path: str, status: int, body: Any) -> tuple[int, Any]:
    if path == "/health/ready" and status == 503:
        return 200, {"status": "ready", "incidents": 0}
    return status, body


def _leak(path: str, status: int, body: Any) -> tuple[int, Any]:
    if status == 200 and path.startswith("/incidents"):
        items = body["items"] if isinstance(body, dict) and "items" in body else [body]
        for item in items:
            if isinstance(item, dict):
                item["commander"] = "@frosty"
    return status, body


def _oldest_first(path: str, status: int, body: Any) -> tuple[int, Any]:
    if status == 200 and path == "/incidents":
        body["items"] = body["items"][::-1]
    return status, body


KNOWN = {"limit", "cursor", "service", "severity"}
FAULTS = {
    "missing-is-null": Fault(
        "an incident that does not exist is answered with 200 and null",
        "Ask for an id that is not there, and assert on the status.",
        answer=_missing_is_null,
    ),
    "limit-ignored": Fault(
        "limit is not looked at",
        "Ask with a small limit, and count the items.",
        query=without("limit"),
    ),
    "cursor-ignored": Fault(
        "every page is the first one",
        "Take next_cursor of a page, ask with it, and compare the ids of both pages.",
        query=without("cursor"),
    ),
    "severity-ignored": Fault(
        "severity does not filter",
        "Ask for one severity, and assert on the severity of every item.",
        query=without("severity"),
    ),
    "typo-accepted": Fault(
        "a parameter that nobody knows is dropped in silence",
        "Ask with a misspelt parameter, and assert that it is refused.",
        query=lambda query: [pair for pair in query if pair[0] in KNOWN],
    ),
    "oldest-first": Fault(
        "a page is turned round",
        "Assert on the order of started_at within a page.",
        answer=_oldest_first,
    ),
    "commander-leaks": Fault(
        "the person who led the incident is shown to every caller",
        "Assert that the keys of an incident are exactly the ones that you want.",
        answer=_leak,
    ),
    "always-ready": Fault(
        "/health/ready says 200 with nothing loaded",
        "Take client_without_data, and assert on the status of /health/ready.",
        answer=_always_ready,
    ),
}


def wrap(app: Any, name: str | None) -> Any:
    """The ASGI application `app` behind the fault of this name, or as it is without one."""
    if not name:
        return app
    fault = FAULTS[name]

    async def faulty(scope: Any, receive: Any, send: Any) -> None:
        if scope["type"] != "http":
            await app(scope, receive, send)
            return
        query = fault.query(parse_qsl(scope["query_string"].decode(), keep_blank_values=True))
        start: dict[str, Any] = {}
        body = b""

        async def hold(message: Any) -> None:
            nonlocal start, body
            if message["type"] == "http.response.start":
                start = message
                return
            body += message.get("body", b"")
            if message.get("more_body"):
                return
            status, content = start["status"], body
            if any(
                name == b"content-type" and b"json" in value for name, value in start["headers"]
            ):
                status, changed = fault.answer(scope["path"], status, json.loads(body))
                content = json.dumps(changed).encode()
            headers = [pair for pair in start["headers"] if pair[0] != b"content-length"]
            headers.append((b"content-length", str(len(content)).encode()))
            await send({**start, "status": status, "headers": headers})
            await send({"type": "http.response.body", "body": content})

        await app({**scope, "query_string": urlencode(query).encode()}, receive, hold)

    return faulty


def tests_pass(fault: str) -> bool:
    """Run tests/ once in this process, with nothing printed."""
    import pytest

    os.environ["DESK_FAULT"] = fault
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        code = pytest.main(["-q", "-x", "-p", "no:cacheprovider", "tests"])
    return code == pytest.ExitCode.OK


def main(as_json: bool) -> None:
    for name, fault in FAULTS.items():
        noticed = not tests_pass(name)
        if not as_json:
            print(f"{'noticed ' if noticed else 'MISSED  '} {name}: {fault.means}")
            continue
        outcome = {"check": name, "status": "passed" if noticed else "failed"}
        if noticed:
            outcome["summary"] = f"Your tests notice when {fault.means}."
        else:
            outcome |= {
                "summary": f"No test of yours notices when {fault.means}.",
                "expected": "at least one failed test",
                "actual": f"all tests pass with the fault {name}",
                "next_step": fault.hint,
            }
        print(json.dumps(outcome))


if __name__ == "__main__":
    main(as_json="--json" in sys.argv[1:])
