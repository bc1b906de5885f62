"""make_client: the right class, at the right address, with limits."""

import httpx
import pytest
from openai import AsyncAzureOpenAI, AsyncOpenAI

from providers import make_client
from support import Endpoint, provider, run


def ask(made_for):
    endpoint = Endpoint()

    async def call():
        client = make_client(made_for, http_client=endpoint.client())
        await client.chat.completions.create(
            model=made_for.model,
            messages=[{"role": "user", "content": "Hi"}],
            max_completion_tokens=1,
        )

    run(call())
    return endpoint.asked[0]


def test_azure_has_the_deployment_in_the_path():
    request = ask(provider("azure"))
    assert request.url.path == "/openai/deployments/night-notes/chat/completions"
    assert request.url.params["api-version"] == "2024-10-21"
    assert request.headers["api-key"] == "a-key"


def test_the_plain_interface_has_the_model_in_the_body():
    request = ask(provider("openai"))
    assert request.url.path == "/v1/chat/completions"
    assert request.headers["authorization"] == "Bearer a-key"


@pytest.mark.parametrize("interface, kind", [("azure", AsyncAzureOpenAI), ("openai", AsyncOpenAI)])
def test_nobody_waits_ten_minutes(interface, kind):
    client = make_client(provider(interface))
    assert isinstance(client, kind)
    timeout = client.timeout
    assert isinstance(timeout, httpx.Timeout), (
        f"a timeout of its own for the connection, and not {timeout!r}"
    )
    assert timeout.connect <= 10 and timeout.read <= 60, timeout
