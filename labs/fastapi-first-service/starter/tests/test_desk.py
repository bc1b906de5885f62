"""What callers of the desk rely on."""

from fastapi.testclient import TestClient


def test_one_incident(client: TestClient) -> None:
    answer = client.get("/incidents/inc-2024-03-11")
    assert answer.status_code == 200
