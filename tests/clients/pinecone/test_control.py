"""Indexes: made, described, changed and deleted."""

import os

import pytest
from pinecone import Pinecone, PodSpec
from pinecone.exceptions import (
    ForbiddenException,
    NotFoundException,
    PineconeApiException,
    UnauthorizedException,
)


@pytest.mark.parametrize("metric", ["cosine", "dotproduct", "euclidean"])
def test_an_index_is_described_as_it_was_made(client, make, metric):
    name = make(dimension=5, metric=metric, tags={"team": "search"})
    described = client.describe_index(name)
    assert (described.name, described.dimension, described.metric) == (name, 5, metric)
    assert described.status.ready and described.status.state == "Ready"
    assert described.spec.serverless.region == "us-east-1"
    assert described.deletion_protection == "disabled"
    assert dict(described.tags.to_dict()) == {"team": "search"}
    assert described.host == f"{os.environ['PINECONE_CONTROLLER_HOST']}/index/{name}"
    assert name in client.list_indexes().names()
    assert client.has_index(name) and not client.has_index("none")


def test_an_index_is_deleted_unless_it_is_protected(client, make):
    name = make(deletion_protection="enabled")
    with pytest.raises(ForbiddenException, match="Deletion protection is enabled"):
        client.delete_index(name)
    client.configure_index(name, deletion_protection="disabled", tags={"a": "b"})
    assert client.describe_index(name).tags.to_dict() == {"a": "b"}
    client.delete_index(name)
    assert not client.has_index(name)


def test_what_is_not_there_or_not_allowed_raises_what_the_service_makes_it_raise(client, make):
    with pytest.raises(NotFoundException, match="there is no index of this name"):
        client.describe_index("none")
    name = make()
    with pytest.raises(PineconeApiException, match="already exists") as raised:
        client.create_index(name=name, dimension=3, spec={"serverless": {"cloud": "aws", "region": "us-east-1"}})
    assert status(raised.value) == 409
    with pytest.raises(UnauthorizedException, match="No workspace has this key"):
        Pinecone(api_key="gw-wrong").list_indexes()


def test_indexes_of_pods_are_refused_by_their_name(client):
    with pytest.raises(PineconeApiException, match="PodSpec|of the type .*pod"):
        client.create_index(name="pods", dimension=3, spec=PodSpec(environment="us-east1-gcp"), timeout=-1)


def status(error):
    return getattr(error, "status", None) or error.status_code
