"""A POST that arrives several times is done once."""

import asyncio
import json
from typing import Any

import httpx2 as httpx
import pytest
from conftest import GOOD
from fastapi.testclient import TestClient
from problem_shape import assert_problem

from app import create_app
from idempotency import Keys


def post(client: TestClient, key: str, **changes: Any) -> Any:
    return client.post("/incidents", json={**GOOD, **changes}, headers={"Idempotency-Key": key})


def test_the_same_again_is_answered_the_same(client: TestClient) -> None:
    first, second = post(client, "key-00000001"), post(client, "key-00000001")
    assert first.status_code == 201, first.text
    assert second.status_code == 201, f"the retry is answered with {second.status_code}"
    assert second.json() == first.json(), "the retry is answered with another incident"
    assert second.headers["location"] == first.headers["location"]
    replayed = second.headers.get("idempotency-replayed")
    assert replayed == "true", f"Idempotency-Replayed is {replayed} on the retry"


def test_blanks_and_order_do_not_matter(client: TestClient) -> None:
    first = post(client, "key-00000001")
    turned = json.dumps(dict(reversed(GOOD.items())), indent=4)
    headers = {"Idempotency-Key": "key-00000001", "Content-Type": "application/json"}
    second = client.post("/incidents", content=turned, headers=headers)
    assert second.status_code == 201, f"the same incident, written otherwise: {second.status_code}"
    assert second.json() == first.json()


def test_another_body_under_the_same_key(client: TestClient) -> None:
    post(client, "key-00000001")
    assert_problem(post(client, "key-00000001", severity="SEV1"), 422, "key-reused")


def test_a_refused_request_leaves_its_key_free(client: TestClient) -> None:
    assert_problem(post(client, "key-00000001", severity="P1"), 422, "validation")
    answer = post(client, "key-00000001")
    assert answer.status_code == 201, f"after a refusal the key is used up: {answer.status_code}"


def test_a_failed_write_leaves_its_key_free(client: TestClient) -> None:
    assert post(client, "key-00000001").status_code == 201
    assert_problem(post(client, "key-00000002"), 409, "incident-exists")
    answer = post(client, "key-00000002", service="vault")
    assert answer.status_code == 201, f"after a conflict the key is used up: {answer.status_code}"


@pytest.mark.parametrize(
    "key", ["", "short", "a" * 65, "with blanks in it", "key\u00e4\u00e4\u00e4\u00e4"]
)
def test_a_key_that_is_none(client: TestClient, key: str) -> None:
    headers = {"Idempotency-Key": key.encode()}
    body = assert_problem(client.post("/incidents", json=GOOD, headers=headers), 422, "validation")
    assert "Idempotency-Key" in str(body["errors"]), body["errors"]


def test_no_key(client: TestClient) -> None:
    body = assert_problem(client.post("/incidents", json=GOOD), 422, "validation")
    assert "Idempotency-Key" in str(body["errors"]), body["errors"]


async def ten_at_once() -> tuple[list[Any], int, int]:
    app = create_app()
    transport = httpx.ASGITransport(app)
    desk = httpx.AsyncClient(transport=transport, base_url="http://desk")
    async with app.router.lifespan_context(app), desk as client:
        before = len(app.state.store)
        headers = {"Idempotency-Key": "key-00000001"}
        posts = (client.post("/incidents", json=GOOD, headers=headers) for _ in range(10))
        answers = await asyncio.gather(*posts)
        return list(answers), before, len(app.state.store)


def test_ten_at_once_make_one_incident() -> None:
    answers, before, after = asyncio.run(ten_at_once())
    assert after - before == 1, f"ten requests with one key made {after - before} incidents"
    made = [answer for answer in answers if answer.status_code == 201]
    assert made, f"none was made: {answers[0].status_code} {answers[0].text[:200]}"
    for answer in answers:
        if answer.status_code != 201:
            assert_problem(answer, 409, "request-in-progress")
            assert answer.headers.get("retry-after"), "no Retry-After on a 409"


@pytest.mark.parametrize(("hours", "made"), [(26, 1), (71, 1), (73, 2)])
def test_a_key_is_kept_for_three_days(hours: int, made: int) -> None:
    """26 hours lay between the two runs of ledger-close that billed 1,318 invoices twice."""
    now = 0.0
    runs = 0

    async def work() -> Any:
        nonlocal runs
        runs += 1
        return runs

    async def twice() -> None:
        nonlocal now
        keys = Keys(kept_s=72 * 3600, clock=lambda: now)
        await keys.once("key-00000001", "body", work)
        now = hours * 3600.0
        await keys.once("key-00000001", "body", work)

    asyncio.run(twice())
    assert runs == made, f"the retry after {hours} h did the work {runs} times in all, not {made}"
