"""An index in memory that writes down what it was asked, and shows each write some reads late."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

PAGE = 100


class FakeIndex:
    def __init__(self, held: dict[str, list[str]] | None = None, lag: int = 2) -> None:
        self.shown: dict[str, dict[str, dict]] = {
            name: {id: {} for id in ids} for name, ids in (held or {}).items()
        }
        self.lag = lag  # Reads that a write stays out of sight for.
        self.waiting: list[list] = []
        self.log: list[tuple[str, str, tuple[str, ...]]] = []  # Each write: what, where, which ids.
        # What readers saw at the moment of each write, as ids by namespace.
        self.seen: list[dict[str, frozenset[str]]] = []
        self.batches: list[int] = []
        self.queries: list[dict] = []
        self.answers: dict[str, list] = {}

    def upsert(self, vectors, namespace: str = "", **_) -> None:
        entries = {}
        for vector in vectors:
            if isinstance(vector, dict):
                entries[vector["id"]] = vector.get("metadata", {})
            elif isinstance(vector, tuple):
                entries[vector[0]] = vector[2] if len(vector) > 2 else {}
            else:
                entries[vector.id] = vector.metadata or {}
        self.batches.append(len(entries))
        self._write("upsert", namespace, entries, entries)

    def delete(self, ids=None, namespace: str = "", filter=None, delete_all=False, **_) -> None:
        held = self.shown.get(namespace, {})
        if delete_all:
            ids = list(held)
        elif filter is not None:
            ids = [id for id, metadata in held.items() if matches(metadata, filter)]
        assert ids, "a delete names ids, a filter or all, and an empty list of ids is refused"
        assert len(ids) <= 1000, "a delete has at most 1000 ids"
        self._write("delete", namespace, {}, ids)

    def list(self, prefix: str = "", limit: int = PAGE, namespace: str = "", **_) -> Iterator[list]:
        ids = sorted(id for id in self._read(namespace) if id.startswith(prefix))
        for start in range(0, len(ids), min(limit, PAGE)):
            yield ids[start : start + min(limit, PAGE)]

    def list_paginated(
        self, prefix="", limit=PAGE, pagination_token=None, namespace="", **_
    ) -> SimpleNamespace:
        ids = sorted(id for id in self._read(namespace) if id.startswith(prefix))
        start, size = int(pagination_token or 0), min(limit or PAGE, PAGE)
        more = SimpleNamespace(next=str(start + size)) if start + size < len(ids) else None
        page = [SimpleNamespace(id=id) for id in ids[start : start + size]]
        return SimpleNamespace(vectors=page, pagination=more, namespace=namespace)

    def fetch(self, ids, namespace: str = "", **_) -> SimpleNamespace:
        held = self._read(namespace)
        found = {id: SimpleNamespace(id=id, metadata=held[id]) for id in ids if id in held}
        return SimpleNamespace(vectors=found)

    def describe_index_stats(self, **_) -> SimpleNamespace:
        self._read("")
        sizes = {
            name: SimpleNamespace(vector_count=len(held)) for name, held in self.shown.items()
        }
        total = sum(len(held) for held in self.shown.values())
        return SimpleNamespace(namespaces=sizes, total_vector_count=total)

    def query(self, *, vector=None, top_k=10, namespace: str = "", **more) -> SimpleNamespace:
        self.queries.append({"top_k": top_k, "namespace": namespace, **more})
        return SimpleNamespace(matches=self.answers.get(namespace, [])[:top_k])

    def _read(self, namespace: str) -> dict[str, dict]:
        for write in self.waiting:
            write[0] -= 1
        while self.waiting and self.waiting[0][0] < 0:
            _, name, entries, gone = self.waiting.pop(0)
            held = self.shown.setdefault(name, {})
            for id in gone:
                held.pop(id, None)
            held.update(entries)
        return dict(self.shown.get(namespace, {}))

    def _write(self, what: str, namespace: str, entries: dict, ids) -> None:
        self.log.append((what, namespace, tuple(ids)))
        self.seen.append({name: frozenset(held) for name, held in self.shown.items()})
        gone = ids if what == "delete" else ()
        self.waiting.append([self.lag, namespace, dict(entries), tuple(gone)])


def matches(metadata: dict, filter: dict) -> bool:
    """{"field": value} and {"field": {"$eq": value}}, which is what these tests need."""
    wanted = {
        field: test["$eq"] if isinstance(test, dict) else test for field, test in filter.items()
    }
    return all(metadata.get(field) == value for field, value in wanted.items())
