"""What every test has: a desk of its own, started and stopped as in production.

A test that takes `client` gets a desk with the archive's 45 incidents, one that takes
`client_without_data` a desk whose file is not there. faults.py runs your tests again through these
two, with a mistake put in front of the desk.
"""

import os
import time
from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest
from fastapi.testclient import TestClient

from app import create_app
from faults import wrap
from settings import Settings

# Long enough for a machine that builds something else; a test that waits as long has found a fault.
PATIENCE_S = 10.0


def wait_for(client: TestClient, path: str, status: int) -> None:
    """Ask until `path` answers with `status`."""
    end = time.monotonic() + PATIENCE_S
    while (found := client.get(path).status_code) != status:
        assert time.monotonic() < end, (
            f"{path} answers {found}, not {status} within {PATIENCE_S:.0f} s"
        )
        time.sleep(0.01)


def wait_until_loaded(client: TestClient) -> None:
    """Loading may take a moment after the start, and while it does the incidents are a 503."""
    end = time.monotonic() + PATIENCE_S
    while client.get("/incidents?limit=1").status_code == 503:
        assert time.monotonic() < end, f"/incidents is still a 503 after {PATIENCE_S:.0f} s"
        time.sleep(0.01)


@pytest.fixture
def start() -> Iterator[Callable[..., TestClient]]:
    """start(ready=True, **settings): a client of a desk that runs until the test ends."""
    with ExitStack() as stack:

        def begin(
            *, ready: bool = True, fault: str | None = None, **settings: object
        ) -> TestClient:
            app = create_app(Settings(**settings))
            # Else an exception in a handler would end the test, and not be answered with 500.
            client = stack.enter_context(
                TestClient(wrap(app, fault), raise_server_exceptions=False)
            )
            if ready:
                wait_until_loaded(client)
            return client

        yield begin


@pytest.fixture
def client(start: Callable[..., TestClient]) -> TestClient:
    return start(fault=os.environ.get("DESK_FAULT"))


@pytest.fixture
def client_without_data(start: Callable[..., TestClient], tmp_path: Path) -> TestClient:
    missing = tmp_path / "incidents.json"
    return start(ready=False, fault=os.environ.get("DESK_FAULT"), incidents=missing)
