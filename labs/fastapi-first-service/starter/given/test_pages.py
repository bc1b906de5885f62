"""Pages, read to their end: every incident once, the newest first."""

from collections.abc import Callable
from typing import Any

import pytest
from fastapi.testclient import TestClient

MOST_PAGES = 60


def walk(client: TestClient, **query: Any) -> list[list[dict[str, Any]]]:
    """All pages, from the first to the one without a next."""
    pages: list[list[dict[str, Any]]] = []
    cursor: str | None = None
    while len(pages) < MOST_PAGES:
        answer = client.get(
            "/incidents", params={**query, **({"cursor": cursor} if cursor else {})}
        )
        assert answer.status_code == 200, (
            f"page {len(pages) + 1} is answered with {answer.status_code}"
        )
        body = answer.json()
        pages.append(body["items"])
        cursor = body["next_cursor"]
        if cursor is None:
            return pages
    pytest.fail(f"after {MOST_PAGES} pages there is still a next_cursor")


def test_every_incident_once(start: Callable[..., TestClient]) -> None:
    ids = [item["id"] for page in walk(start(), limit=7) for item in page]
    assert len(ids) == len(set(ids)), "an incident stands on two pages"
    assert len(ids) == 45, f"{len(ids)} incidents on all pages together, and not 45"


def test_the_newest_first(start: Callable[..., TestClient]) -> None:
    times = [item["started_at"] for page in walk(start(), limit=7) for item in page]
    assert times == sorted(times, reverse=True), "started_at does not fall from one row to the next"


def test_a_last_page_that_is_full_has_no_next(start: Callable[..., TestClient]) -> None:
    sizes = [len(page) for page in walk(start(), limit=9)]
    assert sizes == [9, 9, 9, 9, 9], f"45 incidents by 9 make pages of {sizes}"


def test_a_filter_holds_on_every_page(start: Callable[..., TestClient]) -> None:
    items = [item for page in walk(start(), limit=2, service="pond") for item in page]
    assert [item["service"] for item in items] == ["pond"] * 4, (
        f"pond has 4 incidents, and {len(items)} came"
    )


def test_nothing_found_is_an_empty_page(start: Callable[..., TestClient]) -> None:
    body = start().get("/incidents?service=moor&severity=SEV1").json()
    assert body == {"items": [], "next_cursor": None}
