"""The responses interface: text, whole and in its typed events. What needs constraints and tools is in test_structured."""

import pytest
from openai import BadRequestError, NotFoundError

from callers import CLASSES, create, helped, model, streamed, with_client

COUNT = "Count from one to twenty in words."
FEW = 8

pytestmark = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def respond(kind, **parameters):
    return create(kind, "responses", **asked(kind, parameters))


def asked(kind, parameters):
    return {"model": model(kind), "input": COUNT, "temperature": 0, "max_output_tokens": FEW, **parameters}


def test_an_answer_is_whole(kind):
    answer = respond(kind, metadata={"lab": "first"})
    assert (answer.object, answer.model, answer.metadata) == ("response", model(kind), {"lab": "first"})
    [item] = answer.output
    assert (item.type, item.role) == ("message", "assistant")
    assert answer.output_text == item.content[0].text and answer.output_text.strip()
    assert answer.status == item.status
    if answer.status == "incomplete":
        assert answer.incomplete_details.reason == "max_output_tokens"
    usage = answer.usage
    assert usage.total_tokens == usage.input_tokens + usage.output_tokens and 0 < usage.output_tokens <= FEW
    assert usage.output_tokens_details.reasoning_tokens == 0


def test_the_conversation_is_the_callers(kind):
    first = respond(kind)
    items = [{"role": "user", "content": COUNT}, *first.output, {"role": "user", "content": "Go on."}]
    second = respond(kind, input=items, instructions="Be brief.")
    assert second.usage.input_tokens > first.usage.input_tokens
    for parameters in ({"previous_response_id": first.id}, {"conversation": "conv_1"}):
        with pytest.raises(BadRequestError) as caught:
            respond(kind, **parameters)
        assert "Send the earlier items" in caught.value.message
    with pytest.raises(NotFoundError):
        with_client(kind, lambda client: client.responses.retrieve(first.id))


def test_a_stream_is_typed_and_numbered(kind):
    whole = respond(kind)
    events = streamed(kind, "responses", **asked(kind, {}))
    assert [event.sequence_number for event in events] == list(range(len(events)))
    kinds = [event.type for event in events]
    assert kinds[:4] == [
        "response.created",
        "response.in_progress",
        "response.output_item.added",
        "response.content_part.added",
    ]
    assert kinds[-4:-1] == ["response.output_text.done", "response.content_part.done", "response.output_item.done"]
    assert kinds[-1] == f"response.{whole.status}"
    text = "".join(event.delta for event in events if event.type == "response.output_text.delta")
    assert text == whole.output_text == events[-1].response.output_text
    assert events[-1].response.usage.output_tokens == whole.usage.output_tokens


def test_the_streaming_helper_reads_a_stream(kind):
    parameters = {"model": model(kind), "input": "Say yes.", "temperature": 0}
    events, final = helped(kind, "responses.stream", "get_final_response", **parameters)
    assert final.status == "completed"
    assert [event.text for event in events if event.type == "response.output_text.done"] == [final.output_text]


def test_too_long_an_input_is_told_both_counts(kind):
    with pytest.raises(BadRequestError) as caught:
        respond(kind, input="word " * 20_000)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "input")
