"""What is right is taken, kept and given back."""

from typing import Any

from conftest import GOOD
from fastapi.testclient import TestClient
from problem_shape import assert_problem


def report(client: TestClient, key: str = "report-0001", **changes: Any) -> Any:
    return client.post("/incidents", json={**GOOD, **changes}, headers={"Idempotency-Key": key})


def test_a_report_is_created(client: TestClient) -> None:
    answer = report(client)
    assert answer.status_code == 201, f"{answer.status_code}: {answer.text[:200]}"
    assert answer.json()["id"] == "inc-2026-02-03"
    location = answer.headers.get("location")
    assert location == "/incidents/inc-2026-02-03", f"Location is {location}"


def test_it_can_be_read_again(client: TestClient) -> None:
    location = report(client).headers.get("location", "/no-location")
    assert client.get(location).json()["title"] == GOOD["title"]


def test_a_time_is_kept_in_utc(client: TestClient) -> None:
    answer = report(client, started_at="2026-02-03T10:15:00+01:00").json()
    assert answer["started_at"] == "2026-02-03T09:15:00Z", f"started_at is {answer['started_at']}"


def test_a_time_may_have_nine_digits_of_a_second(client: TestClient) -> None:
    """RFC 3339 sets no limit, and Go's clocks write nine."""
    answer = report(client, started_at="2026-02-03T09:15:00.123456789Z")
    assert answer.status_code == 201, f"nine digits: {answer.status_code} {answer.text[:200]}"
    assert answer.json()["started_at"] == "2026-02-03T09:15:00.123456Z", answer.json()


def test_a_title_has_no_blanks_around_it(client: TestClient) -> None:
    title = report(client, title="  Registry slow in eu-north  ").json()["title"]
    assert title == "Registry slow in eu-north", f"the title is {title!r}"


def test_the_same_incident_from_somebody_else(client: TestClient) -> None:
    assert report(client, "report-0001").status_code == 201
    body = assert_problem(report(client, "report-0002"), 409, "incident-exists")
    assert "/incidents/inc-2026-02-03" in body["detail"], f"the detail is {body['detail']!r}"


def test_all_mistakes_at_once(client: TestClient) -> None:
    answer = report(client, severity="P1", customers_affected=-1, regions=[])
    body = assert_problem(answer, 422, "validation")
    pointers = {error["pointer"] for error in body["errors"]}
    assert pointers == {"#/severity", "#/customers_affected", "#/regions"}, f"found {pointers}"
