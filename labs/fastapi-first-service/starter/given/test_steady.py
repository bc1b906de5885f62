"""Pages of a list that changes while it is read. This talks to your Catalogue, without HTTP."""

from datetime import timedelta

import pytest

from catalogue import Catalogue
from models import Record
from settings import Settings


@pytest.fixture
def records() -> list[Record]:
    catalogue = Catalogue.load(Settings().incidents)
    return catalogue.page(limit=len(catalogue))[0]


def ids(records: list[Record]) -> list[str]:
    return [record.id for record in records]


def test_what_begins_between_two_pages_is_not_shown_twice(records: list[Record]) -> None:
    first, cursor = Catalogue(records).page(limit=10)
    begun = records[0].model_copy(
        update={"id": "inc-2026-02-20", "started_at": records[0].started_at + timedelta(days=80)}
    )
    second, _ = Catalogue([*records, begun]).page(limit=10, cursor=cursor)
    twice = sorted(set(ids(first)) & set(ids(second)))
    assert not twice, (
        f"an incident began between two pages, and the second shows again: {', '.join(twice)}"
    )
    assert ids(second) == ids(records[10:20]), (
        "the second page does not begin after the first one's last row"
    )


def test_what_goes_away_between_two_pages_hides_nothing(records: list[Record]) -> None:
    first, cursor = Catalogue(records).page(limit=10)
    gone = {first[0].id, first[-1].id}
    second, _ = Catalogue([record for record in records if record.id not in gone]).page(
        limit=10, cursor=cursor
    )
    assert ids(second) == ids(records[10:20]), (
        "two rows of the first page went away, and the second page changed"
    )


def test_incidents_of_the_same_second_are_all_shown(records: list[Record]) -> None:
    same = [record.model_copy(update={"started_at": records[0].started_at}) for record in records]
    seen: list[str] = []
    cursor = None
    for _ in range(len(same) + 1):
        page, cursor = Catalogue(same).page(limit=4, cursor=cursor)
        seen += ids(page)
        if cursor is None:
            break
    assert sorted(seen) == sorted(ids(same)), (
        f"of {len(same)} incidents of one second, {len(set(seen))} are shown"
    )
