"""The four classes of the official client behind one face, so that each test runs with all of them."""

import asyncio
import functools
import operator

from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

CLASSES = [OpenAI, AsyncOpenAI, AzureOpenAI, AsyncAzureOpenAI]


def with_client(kind, use, **options):
    """What `use(client)` returns; the client is made from the environment and closed."""
    options = {"max_retries": 0, "timeout": 120, **options}
    if is_sync(kind):
        with kind(**options) as client:
            return use(client)

    async def run():
        async with kind(**options) as client:
            return await use(client)

    return asyncio.run(run())


@functools.cache
def models(kind):
    """Everything that is served."""

    def use(client):
        if is_sync(kind):
            return list(client.models.list())

        async def collect():
            return [item async for item in client.models.list()]

        return collect()

    return with_client(kind, use)


def model(kind):
    """The id of the model that chats."""
    return capable(kind, "chat_completion")


def embedding_model(kind):
    return capable(kind, "embeddings")


def capable(kind, of):
    able = [item.id for item in models(kind) if item.capabilities[of]]
    assert able, f"no model is served that is capable of {of}"
    return able[0]


def is_sync(kind):
    return kind in (OpenAI, AzureOpenAI)


def create(kind, resource, options=None, **parameters):
    """One whole answer of `client.RESOURCE.create`."""
    return with_client(kind, lambda client: operator.attrgetter(resource)(client).create(**parameters), **(options or {}))


def streamed(kind, resource, **parameters):
    """Every chunk of one streamed answer."""

    def use(client):
        asked = operator.attrgetter(resource)(client).create(**parameters, stream=True)
        if is_sync(kind):
            return list(asked)

        async def collect():
            return [chunk async for chunk in await asked]

        return collect()

    return with_client(kind, use)


def helped(kind, helper, last, **parameters):
    """Every event of a streaming helper (`client.HELPER(...)`), and what its method `last` gives at the end."""

    def use(client):
        asked = operator.attrgetter(helper)(client)(**parameters)
        if is_sync(kind):
            with asked as stream:
                return list(stream), getattr(stream, last)()

        async def collect():
            async with asked as stream:
                return [event async for event in stream], await getattr(stream, last)()

        return collect()

    return with_client(kind, use)


def chat(kind, content, options=None, **parameters):
    """One whole answer."""
    return create(kind, "chat.completions", options, **asked(kind, content, parameters))


def stream(kind, content, **parameters):
    """Every chunk of one streamed answer."""
    return streamed(kind, "chat.completions", **asked(kind, content, parameters))


def asked(kind, content, parameters):
    return {"model": model(kind), "temperature": 0, "messages": user(content), **parameters}


def user(content):
    return [{"role": "user", "content": content}]
