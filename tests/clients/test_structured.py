"""Answers of a given form, and how tokens are chosen: schemas, grammars, tools, probabilities, penalties, extras."""

import json
import math
from typing import Literal

import pytest
from openai import BadRequestError, pydantic_function_tool
from openai.resources.chat.completions import Completions
from pydantic import BaseModel

from callers import CLASSES, chat, create, helped, model, stream, streamed, user, with_client

HELPERS = "chat.completions" if hasattr(Completions, "parse") else "beta.chat.completions"
ASK = "What is the weather in Oslo?"
MOST = 200

pytestmark = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


class Weather(BaseModel):
    city: Literal["Oslo", "Rome"]
    degrees: int
    dry: bool


class GetWeather(BaseModel):
    """The weather of a city."""

    city: Literal["Oslo", "Rome"]


TOOL = pydantic_function_tool(GetWeather, name="get_weather")
FLAT = {"type": "function", **TOOL["function"]}
SCHEMA = {
    "name": "weather",
    "strict": True,
    "schema": {**Weather.model_json_schema(), "additionalProperties": False},
}
FORMAT = {"type": "json_schema", "json_schema": SCHEMA}


def test_an_answer_holds_to_its_schema(kind):
    answer = chat(kind, ASK, response_format=FORMAT, max_tokens=MOST)
    assert answer.choices[0].finish_reason == "stop"
    Weather.model_validate_json(answer.choices[0].message.content)
    chunks = stream(kind, ASK, response_format=FORMAT, max_tokens=MOST)
    Weather.model_validate_json("".join(chunk.choices[0].delta.content or "" for chunk in chunks))


def test_an_answer_is_parsed(kind):
    def use(client):
        completions = client.chat.completions if HELPERS == "chat.completions" else client.beta.chat.completions
        return completions.parse(
            model=name, messages=user(ASK), response_format=Weather, temperature=0, max_tokens=MOST
        )

    name = model(kind)
    assert isinstance(with_client(kind, use).choices[0].message.parsed, Weather)


def test_a_stream_is_parsed(kind):
    parameters = {"model": model(kind), "messages": user(ASK), "temperature": 0, "max_tokens": MOST}
    events, final = helped(
        kind, f"{HELPERS}.stream", "get_final_completion", response_format=Weather, **parameters
    )
    assert isinstance(final.choices[0].message.parsed, Weather)
    assert [event.type for event in events].count("content.done") == 1


def test_any_json_object(kind):
    answer = chat(kind, "Answer in JSON: name a city.", response_format={"type": "json_object"}, max_tokens=MOST)
    if answer.choices[0].finish_reason == "stop":
        assert isinstance(json.loads(answer.choices[0].message.content), dict)


def test_a_grammar_and_a_regular_expression(kind):
    answer = chat(kind, "Yes or no?", extra_body={"guided_regex": "(yes|no), (sir|madam)"})
    assert answer.choices[0].message.content in [f"{word}, {who}" for word in ("yes", "no") for who in ("sir", "madam")]
    answer = chat(kind, "Yes or no?", extra_body={"guided_grammar": 'start: "maybe" | "perhaps"'})
    assert answer.choices[0].message.content in ("maybe", "perhaps")


