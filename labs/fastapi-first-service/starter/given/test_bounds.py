"""What is out of bounds is a 422 that names the parameter, before any work is done."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize(
    ("query", "name"),
    [
        ("limit=0", "limit"),
        ("limit=101", "limit"),
        ("limit=ten", "limit"),
        ("service=zookeeper", "service"),
        ("severity=P1", "severity"),
        (f"cursor={'a' * 201}", "cursor"),
        ("sevrity=SEV1", "sevrity"),
    ],
)
def test_a_query_out_of_bounds(start: Callable[..., TestClient], query: str, name: str) -> None:
    answer = start().get(f"/incidents?{query}")
    shown = query[:20]
    assert answer.status_code == 422, (
        f"?{shown} is answered with {answer.status_code}, not with 422"
    )
    assert name in answer.text, f"the answer to ?{shown} does not name {name}"


@pytest.mark.parametrize(
    "incident_id",
    ["2024-03-11", "INC-2024-03-11", "inc-2024-03-11bb", "inc-24-3-11", "inc"],
)
def test_a_path_out_of_bounds(start: Callable[..., TestClient], incident_id: str) -> None:
    status = start().get(f"/incidents/{incident_id}").status_code
    assert status == 422, f"/incidents/{incident_id} is answered with {status}, not with 422"


@pytest.mark.parametrize(
    "query", ["limit=1", "limit=100", "severity=SEV1&severity=SEV3", "service=moor"]
)
def test_what_is_within_bounds(start: Callable[..., TestClient], query: str) -> None:
    answer = start().get(f"/incidents?{query}")
    assert answer.status_code == 200, (
        f"?{query} is answered with {answer.status_code}: {answer.text}"
    )


def test_severities_add_up(start: Callable[..., TestClient]) -> None:
    answer = start().get("/incidents?severity=SEV1&severity=SEV3&limit=100").json()
    assert {item["severity"] for item in answer["items"]} == {"SEV1", "SEV3"}


def test_twenty_where_no_limit_is_named(start: Callable[..., TestClient]) -> None:
    assert len(start().get("/incidents").json()["items"]) == 20
