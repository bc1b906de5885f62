"""The models say what an incident is, and refuse what is none."""

import json
from datetime import datetime, timezone
from pathlib import Path
from typing import Any

import pytest
from pydantic import TypeAdapter, ValidationError

import models

ARCHIVE = Path(__file__).resolve().parent.parent / "data" / "incidents.json"
RAW = json.loads(ARCHIVE.read_text(encoding="utf-8"))


def record(**changes: Any) -> Any:
    return models.Record.model_validate({**RAW[0], **changes})


def test_every_record_of_the_archive_fits() -> None:
    records = TypeAdapter(list[models.Record]).validate_json(ARCHIVE.read_bytes())
    assert len(records) == len(RAW), (
        f"{len(RAW)} records in the file, {len(records)} after validation"
    )


def test_times_are_times() -> None:
    started = record(started_at="2024-03-11T06:10:00+01:00").started_at
    assert isinstance(started, datetime), (
        f"started_at is a {type(started).__name__}, and should be a datetime"
    )
    assert started == datetime(2024, 3, 11, 5, 10, tzinfo=timezone.utc)


@pytest.mark.parametrize(
    ("key", "value"),
    [
        ("started_at", "2024-03-11T06:10:00"),
        ("severity", "SEV4"),
        ("severity", "P1"),
        ("service", "zookeeper"),
        ("team", "core"),
        ("id", "2024-03-11"),
        ("title", ""),
        ("note", "a key that no record has"),
    ],
)
def test_what_is_no_record_is_refused(key: str, value: Any) -> None:
    try:
        record(**{key: value})
    except ValidationError:
        return
    pytest.fail(f"a record with {key} = {value!r} is taken for a good one")


def test_an_incident_is_a_record_without_what_stays_inside() -> None:
    assert issubclass(models.Record, models.Incident), "Record has to inherit from Incident"
    inside = set(models.Record.model_fields) - set(models.Incident.model_fields)
    assert inside == {"commander", "channel"}, (
        f"what a record has beyond an incident: {sorted(inside)}"
    )
