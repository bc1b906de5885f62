"""Whatever goes wrong, it is told in one shape: RFC 9457."""

import pytest
from fastapi import HTTPException
from fastapi.testclient import TestClient
from problem_shape import assert_problem


def test_no_such_incident(client: TestClient) -> None:
    body = assert_problem(client.get("/incidents/inc-1999-12-31"), 404, "not-found")
    assert "incident" in body["detail"], f"the detail is {body['detail']!r}"


def test_no_such_route(client: TestClient) -> None:
    assert_problem(client.get("/nothing/here"), 404, "not-found")


def test_no_such_method(client: TestClient) -> None:
    answer = client.delete("/incidents/inc-2024-03-11")
    assert_problem(answer, 405, "method-not-allowed")
    assert answer.headers.get("allow"), "a 405 says in `Allow` what is possible (RFC 9110)"


def test_a_path_that_is_none(client: TestClient) -> None:
    body = assert_problem(client.get("/incidents/nonsense"), 422, "validation")
    assert [sorted(error) for error in body["errors"]] == [["detail", "parameter"]], body["errors"]
    assert "incident_id" in body["errors"][0]["parameter"], body["errors"]


@pytest.mark.parametrize(("status", "title"), [(409, "Conflict"), (599, None)])
def test_a_status_without_a_type_of_ours(
    client: TestClient, status: int, title: str | None
) -> None:
    async def raises() -> None:
        raise HTTPException(status)

    client.app.add_api_route("/raises", raises)  # type: ignore[attr-defined]
    answer = client.get("/raises")
    assert answer.status_code == status, f"{answer.status_code} in place of {status}"
    body = answer.json()
    assert body["type"] == "about:blank", f"HTTPException({status}) has the type {body['type']}"
    assert title in (None, body["title"]), f"about:blank has the title {body['title']}, not {title}"


@pytest.mark.parametrize("path", ["/incidents/inc-1999-12-31", "/nothing/here"])
def test_the_title_belongs_to_the_type(client: TestClient, path: str) -> None:
    title = client.get(path).json()["title"]
    assert title == client.get("/incidents/inc-1999-12-30").json()["title"], f"here it is {title!r}"


def test_each_time_another_instance(client: TestClient) -> None:
    instances = {client.get("/nothing/here").json()["instance"] for _ in range(5)}
    assert len(instances) == 5, "two occurrences have one id, so the log cannot tell them apart"


def test_what_goes_well_has_an_id_too(client: TestClient) -> None:
    answer = client.get("/incidents/inc-2024-03-11")
    assert answer.status_code == 200, answer.text
    assert answer.headers.get("x-correlation-id"), "no X-Correlation-Id on a 200"
