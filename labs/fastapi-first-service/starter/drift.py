"""Pages of a list that grows while somebody reads it: by offset and by your cursor.

    python drift.py

A reader takes pages of ten. Between any two of them an incident begins, which is what incidents do
while people look at the list of incidents.
"""

from collections import Counter
from datetime import timedelta

from catalogue import Catalogue
from models import Record
from settings import Settings

LIMIT = 10


def newer(than: Record, number: int) -> Record:
    return than.model_copy(
        update={
            "id": f"inc-2026-02-{number:02}",
            "started_at": than.started_at + timedelta(days=number),
        }
    )


def told(name: str, ids: list[str], before: set[str]) -> None:
    twice = sum(1 for count in Counter(ids).values() if count > 1)
    print(f"{name:8} {len(ids)} rows read, {twice} of them twice, {len(before - set(ids))} missed")


def by_offset(records: list[Record]) -> list[str]:
    ids: list[str] = []
    offset = number = 0
    while True:
        rows, _ = Catalogue(records).page(limit=len(records))
        page = rows[offset : offset + LIMIT]
        ids += [row.id for row in page]
        offset += LIMIT
        number += 1
        if len(page) < LIMIT:
            return ids
        records = [*records, newer(rows[0], number)]


def by_cursor(records: list[Record]) -> list[str]:
    ids: list[str] = []
    cursor, number = None, 0
    while True:
        rows, _ = Catalogue(records).page(limit=len(records))
        page, cursor = Catalogue(records).page(limit=LIMIT, cursor=cursor)
        ids += [row.id for row in page]
        number += 1
        if cursor is None:
            return ids
        records = [*records, newer(rows[0], number)]


if __name__ == "__main__":
    catalogue = Catalogue.load(Settings().incidents)
    everything, _ = catalogue.page(limit=len(catalogue))
    before = {record.id for record in everything}
    told("offset", by_offset(everything), before)
    told("cursor", by_cursor(everything), before)
