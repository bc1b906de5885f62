"""The OpenAPI document against what the service does: what it answers is declared."""

from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest
from fastapi.testclient import TestClient

from app import create_app

DOCUMENT = create_app().openapi()
KINDS: dict[str, Any] = {
    "string": str,
    "integer": int,
    "number": (int, float),
    "boolean": bool,
    "array": list,
    "object": dict,
    "null": type(None),
}
GOOD = "inc-2024-03-11"
ASKED = [
    ("/incidents", "/incidents", 200),
    ("/incidents", "/incidents?severity=SEV1&limit=2", 200),
    ("/incidents", "/incidents?cursor=zzz", 400),
    ("/incidents", "/incidents?limit=0", 422),
    ("/incidents/{incident_id}", f"/incidents/{GOOD}", 200),
    ("/incidents/{incident_id}", "/incidents/inc-1999-12-31", 404),
    ("/incidents/{incident_id}", "/incidents/nonsense", 422),
    ("/incidents/{incident_id}/documents", f"/incidents/{GOOD}/documents", 200),
    ("/incidents/{incident_id}/documents", "/incidents/inc-1999-12-31/documents", 404),
    ("/health/live", "/health/live", 200),
    ("/health/ready", "/health/ready", 200),
]
UNREADY = [
    ("/incidents", "/incidents"),
    ("/incidents/{incident_id}", f"/incidents/{GOOD}"),
    ("/incidents/{incident_id}/documents", f"/incidents/{GOOD}/documents"),
    ("/health/ready", "/health/ready"),
]


def follow(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        schema = DOCUMENT["components"]["schemas"][schema["$ref"].rsplit("/", 1)[1]]
    return schema


def shape(response: dict[str, Any]) -> dict[str, Any]:
    return response.get("content", {}).get("application/json", {}).get("schema", {})


def misfits(schema: dict[str, Any], value: Any, at: str) -> Iterator[str]:
    """In what way `value` does not have the shape; as much of JSON Schema as this service needs."""
    schema = follow(schema)
    if "anyOf" in schema:
        if all(any(misfits(option, value, at)) for option in schema["anyOf"]):
            yield f"{at} is {value!r}, which none of the declared shapes is"
        return
    kind = schema.get("type")
    if kind and (
        not isinstance(value, KINDS[kind]) or (isinstance(value, bool) and kind != "boolean")
    ):
        yield f"{at} is {value!r}, and {kind} is declared"
        return
    if "enum" in schema and value not in schema["enum"]:
        yield f"{at} is {value!r}, which is not declared"
    if isinstance(value, dict) and "properties" in schema:
        for key in schema.get("required", []):
            if key not in value:
                yield f"{at} has no {key}, which is required"
        for key, inner in value.items():
            if key in schema["properties"]:
                yield from misfits(schema["properties"][key], inner, f"{at}.{key}")
            else:
                yield f"{at}.{key} is answered and not declared"
    if isinstance(value, list):
        for index, inner in enumerate(value):
            yield from misfits(schema.get("items", {}), inner, f"{at}[{index}]")


def keeps(path: str, url: str, status: int, client: TestClient) -> None:
    answer = client.get(url)
    found = answer.status_code
    assert found == status, f"GET {url} is answered with {found}, and not with {status}"
    declared = DOCUMENT["paths"][path]["get"]["responses"]
    known = ", ".join(sorted(declared))
    assert str(status) in declared, f"GET {path} answers {status}, and declares only {known}"
    schema = shape(declared[str(status)])
    assert schema, f"GET {path} declares {status} without saying what is in it"
    wrong = next(misfits(schema, answer.json(), "the answer"), None)
    assert wrong is None, f"GET {url}: {wrong}"


@pytest.mark.parametrize(("path", "url", "status"), ASKED)
def test_an_answer_is_as_declared(
    start: Callable[..., TestClient], path: str, url: str, status: int
) -> None:
    keeps(path, url, status, start())


@pytest.mark.parametrize(("path", "url"), UNREADY)
def test_an_answer_without_data_is_as_declared(
    start: Callable[..., TestClient], tmp_path: Path, path: str, url: str
) -> None:
    keeps(path, url, 503, start(ready=False, incidents=tmp_path / "missing.json"))


def test_every_error_is_declared_with_a_shape_of_its_own() -> None:
    for path, item in DOCUMENT["paths"].items():
        for status, response in item["get"]["responses"].items():
            if status.startswith(("4", "5")) and status != "422":
                fields = follow(shape(response))
                assert "properties" in fields, f"GET {path} declares {status} without fields"
