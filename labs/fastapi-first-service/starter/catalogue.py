"""The incidents in memory: one by its id, and pages of them, the newest first."""

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
    """A position as text that fits into a URL and does not invite anyone to take it apart."""
    raise NotImplementedError


def decode(cursor: str) -> Position:
    """The position in a cursor.

    It comes from outside. Raises BadCursor for every other text, and never anything else.
    """
    raise NotImplementedError


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
        """At most `limit` records after `cursor`, and the cursor of the next page if there is one.

        No severities means any of them.
        """
        # Yours. Until step 3 there is one page, without a next:
        return self._newest_first[:limit], None
