"""The problems are in the document, under the statuses and the media type that they have."""

from typing import Any

import pytest

from app import create_app

DOCUMENT = create_app().openapi()
STATUSES = [
    ("/incidents", "post", ["201", "400", "409", "413", "415", "422", "500"]),
    ("/incidents/{incident_id}", "get", ["200", "404", "422", "500"]),
]
ALL = [(path, method, status) for path, method, found in STATUSES for status in found]


def follow(schema: dict[str, Any]) -> dict[str, Any]:
    while "$ref" in schema:
        name = schema["$ref"].rsplit("/", 1)[1]
        assert name in DOCUMENT["components"]["schemas"], f"{schema['$ref']} leads nowhere"
        schema = DOCUMENT["components"]["schemas"][name]
    return schema


@pytest.mark.parametrize(("path", "method", "status"), ALL)
def test_a_status_is_declared(path: str, method: str, status: str) -> None:
    operation = DOCUMENT["paths"][path][method]
    known = ", ".join(sorted(operation["responses"]))
    assert status in operation["responses"], f"{status} is not declared, only {known}"
    if status.startswith("2"):
        return
    content = operation["responses"][status].get("content", {})
    assert list(content) == ["application/problem+json"], f"{status} is declared as {list(content)}"
    fields = follow(content["application/problem+json"]["schema"]).get("properties", {})
    wanted = {"type", "title", "status", "detail", "instance", "errors"}
    assert set(fields) == wanted, f"{status} is declared with {sorted(fields)}"


def test_nothing_is_declared_that_never_comes() -> None:
    schemas = DOCUMENT["components"]["schemas"]
    assert "HTTPValidationError" not in schemas, "FastAPI's own 422 is still declared somewhere"


def test_the_key_is_declared() -> None:
    parameters = DOCUMENT["paths"]["/incidents"]["post"].get("parameters", [])
    keys = [one for one in parameters if one["name"] == "Idempotency-Key"]
    assert keys, "the header Idempotency-Key is not declared"
    assert keys[0]["required"], "the header Idempotency-Key is declared as optional"
    assert keys[0].get("description"), "the header Idempotency-Key has no description"


def test_the_body_says_that_nothing_else_is_taken() -> None:
    content = DOCUMENT["paths"]["/incidents"]["post"]["requestBody"]["content"]
    schema = follow(content["application/json"]["schema"])
    assert schema.get("additionalProperties") is False, "additionalProperties is not false"
    integer = schema["properties"]["customers_affected"]
    bounds = (integer.get("minimum"), integer.get("maximum"))
    assert bounds == (0, 1_000_000), f"the bounds of customers_affected are {bounds}"
