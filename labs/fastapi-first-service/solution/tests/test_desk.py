"""What callers of the desk rely on."""

import pytest
from fastapi.testclient import TestClient

PUBLIC = {
    "id",
    "title",
    "service",
    "team",
    "severity",
    "started_at",
    "resolved_at",
    "summary",
    "superseded_by",
}


def test_one_incident_has_exactly_the_public_keys(client: TestClient) -> None:
    answer = client.get("/incidents/inc-2024-03-11")
    assert answer.status_code == 200
    assert set(answer.json()) == PUBLIC
    assert answer.json()["started_at"] == "2024-03-11T05:10:00Z"


def test_an_incident_that_is_not_there(client: TestClient) -> None:
    answer = client.get("/incidents/inc-1999-12-31")
    assert answer.status_code == 404
    assert "no incident" in answer.json()["detail"]


@pytest.mark.parametrize("limit", [1, 5])
def test_a_page_has_as_many_as_were_asked_for(client: TestClient, limit: int) -> None:
    assert len(client.get("/incidents", params={"limit": limit}).json()["items"]) == limit


def test_the_second_page_begins_where_the_first_ended(client: TestClient) -> None:
    first = client.get("/incidents?limit=5").json()
    second = client.get("/incidents", params={"limit": 5, "cursor": first["next_cursor"]}).json()
    assert second["items"][0]["started_at"] < first["items"][-1]["started_at"]


def test_the_newest_come_first(client: TestClient) -> None:
    times = [item["started_at"] for item in client.get("/incidents").json()["items"]]
    assert times == sorted(times, reverse=True)


def test_severity_filters(client: TestClient) -> None:
    items = client.get("/incidents?severity=SEV1").json()["items"]
    assert items
    assert {item["severity"] for item in items} == {"SEV1"}


def test_a_misspelt_parameter_is_refused(client: TestClient) -> None:
    assert client.get("/incidents?sevrity=SEV1").status_code == 422


def test_documents_of_an_incident(client: TestClient) -> None:
    documents = client.get("/incidents/inc-2024-03-11/documents").json()
    assert "rb-registry-gc" in [document["id"] for document in documents]


def test_alive_and_not_ready_without_data(client_without_data: TestClient) -> None:
    assert client_without_data.get("/health/live").status_code == 200
    answer = client_without_data.get("/health/ready")
    assert answer.status_code == 503
    assert int(answer.headers["retry-after"]) > 0
