"""The index: made once, recognized afterwards."""

from __future__ import annotations

from pinecone import Pinecone, ServerlessSpec
from pinecone.exceptions import PineconeApiException

from settings import CLOUD, DELAY_MS, DELAY_TAG, REGION


class WrongShape(Exception):
    """There is an index of this name, and its vectors are other ones."""


def opened(client: Pinecone, name: str, dimension: int, metric: str):
    """The client's handle for the data of the index `name`, which has to be there: whoever reads
    makes nothing, so that a wrong name is a fault and no empty index.

    With another dimension or metric, WrongShape says what was found and what was wanted.
    """
    return ensure(client, name, dimension, metric)


def ensure(client: Pinecone, name: str, dimension: int, metric: str, delay_ms: int = DELAY_MS):
    """The index `name`, made if there is none. Returns the client's handle for its data.

    Several programs may call this at once, at any time. An index that is there is never changed and
    never deleted: with another dimension or metric, WrongShape says what was found and what was
    wanted. A new one gets the tag DELAY_TAG with `delay_ms`.
    """
    try:
        client.create_index(
            name=name,
            dimension=dimension,
            metric=metric,
            spec=ServerlessSpec(cloud=CLOUD, region=REGION),
            tags={DELAY_TAG: str(delay_ms)},
        )
    except PineconeApiException as fault:
        # Somebody made it before, or just now: to look first and make then would leave a gap.
        if fault.status != 409:
            raise
    found = client.describe_index(name)
    if (found.dimension, found.metric) != (dimension, metric):
        raise WrongShape(
            f"{name} has {found.dimension} numbers a vector, compared by {found.metric}; "
            f"wanted are {dimension} and {metric}. Make another index and move the readers."
        )
    return client.Index(host=found.host)