@pytest.mark.parametrize(
    "parameters, param",
    [
        ({"response_format": {"type": "json_schema", "json_schema": {"name": "a", "schema": {"type": 7}}}}, "response_format"),
        ({"extra_body": {"guided_regex": "("}}, "guided_regex"),
        ({"extra_body": {"guided_grammar": "start: missing"}}, "guided_grammar"),
        ({"logit_bias": {"4000000000": 1}}, "logit_bias"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_form_that_cannot_be_held_to_is_named(kind, parameters, param):
    with pytest.raises(BadRequestError) as caught:
        chat(kind, ASK, **parameters)
    assert caught.value.param == param


@pytest.mark.parametrize(
    "choice", ["required", {"type": "function", "function": {"name": "get_weather"}}], ids=["required", "named"]
)
def test_a_tool_is_called(kind, choice):
    answer = chat(kind, ASK, tools=[TOOL], tool_choice=choice, parallel_tool_calls=False, max_tokens=MOST)
    [call] = answer.choices[0].message.tool_calls
    assert (call.type, call.function.name) == ("function", "get_weather") and call.id
    GetWeather.model_validate_json(call.function.arguments)
    assert answer.choices[0].finish_reason == "tool_calls"


def test_a_tool_may_be_called_and_must_not_when_forbidden(kind):
    [choice] = chat(kind, ASK, tools=[TOOL], tool_choice="auto", max_tokens=MOST).choices
    assert choice.message.content or choice.message.tool_calls
    [choice] = chat(kind, ASK, tools=[TOOL], tool_choice="none", max_tokens=4).choices
    assert choice.message.tool_calls is None and choice.message.content


def test_a_result_is_sent_back(kind):
    message = chat(
        kind, ASK, tools=[TOOL], tool_choice="required", parallel_tool_calls=False, max_tokens=MOST
    ).choices[0].message
    result = {"role": "tool", "tool_call_id": message.tool_calls[0].id, "content": "12 degrees, dry"}
    answer = chat(kind, "", messages=[*user(ASK), message, result], tools=[TOOL], tool_choice="none", max_tokens=8)
    assert answer.choices[0].message.content


def test_a_stream_of_a_call_is_put_together(kind):
    parameters = {"model": model(kind), "messages": user(ASK), "temperature": 0, "max_tokens": MOST}
    events, final = helped(
        kind,
        f"{HELPERS}.stream",
        "get_final_completion",
        tools=[TOOL],
        tool_choice="required",
        parallel_tool_calls=False,
        **parameters,
    )
    [call] = final.choices[0].message.tool_calls
    assert isinstance(call.function.parsed_arguments, GetWeather)
    deltas = [event for event in events if event.type == "tool_calls.function.arguments.delta"]
    assert "".join(event.arguments_delta for event in deltas) == call.function.arguments
    assert [event.name for event in events if event.type == "tool_calls.function.arguments.done"] == ["get_weather"]


def test_probabilities_of_tokens(kind):
    answer = chat(kind, ASK, logprobs=True, top_logprobs=3, max_tokens=4)
    told = answer.choices[0].logprobs.content
    assert len(told) == answer.usage.completion_tokens
    for token in told:
        assert len(token.top_logprobs) == 3
        # Decoded greedily, each token is the likeliest.
        assert token.top_logprobs[0].token == token.token and token.top_logprobs[0].logprob == token.logprob <= 0
        assert sum(math.exp(likely.logprob) for likely in token.top_logprobs) <= 1.001
    assert b"".join(bytes(token.bytes) for token in told).decode() == answer.choices[0].message.content
    chunks = stream(kind, ASK, logprobs=True, top_logprobs=3, max_tokens=4)
    streamed_tokens = [token for chunk in chunks if chunk.choices[0].logprobs for token in chunk.choices[0].logprobs.content]
    assert [token.token for token in streamed_tokens] == [token.token for token in told]


def test_probabilities_in_the_older_form(kind):
    answer = create(kind, "completions", model=model(kind), prompt="One, two,", temperature=0, max_tokens=4, logprobs=2)
    logprobs = answer.choices[0].logprobs
    assert len(logprobs.tokens) == len(logprobs.token_logprobs) == len(logprobs.top_logprobs) == 4
    assert "".join(logprobs.tokens) == answer.choices[0].text
    assert all(answer.choices[0].text[at:].startswith(token) for at, token in zip(logprobs.text_offset, logprobs.tokens))


def test_a_bias_forbids_a_token(kind):
    """A token's id is not told, so the likeliest first token is found by forbidding all of a block."""
    usual = chat(kind, ASK, max_tokens=1).choices[0].message.content
    step = 8192
    changed = 0
    for start in range(0, 49152, step):
        bias = {str(token): -100 for token in range(start, start + step)}
        changed += chat(kind, ASK, max_tokens=1, logit_bias=bias).choices[0].message.content != usual
    assert changed >= 1


def test_penalties_end_a_repetition(kind):
    request = {"messages": user("Say la la la la la la la la."), "max_tokens": 48}
    usual = chat(kind, "", **request).choices[0].message.content
    fined = chat(kind, "", **request, frequency_penalty=2, presence_penalty=2).choices[0].message.content
    assert len(set(fined.split())) / len(fined.split()) >= len(set(usual.split())) / len(usual.split())


def test_extras_of_servers_of_open_models(kind):
    """With one token to choose from, the hottest answer is the coldest."""
    coldest = chat(kind, ASK, max_tokens=8)
    answer = chat(kind, ASK, temperature=2, max_tokens=8, extra_body={"top_k": 1})
    assert answer.choices[0].message.content == coldest.choices[0].message.content
    answer = chat(kind, ASK, temperature=2, max_tokens=8, extra_body={"min_p": 1.0})
    assert answer.choices[0].message.content == coldest.choices[0].message.content


def test_ids_of_no_token_are_refused(kind):
    with pytest.raises(BadRequestError) as caught:
        create(kind, "completions", model=model(kind), prompt=[4_000_000_000], max_tokens=1)
    assert caught.value.param == "prompt"


def test_a_response_is_parsed(kind):
    def use(client):
        return client.responses.parse(
            model=name, input=ASK, text_format=Weather, temperature=0, max_output_tokens=MOST
        )

    name = model(kind)
    assert isinstance(with_client(kind, use).output_parsed, Weather)
    parameters = {"model": name, "input": ASK, "temperature": 0, "max_output_tokens": MOST}
    _, final = helped(kind, "responses.stream", "get_final_response", text_format=Weather, **parameters)
    assert isinstance(final.output_parsed, Weather)


def test_a_response_calls_a_tool(kind):
    parameters = {
        "model": model(kind),
        "tools": [FLAT],
        "tool_choice": "required",
        "parallel_tool_calls": False,
        "temperature": 0,
        "max_output_tokens": MOST,
    }
    answer = create(kind, "responses", input=ASK, **parameters)
    [call] = [item for item in answer.output if item.type == "function_call"]
    GetWeather.model_validate_json(call.arguments)
    events = streamed(kind, "responses", input=ASK, **parameters)
    deltas = [event.delta for event in events if event.type == "response.function_call_arguments.delta"]
    [done] = [event for event in events if event.type == "response.function_call_arguments.done"]
    assert "".join(deltas) == done.arguments == call.arguments
    # The items go back as they are, with the result.
    result = {"type": "function_call_output", "call_id": call.call_id, "output": "12 degrees, dry"}
    items = [{"role": "user", "content": ASK}, *answer.output, result]
    again = create(kind, "responses", input=items, **{**parameters, "tool_choice": "none", "max_output_tokens": 8})
    assert again.output_text
