"""hostile/cases.json, one after the other, against one desk."""

import json
from typing import Any

import pytest
from conftest import GOOD, cases, request_of
from fastapi.testclient import TestClient
from problem_shape import assert_problem


def named(group: str) -> Any:
    found = cases(group)
    return pytest.mark.parametrize("case", found, ids=[case["name"] for case in found])


@named("bytes")
def test_bytes(desk: TestClient, case: dict[str, Any]) -> None:
    answer = desk.post("/incidents", **request_of(case))
    assert_problem(answer, case["status"], case["problem"])


@named("values")
def test_values(desk: TestClient, case: dict[str, Any]) -> None:
    answer = desk.post("/incidents", **request_of(case))
    body = assert_problem(answer, case["status"], case["problem"])
    pointers = [error.get("pointer") for error in body["errors"]]
    wanted = case["pointer"]
    assert wanted in pointers, f"{case['why']} It should point at {wanted}, and has {pointers[:5]}"


@pytest.mark.parametrize("key", ["k" * 119, "\u00e9" * 40])
def test_a_key_too_long_to_point_at(desk: TestClient, key: str) -> None:
    case = {"body": json.dumps({**GOOD, key: 1})}
    body = assert_problem(desk.post("/incidents", **request_of(case)), 422, "validation")
    pointers = [error.get("pointer") for error in body["errors"]]
    assert pointers == ["#"], f"a pointer that is cut points nowhere: {pointers}"


@named("text")
def test_text_that_only_looks_hostile(desk: TestClient, case: dict[str, Any]) -> None:
    request = request_of(case)
    answer = desk.post("/incidents", **request)
    assert answer.status_code == 201, f"{case['why']} {answer.status_code}: {answer.text[:200]}"
    title = desk.get(answer.headers["location"]).json()["title"]
    sent = request["content"].decode()
    assert title in sent or title in case["body"], f"the title came back as {title!r}"
