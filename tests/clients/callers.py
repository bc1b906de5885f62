"""The four classes of the official client behind one face, so that each test runs with all of them."""

import asyncio
import functools

from openai import AsyncAzureOpenAI, AsyncOpenAI, AzureOpenAI, OpenAI

CLASSES = [OpenAI, AsyncOpenAI, AzureOpenAI, AsyncAzureOpenAI]


def with_client(kind, use, **options):
    """What `use(client)` returns; the client is made from the environment and closed."""
    options = {"max_retries": 0, "timeout": 120, **options}
    if kind in (OpenAI, AzureOpenAI):
        with kind(**options) as client:
            return use(client)

    async def run():
        async with kind(**options) as client:
            return await use(client)

    return asyncio.run(run())


@functools.cache
def model(kind):
    """The id of the one model that is served."""
    return with_client(kind, lambda client: first(kind, client.models.list())).id


def first(kind, page):
    if kind in (OpenAI, AzureOpenAI):
        return next(iter(page))

    async def run():
        async for item in page:
            return item

    return run()


def chat(kind, content, options=None, **parameters):
    """One whole answer."""
    parameters = {"model": model(kind), "temperature": 0, "messages": user(content), **parameters}
    return with_client(kind, lambda client: client.chat.completions.create(**parameters), **(options or {}))


def stream(kind, content, **parameters):
    """Every chunk of one streamed answer."""
    parameters = {"model": model(kind), "temperature": 0, "messages": user(content), "stream": True, **parameters}

    def use(client):
        if kind in (OpenAI, AzureOpenAI):
            return list(client.chat.completions.create(**parameters))

        async def collect():
            return [chunk async for chunk in await client.chat.completions.create(**parameters)]

        return collect()

    return with_client(kind, use)


def user(content):
    return [{"role": "user", "content": content}]
