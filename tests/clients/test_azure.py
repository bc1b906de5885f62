"""What only Azure's classes can ask for."""

import pytest
from openai import AsyncAzureOpenAI, AzureOpenAI, OpenAI

from callers import chat, create, model

each_class = pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI], ids=lambda kind: kind.__name__)


@each_class
def test_the_deployment_decides_not_the_model(kind):
    answer = chat(kind, "Hello", options={"azure_deployment": model(kind)}, model="gpt-4o", max_tokens=1)
    assert answer.model == model(kind)


@each_class
def test_a_directory_token_carries_the_key(kind, gateway, monkeypatch):
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY")
    name = model(kind)
    assert chat(kind, "Hello", options={"azure_ad_token": gateway.key}, model=name, max_tokens=1).choices


@each_class
@pytest.mark.parametrize("version", ["2024-10-21", "2025-04-01-preview"])
def test_any_version_is_answered(kind, version):
    assert chat(kind, "Hello", options={"api_version": version}, max_tokens=1).choices


@each_class
def test_a_response_of_a_client_with_a_deployment(kind):
    options = {"azure_deployment": model(kind), "api_version": "2025-04-01-preview"}
    answer = create(kind, "responses", options, model=model(kind), input="Hello", temperature=0, max_output_tokens=1)
    assert answer.output_text


def test_the_plain_class_at_azures_newer_path(gateway):
    client = OpenAI(base_url=f"{gateway.root}/openai/v1/")
    name = next(iter(client.models.list())).id
    request = {"model": name, "messages": [{"role": "user", "content": "Hello"}], "max_tokens": 1}
    assert client.chat.completions.create(**request).choices
    assert client.chat.completions.create(**request, extra_query={"api-version": "preview"}).choices
    assert client.responses.create(model=name, input="Hello", max_output_tokens=1).output_text
