"""What only Azure's classes can ask for."""

import pytest
from openai import AsyncAzureOpenAI, AzureOpenAI

from callers import chat, model

pytestmark = pytest.mark.parametrize("kind", [AzureOpenAI, AsyncAzureOpenAI], ids=lambda kind: kind.__name__)


def test_the_deployment_decides_not_the_model(kind):
    answer = chat(kind, "Hello", options={"azure_deployment": model(kind)}, model="gpt-4o", max_tokens=1)
    assert answer.model == model(kind)


def test_a_directory_token_carries_the_key(kind, gateway, monkeypatch):
    monkeypatch.delenv("AZURE_OPENAI_API_KEY")
    monkeypatch.delenv("OPENAI_API_KEY")
    name = model(kind)
    assert chat(kind, "Hello", options={"azure_ad_token": gateway.key}, model=name, max_tokens=1).choices


@pytest.mark.parametrize("version", ["2024-10-21", "2025-04-01-preview"])
def test_any_version_is_answered(kind, version):
    assert chat(kind, "Hello", options={"api_version": version}, max_tokens=1).choices
