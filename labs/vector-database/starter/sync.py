"""Brings an index to the state of a release, whatever state it is in."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

import numpy as np

from records import Record, document_of
from settings import BATCH

NAMESPACES = ("internal", "restricted")


@dataclass(frozen=True)
class Plan:
    """Ids by namespace, in the order of doing. An empty list stands for a namespace without any."""

    revoke: dict[str, list[str]]  # Of documents that have nothing to do in this namespace any more.
    upsert: dict[str, list[Record]]
    retire: dict[str, list[str]]  # Old chunks of documents that stay.


def present(index, namespace: str) -> set[str]:
    """Every id of a namespace. `index.list` gives them in pages."""
    raise NotImplementedError("sync.py: present")


def plan(wanted: Iterable[Record], held: Mapping[str, Collection[str]]) -> Plan:
    """What is to be done, in every namespace of `held`, so that it holds `wanted` and nothing else.

    A record whose id is held is left alone. Lists are in order of the ids.
    """
    raise NotImplementedError("sync.py: plan")


def wait_until(
    index,
    namespace: str,
    shown: Collection[str] = (),
    gone: Collection[str] = (),
    timeout_s: float = 30,
) -> None:
    """Returns when a read shows all ids of `shown` and none of `gone`. TimeoutError otherwise."""
    raise NotImplementedError("sync.py: wait_until")


def apply(index, plan: Plan, vectors: Mapping[str, np.ndarray]) -> None:
    """Does what the plan says, each part finished and visible before the next one begins:
    revoke, then upsert in batches of BATCH, then retire.
    """
    raise NotImplementedError("sync.py: apply")


def sync(index, wanted: list[Record], vectors: Mapping[str, np.ndarray]) -> Plan:
    """Returns the plan that was carried out. With nothing to do, nothing is written."""
    made = plan(wanted, {namespace: present(index, namespace) for namespace in NAMESPACES})
    apply(index, made, vectors)
    return made


def forget(index, document: str) -> None:
    """Takes a document out of every namespace, by a filter on its name. Returns when it is gone."""
    raise NotImplementedError("sync.py: forget")
