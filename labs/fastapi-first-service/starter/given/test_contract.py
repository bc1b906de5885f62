"""The OpenAPI document, read as whoever generates a client from it reads it."""

import re
from collections.abc import Iterator
from typing import Any

import pytest

from app import create_app

DOCUMENT = create_app().openapi()
METHODS = {"get", "put", "post", "delete", "patch"}


def operations() -> Iterator[tuple[str, dict[str, Any]]]:
    for path, item in DOCUMENT["paths"].items():
        for method, operation in item.items():
            if method in METHODS:
                yield f"{method.upper()} {path}", operation


def test_operation_ids_are_names() -> None:
    ids = [operation["operationId"] for _, operation in operations()]
    assert len(ids) == len(set(ids)), f"two operations share an id: {sorted(ids)}"
    for operation_id in ids:
        # FastAPI's own id ends with the method, and has two underscores for each brace of the path.
        made = re.search(rf"__|_({'|'.join(METHODS)})$", operation_id)
        name = re.fullmatch(r"[a-z]\w*", operation_id)
        assert name and not made, f"{operation_id} becomes a method's name as it is"


@pytest.mark.parametrize(("name", "operation"), list(operations()))
def test_parameters_are_described(name: str, operation: dict[str, Any]) -> None:
    for parameter in operation.get("parameters", []):
        said = parameter.get("description")
        assert said, f"{name} does not say what {parameter['name']} means"


@pytest.mark.parametrize("name", ["Incident", "IncidentPage", "Document", "Ready", "Error"])
def test_fields_have_examples(name: str) -> None:
    schema = DOCUMENT["components"]["schemas"].get(name)
    assert schema, f"there is no schema {name}"
    whole = schema.get("examples") or schema.get("example")
    # A list of other schemas takes its example from those.
    fields = schema["properties"].items()
    plain = [(key, field) for key, field in fields if field.get("type") != "array"]
    missing = [key for key, field in plain if "examples" not in field]
    assert whole or not missing, f"{name} has no example for {', '.join(missing)}"


@pytest.mark.parametrize(
    "inside",
    ["commander", "channel", r"@[a-z]+\b", r"incidents\.json", r"/data\b", r"SKR-\d"],
)
def test_nothing_of_the_inside_is_told(inside: str) -> None:
    text = str(DOCUMENT)
    found = re.search(rf".{{0,30}}{inside}.{{0,30}}", text)
    assert not found, f"the document tells: ...{found and found.group()}..."


def test_the_inner_model_is_not_told() -> None:
    assert "Record" not in DOCUMENT["components"]["schemas"], "the document tells of Record"


def test_the_service_has_a_name_and_a_version() -> None:
    info = DOCUMENT["info"]
    assert info["title"] != "FastAPI", "the title is still the framework's"
    assert info["version"] != "0.1.0", "the version is still the framework's default"
    assert info.get("summary") or info.get("description"), "one sentence on what the service is for"


def test_tags_are_described() -> None:
    described = {tag["name"] for tag in DOCUMENT.get("tags", []) if tag.get("description")}
    used = {tag for _, operation in operations() for tag in operation.get("tags", [])}
    assert used <= described, f"no description for the tag {', '.join(sorted(used - described))}"
