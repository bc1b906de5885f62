"""What is refused, as the client's own exceptions tell it."""

import httpx
import pytest
from openai import AuthenticationError, BadRequestError, NotFoundError, PermissionDeniedError

from callers import CLASSES, chat, model, stream, user

each_class = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


@each_class
def test_a_wrong_key(kind):
    name = model(kind)
    with pytest.raises(AuthenticationError) as caught:
        chat(kind, "Hello", options={"api_key": "gw-wrong"}, model=name)
    assert caught.value.code == "invalid_api_key"
    assert "gw-wrong" not in str(caught.value)


@each_class
def test_an_unknown_model(kind):
    with pytest.raises(NotFoundError) as caught:
        chat(kind, "Hello", model="gpt-4o")
    azure = "Azure" in kind.__name__
    assert caught.value.code == ("DeploymentNotFound" if azure else "model_not_found")
    # The way out is in the message.
    assert "gpt-4o" in caught.value.message and model(kind) in caught.value.message


@each_class
@pytest.mark.parametrize(
    "parameters, param",
    [
        ({"temperature": 3}, "temperature"),
        ({"top_p": -1}, "top_p"),
        ({"max_tokens": 0}, "max_tokens"),
        ({"max_tokens": 1, "max_completion_tokens": 1}, "max_tokens"),
        ({"n": 0}, "n"),
        ({"stop": ["a", "b", "c", "d", "e"]}, "stop"),
        ({"seed": "seven"}, "seed"),
        ({"messages": []}, "messages"),
        ({"messages": [{"role": "robot", "content": "Hello"}]}, "messages[0].role"),
        ({"stream_options": {"include_usage": True}}, "stream_options"),
        ({"extra_body": {"temprature": 1}}, "temprature"),
        ({"frequency_penalty": 3}, "frequency_penalty"),
        ({"logit_bias": {"1": 200}}, "logit_bias"),
        ({"logprobs": True, "top_logprobs": 21}, "top_logprobs"),
        ({"tools": [{"type": "function", "function": {"name": "two words"}}]}, "tools[0].function.name"),
        ({"tool_choice": "required"}, "tool_choice"),
        ({"response_format": {"type": "json_schema", "json_schema": {"schema": {}}}}, "response_format.json_schema.name"),
        ({"messages": [{"role": "tool", "tool_call_id": "a", "content": "b"}]}, "messages[0]"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_parameter_is_named(kind, parameters, param):
    with pytest.raises(BadRequestError) as caught:
        chat(kind, "Hello", **parameters)
    assert caught.value.param == param
    assert caught.value.type == "invalid_request_error"
    assert param.split(".")[0] in caught.value.message


@each_class
@pytest.mark.parametrize(
    "parameters",
    [
        {"functions": [{"name": "weather"}]},
        {"modalities": ["text", "audio"]},
        {"reasoning_effort": "low"},
        {"store": True},
        {"web_search_options": {}},
    ],
    ids=lambda parameters: next(iter(parameters)),
)
def test_what_cannot_be_done_is_refused_not_overlooked(kind, parameters):
    [name] = parameters
    for ask in (chat, stream):
        with pytest.raises(BadRequestError) as caught:
            ask(kind, "Hello", **parameters)
        assert (caught.value.code, caught.value.param) == ("unsupported_parameter", name)


@each_class
def test_too_long_a_prompt_is_told_both_counts(kind):
    for ask in (chat, stream):
        with pytest.raises(BadRequestError) as caught:
            ask(kind, "word " * 20_000)
        assert caught.value.code == "context_length_exceeded"
        prompt, context = (int(word) for word in caught.value.body["message"].split() if word.isdigit())
        assert prompt >= 20_000 > context


@each_class
def test_a_foreign_page(kind):
    with pytest.raises(PermissionDeniedError) as caught:
        chat(kind, "Hello", extra_headers={"Origin": "https://evil.example"})
    assert caught.value.code == "foreign_origin"


@pytest.mark.parametrize(
    "headers, status, code",
    [
        ({}, 200, None),
        ({"Host": "localhost"}, 200, None),
        ({"Host": "evil.example"}, 403, "foreign_host"),
        ({"Origin": "http://localhost:5173"}, 200, None),
        ({"Origin": "https://evil.example"}, 403, "foreign_origin"),
        ({"Origin": "null"}, 403, "foreign_origin"),
        ({"Authorization": ""}, 401, "missing_api_key"),
        ({"Authorization": "Bearer gw-wrong"}, 401, "invalid_api_key"),
    ],
    ids=str,
)
def test_the_door(gateway, headers, status, code):
    for method, path in [("GET", "/v1/models"), ("POST", "/v1/chat/completions")]:
        body = {"model": model(CLASSES[0]), "messages": user("Hello"), "max_tokens": 1}
        answer = httpx.request(
            method,
            gateway.root + path,
            headers={"Authorization": f"Bearer {gateway.key}", **headers},
            json=body if method == "POST" else None,
            timeout=60,
        )
        assert answer.status_code == status, answer.text
        if code:
            assert answer.json()["error"]["code"] == code
        assert not [name for name in answer.headers if name.startswith("access-control-")]


def test_too_large_a_body(gateway):
    answer = httpx.post(
        f"{gateway.url}/chat/completions",
        headers={"Authorization": f"Bearer {gateway.key}"},
        json={"model": "any", "messages": user("a" * (8 << 20))},
        timeout=60,
    )
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


def test_who_is_there_needs_no_key(gateway):
    answer = httpx.get(gateway.root)
    assert answer.status_code == 200 and answer.json()["service"] == "groundwork"
