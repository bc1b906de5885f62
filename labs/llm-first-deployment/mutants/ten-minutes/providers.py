"""Where the model is: read from providers.json, so that a move is an edit there and none here."""

from __future__ import annotations

import json
import os
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import httpx
from openai import AsyncAzureOpenAI, AsyncOpenAI

# For the connection, and for the longest silence between two pieces of an answer.
CONNECT_S = 5.0
SILENCE_S = 45.0


class ConfigError(Exception):
    """providers.json does not say what is needed."""


@dataclass(frozen=True)
class Provider:
    """One way to a model. `model` is a deployment's name at Azure and a model's elsewhere."""

    name: str
    interface: str
    endpoint: str
    model: str
    context: int
    price: str
    api_version: str | None = None
    key: str = field(default="", repr=False)


def load(name: str | None = None, file: Path = Path("providers.json")) -> Provider:
    """The provider that is asked for, or NOTES_PROVIDER, or the file's `active` one.

    A value that begins with `$` is a variable of the environment. NOTES_MODEL and NOTES_CONTEXT
    take the place of `model` and `context`, so that a program can be pointed at another deployment
    for one run.
    """
    described = json.loads(file.read_text(encoding="utf-8"))
    name = name or os.environ.get("NOTES_PROVIDER") or described["active"]
    if name not in described["providers"]:
        raise ConfigError(f"providers.json has no provider {name!r}")
    values = {key: _expand(name, value) for key, value in described["providers"][name].items()}
    values["model"] = os.environ.get("NOTES_MODEL", values["model"])
    values["context"] = int(os.environ.get("NOTES_CONTEXT", values["context"]))
    return Provider(name=name, **values)


def _expand(name: str, value: Any) -> Any:
    if not isinstance(value, str) or not value.startswith("$"):
        return value
    variable, _, rest = value[1:].partition("/")
    if variable not in os.environ:
        raise ConfigError(f"providers.json: {name!r} needs the variable {variable}")
    return os.environ[variable] + (f"/{rest}" if rest else "")


def make_client(provider: Provider, http_client: httpx.AsyncClient | None = None) -> AsyncOpenAI:
    """A client for this provider, that waits with limits and never tries again by itself.

    `interface` says which class: "azure" for AsyncAzureOpenAI, which has the deployment in the path
    and wants an `api_version`; "openai" for AsyncOpenAI, whose base URL is the endpoint. Both take
    `http_client` as it is.
    """
    options: dict[str, Any] = {
        "api_key": provider.key,
        # One layer tries again, and that is retries.py: the client's own tries would multiply with
        # ours.
        "max_retries": 0,
        "http_client": http_client,
    }
    if provider.interface == "azure":
        return AsyncAzureOpenAI(
            azure_endpoint=provider.endpoint, api_version=provider.api_version, **options
        )
    return AsyncOpenAI(base_url=provider.endpoint, **options)
