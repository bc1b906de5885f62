"""What is stored of a chunk: its id, its namespace, its metadata."""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass

from data import Chunk, Document


NAMESPACES = {"public": "internal", "internal": "internal", "restricted": "restricted"}


@dataclass(frozen=True)
class Record:
    id: str
    namespace: str
    metadata: dict
    text_hash: str  # Its vector is data.vectors()[text_hash].


def namespace_of(document: Document) -> str:
    """The namespace of everybody who may read it: "internal" for public and internal documents,
    "restricted" for the others. An audience that is not known raises ValueError.
    """
    if document.audience not in NAMESPACES:
        raise ValueError(f"{document.document}: nobody said who {document.audience!r} is")
    return NAMESPACES[document.audience]


def metadata_of(document: Document, chunk: Chunk) -> dict:
    """What filters and readers need: strings, numbers, booleans, lists of strings, and no null.

    document, section, kind, service, team, audience, preview   as they are
    date            a number that grows with the date: 20230815
    current         whether the status is "current"
    mentions        a list, left out where it is empty
    superseded_by   left out where there is none
    """
    metadata = {
        "document": document.document,
        "section": chunk.section,
        "kind": document.kind,
        "service": document.service,
        "team": document.team,
        "audience": document.audience,
        "preview": chunk.preview,
        "date": int(document.date.replace("-", "")),
        "current": document.status == "current",
    }
    if chunk.mentions:
        metadata["mentions"] = list(chunk.mentions)
    metadata["superseded_by"] = document.superseded_by
    return metadata


def record_of(document: Document, chunk: Chunk) -> Record:
    """Its id is `document#number@fingerprint`: "runbooks/registry-gc.md#0003@9f2c51d07ab4".

    The number has four digits. The fingerprint is the first 12 hexadecimal digits of a SHA-256 of
    everything that is stored: the text's hash and the metadata. The same input gives the same id on
    every machine; whatever changes gives another.
    """
    metadata = metadata_of(document, chunk)
    # Sorted keys: the order in which the metadata was put together must not change the id.
    stored = json.dumps([chunk.text_hash, metadata], sort_keys=True, ensure_ascii=False)
    fingerprint = hashlib.sha256(stored.encode()).hexdigest()[:12]
    id = f"{document.document}#{chunk.number:04}@{fingerprint}"
    return Record(id, namespace_of(document), metadata, chunk.text_hash)


def records(documents: list[Document]) -> list[Record]:
    return [record_of(document, chunk) for document in documents for chunk in document.chunks]


def document_of(id: str) -> str:
    return id.rsplit("#", 1)[0]
