"""An index for each test, made and deleted by the client itself."""

import itertools

import pytest
from pinecone import Pinecone, ServerlessSpec

NAMES = (f"tests-{number}" for number in itertools.count())


@pytest.fixture(scope="session")
def client():
    """Its address and its key come from the environment alone."""
    return Pinecone()


@pytest.fixture
def make(client):
    """Makes indexes that are deleted after the test."""
    made = []

    def make(dimension=3, metric="cosine", **options):
        name = next(NAMES)
        spec = ServerlessSpec(cloud="aws", region="us-east-1")
        client.create_index(name=name, dimension=dimension, metric=metric, spec=spec, **options)
        made.append(name)
        return name

    yield make
    for name in made:
        if client.has_index(name):
            client.delete_index(name)


@pytest.fixture
def index(client, make):
    return client.Index(make())
