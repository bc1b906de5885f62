"""The classes for asyncio."""

import asyncio

import pytest
from pinecone import Pinecone, PineconeAsyncio, ServerlessSpec
from pinecone.exceptions import NotFoundException


def test_an_index_lives_and_dies_in_a_loop():
    async def run():
        async with PineconeAsyncio() as client:
            await client.create_index(name="async", dimension=2, spec=ServerlessSpec(cloud="aws", region="us-east-1"))
            described = await client.describe_index("async")
            async with client.IndexAsyncio(host=described.host) as index:
                await asyncio.gather(
                    *(index.upsert(vectors=[(str(n), [1.0, float(n)])], namespace="n") for n in range(5))
                )
                found = await index.query(vector=[1.0, 3.0], top_k=2, namespace="n")
                assert found.matches[0].id == "3"
                with pytest.raises(NotFoundException):
                    await index.describe_namespace(namespace="none")
            await client.delete_index("async")
            assert not await client.has_index("async")

    asyncio.run(run())


def test_writes_in_threads(client, make):
    index = client.Index(make(), pool_threads=4)
    answers = [index.upsert(vectors=[(str(n), [1.0, float(n), 1.0])], async_req=True) for n in range(8)]
    assert [answer.get().upserted_count for answer in answers] == [1] * 8
    assert index.describe_index_stats().total_vector_count == 8
