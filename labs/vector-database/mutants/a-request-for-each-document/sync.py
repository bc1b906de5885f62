"""Brings an index to the state of a release, whatever state it is in."""

from __future__ import annotations

import itertools
import time
from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from records import Record, document_of
from settings import BATCH

NAMESPACES = ("internal", "restricted")
MOST_IDS = 1000  # Of one delete.
POLL_S = 0.05


@dataclass(frozen=True)
class Plan:
    """Ids by namespace, in the order of doing. An empty list stands for a namespace without any."""

    revoke: dict[str, list[str]]  # Of documents that have nothing to do in this namespace any more.
    upsert: dict[str, list[Record]]
    retire: dict[str, list[str]]  # Old chunks of documents that stay.


def present(index, namespace: str) -> set[str]:
    """Every id of a namespace. `index.list` gives them in pages."""
    # A page is a list of ids, or of things that have one, by the client's version.
    return {
        getattr(item, "id", item) for page in index.list(namespace=namespace) for item in page
    }


def plan(wanted: Iterable[Record], held: Mapping[str, Collection[str]]) -> Plan:
    """What is to be done, in every namespace of `held`, so that it holds `wanted` and nothing else.

    A record whose id is held is left alone. Lists are in order of the ids.
    """
    by_namespace: dict[str, dict[str, Record]] = {namespace: {} for namespace in held}
    for record in wanted:
        by_namespace[record.namespace][record.id] = record
    made = Plan(revoke={}, upsert={}, retire={})
    for namespace, records in by_namespace.items():
        staying = {document_of(id) for id in records}
        stale = sorted(set(held[namespace]) - records.keys())
        made.revoke[namespace] = [id for id in stale if document_of(id) not in staying]
        made.retire[namespace] = [id for id in stale if document_of(id) in staying]
        made.upsert[namespace] = [records[id] for id in sorted(records.keys() - held[namespace])]
    return made


def wait_until(
    index,
    namespace: str,
    shown: Collection[str] = (),
    gone: Collection[str] = (),
    timeout_s: float = 30,
) -> None:
    """Returns when a read shows all ids of `shown` and none of `gone`. TimeoutError otherwise."""
    if not shown and not gone:
        return
    deadline = time.monotonic() + timeout_s
    while True:
        ids = present(index, namespace)
        if ids.issuperset(shown) and ids.isdisjoint(gone):
            return
        if time.monotonic() > deadline:
            missing, left = len(set(shown) - ids), len(ids.intersection(gone))
            raise TimeoutError(
                f"{namespace}: after {timeout_s} s, {missing} ids do not show and {left} still do"
            )
        time.sleep(POLL_S)


def apply(index, plan: Plan, vectors: Mapping[str, np.ndarray]) -> None:
    """Does what the plan says, each part finished and visible before the next one begins:
    revoke, then upsert in batches of BATCH, then retire.
    """
    # Who lost a permission must not find it for a moment longer than it takes.
    delete(index, plan.revoke)
    for namespace, records in plan.upsert.items():
        for batch in by_document(records):
            index.upsert(
                vectors=[
                    (record.id, vectors[record.text_hash].tolist(), record.metadata)
                    for record in batch
                ],
                namespace=namespace,
            )
        wait_until(index, namespace, shown=[record.id for record in records])
    # Only now: a reader in between sees old and new, rather than neither.
    delete(index, plan.retire)


def delete(index, ids_by_namespace: Mapping[str, list[str]]) -> None:
    for namespace, ids in ids_by_namespace.items():
        for batch in batches(ids, MOST_IDS):
            index.delete(ids=batch, namespace=namespace)
        wait_until(index, namespace, gone=ids)


def by_document(records: list[Record]) -> Iterable[list[Record]]:
    for _, group in itertools.groupby(records, key=lambda record: document_of(record.id)):
        yield from batches(list(group), BATCH)


def batches(items: list, size: int) -> Iterable[list]:
    for start in range(0, len(items), size):
        yield items[start : start + size]


def sync(index, wanted: list[Record], vectors: Mapping[str, np.ndarray]) -> Plan:
    """Returns the plan that was carried out. With nothing to do, nothing is written."""
    made = plan(wanted, {namespace: present(index, namespace) for namespace in NAMESPACES})
    apply(index, made, vectors)
    return made


def forget(index, document: str) -> None:
    """Takes a document out of every namespace, by a filter on its name. Returns when it is gone."""
    for namespace in NAMESPACES:
        ids = {id for id in present(index, namespace) if document_of(id) == document}
        if ids:
            index.delete(filter={"document": {"$eq": document}}, namespace=namespace)
            wait_until(index, namespace, gone=ids)
