"""A bug of ours: the caller gets an id, the log has the rest under the same id."""

import logging

import pytest
from fastapi.testclient import TestClient
from problem_shape import assert_problem

from store import Store

SECRET = "postgresql://desk:hunter2@10.20.4.7/desk"


@pytest.fixture
def broken(monkeypatch: pytest.MonkeyPatch) -> None:
    async def get(self: Store, incident_id: str) -> None:
        raise RuntimeError(f"connection lost: {SECRET}")

    monkeypatch.setattr(Store, "get", get)


@pytest.mark.usefixtures("broken")
def test_the_caller_gets_an_id_and_no_more(client: TestClient) -> None:
    answer = client.get("/incidents/inc-2024-03-11")
    assert_problem(answer, 500, "internal-error")
    for inside in ("connection lost", "RuntimeError", "10.20.4.7"):
        assert inside not in answer.text, f"the answer tells {inside}"


@pytest.mark.usefixtures("broken")
def test_the_log_has_the_rest_under_this_id(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.get("/incidents/inc-2024-03-11")
    found = answer.headers["x-correlation-id"]
    lines = [record for record in caplog.records if found in record.getMessage()]
    assert lines, f"no line of the log has {found}"
    errors = [record for record in lines if record.levelno >= logging.ERROR and record.exc_info]
    assert errors, "the line with the id is no error, or has no traceback with it"


def test_a_refusal_is_in_the_log_without_what_was_sent(
    client: TestClient, caplog: pytest.LogCaptureFixture
) -> None:
    with caplog.at_level(logging.INFO):
        answer = client.post(
            "/incidents",
            json={"severity": "hvs.FAKE0123456789"},
            headers={"Idempotency-Key": "test-key-0001"},
        )
    found = answer.headers["x-correlation-id"]
    text = "\n".join(record.getMessage() for record in caplog.records)
    assert found in text, f"no line of the log has {found}"
    assert "hvs.FAKE" not in text, "the log has the token that somebody pasted into the wrong field"
