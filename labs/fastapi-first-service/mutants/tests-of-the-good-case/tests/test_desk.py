"""What callers of the desk rely on."""

import pytest
from fastapi.testclient import TestClient

PATHS = [
    "/incidents",
    "/incidents?limit=5",
    "/incidents?severity=SEV1",
    "/incidents?service=pond",
    "/incidents/inc-2024-03-11",
    "/incidents/inc-2024-03-11/documents",
    "/health/live",
    "/health/ready",
]


@pytest.mark.parametrize("path", PATHS)
def test_it_answers(client: TestClient, path: str) -> None:
    answer = client.get(path)
    assert answer.status_code == 200
    assert answer.json()
