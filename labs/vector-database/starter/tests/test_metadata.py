"""What Pinecone takes, in the types that filters need."""

import json

from conftest import chunk, document

from data import release
from records import metadata_of, records


def test_dates_are_numbers_in_their_order():
    """$gte and its like compare numbers; the text of a date they refuse or never match."""
    days = ["2021-10-04", "2023-08-15", "2023-12-01", "2026-01-31"]
    dates = [metadata_of(document(date=day), chunk())["date"] for day in days]
    assert all(type(date) in (int, float) for date in dates), dates
    assert dates == sorted(dates) and len(set(dates)) == 4
    assert dates[1] == 20230815


def test_current_is_a_boolean():
    found = [metadata_of(document(status=s), chunk())["current"] for s in ("current", "draft")]
    assert found == [True, False]
    assert metadata_of(document(status="superseded"), chunk())["current"] is False


def test_a_list_is_a_list_and_an_empty_one_is_left_out():
    assert metadata_of(document(), chunk(mentions=("hold", "pond")))["mentions"] == ["hold", "pond"]
    assert "mentions" not in metadata_of(document(), chunk())


def test_null_is_left_out():
    assert "superseded_by" not in metadata_of(document(), chunk())
    found = metadata_of(document(superseded_by="hb-gateway-limits"), chunk())
    assert found["superseded_by"] == "hb-gateway-limits"


def test_the_whole_corpus_can_be_stored():
    for record in records(release(1)) + records(release(2)):
        for value in record.metadata.values():
            strings = isinstance(value, list) and all(type(item) is str for item in value)
            assert type(value) in (str, int, float, bool) or strings, record
        assert len(json.dumps(record.metadata)) < 40_960
