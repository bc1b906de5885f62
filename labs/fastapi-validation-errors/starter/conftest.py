"""What every test has: a desk of its own, and hostile/cases.json as requests."""

import json
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any
from uuid import uuid4

import pytest
from fastapi.testclient import TestClient

from app import create_app
from settings import Settings

CASES = Path(__file__).resolve().parent / "hostile" / "cases.json"
GOOD: dict[str, Any] = {
    "title": "Registry slow in eu-north",
    "service": "registry",
    "severity": "SEV2",
    "started_at": "2026-02-03T09:15:00Z",
    "resolved_at": None,
    "summary": "Pulls take 40 s.",
    "customers_affected": 12,
    "regions": ["eu-north"],
}


def cases(group: str | None = None) -> list[dict[str, Any]]:
    found = json.loads(CASES.read_text(encoding="utf-8"))
    return [case for case in found if group in (None, case["group"])]


def body_of(case: dict[str, Any]) -> bytes:
    if "keys" in case:
        return json.dumps({**GOOD, **{f"k{n}": n for n in range(case["keys"])}}).encode()
    text = case.get("body", "")
    if "repeat" in case:
        piece, times = case["repeat"]
        text = case.get("before", "") + piece * times + case.get("after", "")
    # A pair of escapes in the file is text here; what cannot be encoded was not meant to be.
    return text.encode(case.get("encoding", "utf-8"))


def request_of(case: dict[str, Any]) -> dict[str, Any]:
    """What httpx takes for a POST of this case, under a key of its own."""
    headers = {"Idempotency-Key": str(uuid4())}
    media_type = case.get("content_type", "application/json")
    if media_type is not None:
        headers["Content-Type"] = media_type
    return {"content": body_of(case), "headers": headers}


@pytest.fixture
def start() -> Iterator[Callable[..., TestClient]]:
    """start(**settings): a client of a desk that runs until the test ends."""
    with ExitStack() as stack:

        def begin(**settings: object) -> TestClient:
            app = create_app(Settings(**settings))
            # Else an exception in a handler would end the test, and not be answered with 500.
            return stack.enter_context(TestClient(app, raise_server_exceptions=False))

        yield begin


@pytest.fixture
def client(start: Callable[..., TestClient]) -> TestClient:
    return start()


@pytest.fixture(scope="session")
def desk() -> Iterator[TestClient]:
    """One desk for all hostile cases: it has to go on after each of them."""
    with TestClient(create_app(Settings()), raise_server_exceptions=False) as client:
        yield client
