"""A cursor comes back from outside: it may be anything."""

import base64
from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient


def packed(text: str) -> str:
    return base64.urlsafe_b64encode(text.encode()).decode()


@pytest.mark.parametrize(
    "cursor",
    [
        "",
        "zzz",
        "10",
        "é",
        "%00",
        packed(""),
        packed("10"),
        packed("{}"),
        packed("[]"),
        packed("[1, 2]"),
        packed('["yesterday", "inc-2024-03-11"]'),
        packed('["2024-03-11T05:10:00", "inc-2024-03-11"]'),
        packed('["2024-03-11T05:10:00+00:00", 7]'),
        packed("[" * 60),
    ],
)
def test_what_is_no_cursor_is_a_400(start: Callable[..., TestClient], cursor: str) -> None:
    answer = start().get("/incidents", params={"cursor": cursor})
    assert answer.status_code == 400, f"the cursor {cursor!r} is answered with {answer.status_code}"
    assert isinstance(answer.json()["detail"], str)


def test_a_cursor_does_not_show_what_it_is(start: Callable[..., TestClient]) -> None:
    cursor = start().get("/incidents?limit=1").json()["next_cursor"]
    assert "inc-" not in cursor, f"callers will take {cursor} apart, and then it can never change"
