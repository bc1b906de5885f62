"""Answers, whole and streamed, to the four classes."""

import functools
import time

import pytest
from openai import OpenAI
from openai.resources.chat.completions import Completions

from callers import CLASSES, chat, helped, model, stream, user, with_client

COUNT = "Count from one to twenty in words."
FEW = 8

pytestmark = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


@functools.cache
def counted(kind):
    """A whole answer to compare others with: decoded greedily, it is the same each time."""
    return chat(kind, COUNT, max_tokens=FEW)


def test_models_are_listed_and_found(kind):
    name = model(kind)
    found = with_client(kind, lambda client: client.models.retrieve(name))
    assert (found.id, found.object, found.owned_by) == (name, "model", "groundwork")


def test_an_answer_is_whole(kind):
    answer = counted(kind)
    assert answer.object == "chat.completion"
    assert answer.model == model(kind)
    [choice] = answer.choices
    assert choice.message.role == "assistant"
    assert choice.message.content.strip()
    assert choice.finish_reason in ("stop", "length")
    usage = answer.usage
    assert usage.prompt_tokens > 0 and 0 < usage.completion_tokens <= FEW
    assert usage.total_tokens == usage.prompt_tokens + usage.completion_tokens


def test_a_stream_says_what_the_whole_answer_says(kind):
    whole = counted(kind)
    chunks = stream(kind, COUNT, max_tokens=FEW)
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == whole.choices[0].message.content
    assert chunks[0].choices[0].delta.role == "assistant"
    assert [chunk.choices[0].finish_reason for chunk in chunks][-1] == whole.choices[0].finish_reason
    assert all(chunk.usage is None for chunk in chunks)
    assert len({chunk.id for chunk in chunks}) == 1


def test_a_stream_ends_with_its_usage_when_asked(kind):
    whole = counted(kind)
    *chunks, last = stream(kind, COUNT, max_tokens=FEW, stream_options={"include_usage": True})
    assert all(chunk.choices and chunk.usage is None for chunk in chunks)
    assert last.choices == []
    # How much of the prompt was cached depends on what was asked before.
    counts = ("prompt_tokens", "completion_tokens", "total_tokens")
    assert [getattr(last.usage, count) for count in counts] == [getattr(whole.usage, count) for count in counts]
    assert last.usage.completion_tokens_details.reasoning_tokens == 0
    assert 0 <= last.usage.prompt_tokens_details.cached_tokens <= last.usage.prompt_tokens


@pytest.mark.parametrize("name", ["max_tokens", "max_completion_tokens"])
def test_an_answer_ends_at_its_most_tokens(kind, name):
    answer = chat(kind, COUNT, **{name: 3})
    assert answer.usage.completion_tokens == 3
    assert answer.choices[0].finish_reason == "length"


def test_an_answer_ends_before_a_stop_text(kind):
    text = counted(kind).choices[0].message.content
    middle = text.split()[len(text.split()) // 2]
    for stop in (middle, [middle, "never said"]):
        answer = chat(kind, COUNT, max_tokens=FEW, stop=stop)
        assert answer.choices[0].message.content == text[: text.index(middle)]
        assert answer.choices[0].finish_reason == "stop"


def test_equal_seeds_give_equal_texts(kind):
    told = [chat(kind, "Tell a story.", temperature=1.2, top_p=0.9, seed=7, max_tokens=FEW) for _ in range(2)]
    assert told[0].choices[0].message.content == told[1].choices[0].message.content


def test_several_choices(kind):
    answer = chat(kind, COUNT, n=2, max_tokens=4)
    assert [choice.index for choice in answer.choices] == [0, 1]
    # Decoded greedily, they are the same.
    assert answer.choices[0].message.content == answer.choices[1].message.content
    assert answer.usage.completion_tokens == 8


def test_the_streaming_helper_reads_a_stream(kind):
    helper = "chat.completions.stream" if hasattr(Completions, "stream") else "beta.chat.completions.stream"
    text = counted(kind).choices[0].message.content
    # The helper takes an answer that was cut short for a failure, so this one ends before its second half.
    half = text[len(text) // 2 :]
    parameters = {"model": model(kind), "messages": user(COUNT), "temperature": 0, "stop": half}
    events, final = helped(kind, helper, "get_final_completion", **parameters)
    text = text[: text.index(half)]
    assert text and final.choices[0].message.content == text
    assert "".join(event.delta for event in events if event.type == "content.delta") == text
    assert [event.content for event in events if event.type == "content.done"] == [text]


def test_an_answer_can_be_sent_back(kind):
    """As learners write a chat: the message object itself goes back into the list."""
    messages = [
        {"role": "system", "content": "Be brief."},
        *user([{"type": "text", "text": COUNT}]),
        counted(kind).choices[0].message,
        *user("Go on."),
    ]
    assert chat(kind, "", messages=messages, max_tokens=4).choices[0].message.content


def test_a_hang_up_leaves_the_gateway_answering(kind):
    def use(client):
        parameters = {"model": name, "messages": user("Tell a very long story."), "temperature": 0, "stream": True}
        if kind.__name__.startswith("Async"):

            async def leave():
                chunks = await client.chat.completions.create(**parameters)
                async for _ in chunks:
                    break
                await chunks.close()

            return leave()
        chunks = client.chat.completions.create(**parameters)
        next(iter(chunks))
        chunks.close()

    name = model(kind)
    with_client(kind, use)
    began = time.monotonic()
    assert chat(OpenAI, COUNT, max_tokens=1).usage.completion_tokens == 1
    # The abandoned story would have gone on for as many tokens as the model reads.
    assert time.monotonic() - began < 30
