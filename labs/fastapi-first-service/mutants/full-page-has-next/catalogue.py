"""The incidents in memory: one by its id, and pages of them, the newest first."""

import base64
import json
from collections.abc import Collection, Iterable
from datetime import datetime
from pathlib import Path

from pydantic import TypeAdapter

from models import Record, Service, Severity

RECORDS = TypeAdapter(list[Record])

# Where an incident stands in the order. Two may begin in the same second: the id decides then.
Position = tuple[datetime, str]


class BadCursor(ValueError):
    """The text is no cursor of ours."""


def position(record: Record) -> Position:
    return (record.started_at, record.id)


def encode(at: Position) -> str:
    started_at, incident_id = at
    text = json.dumps([started_at.isoformat(), incident_id])
    return base64.urlsafe_b64encode(text.encode()).decode()


def decode(cursor: str) -> Position:
    try:
        text = base64.b64decode(cursor.encode("ascii"), altchars=b"-_", validate=True)
        started_at, incident_id = json.loads(text)
        at = datetime.fromisoformat(started_at)
    except (ValueError, TypeError) as fault:
        raise BadCursor from fault
    if at.tzinfo is None or not isinstance(incident_id, str):
        raise BadCursor
    return (at, incident_id)


class Catalogue:
    def __init__(self, records: Iterable[Record]) -> None:
        self._newest_first = sorted(records, key=position, reverse=True)
        self._by_id = {record.id: record for record in self._newest_first}

    @classmethod
    def load(cls, path: Path) -> "Catalogue":
        """Read and validate the whole file: half a catalogue would look like a whole one."""
        return cls(RECORDS.validate_json(path.read_bytes()))

    def __len__(self) -> int:
        return len(self._by_id)

    def get(self, incident_id: str) -> Record | None:
        return self._by_id.get(incident_id)

    def page(
        self,
        *,
        limit: int,
        cursor: str | None = None,
        service: Service | None = None,
        severities: Collection[Severity] = (),
    ) -> tuple[list[Record], str | None]:
        """At most `limit` records after `cursor`, and the next page's cursor if there is one."""
        after = decode(cursor) if cursor is not None else None
        rest = [
            record
            for record in self._newest_first
            if (after is None or position(record) < after)
            and (service is None or record.service == service)
            and (not severities or record.severity in severities)
        ]
        items = rest[:limit]
        return items, encode(position(items[-1])) if len(items) == limit else None
