"""Text completions: prompts as they stand."""

import pytest
from openai import BadRequestError

from callers import CLASSES, create, model, streamed

PROMPT = "One, two, three, four,"
FEW = 6

pytestmark = pytest.mark.parametrize("kind", CLASSES, ids=lambda kind: kind.__name__)


def complete(kind, **parameters):
    return create(kind, "completions", **asked(kind, parameters))


def asked(kind, parameters):
    return {"model": model(kind), "prompt": PROMPT, "temperature": 0, "max_tokens": FEW, **parameters}


def test_an_answer_is_whole(kind):
    answer = complete(kind)
    assert (answer.object, answer.model) == ("text_completion", model(kind))
    [choice] = answer.choices
    assert choice.text and choice.logprobs is None and choice.finish_reason in ("stop", "length")
    assert answer.usage.prompt_tokens > 0 and 0 < answer.usage.completion_tokens <= FEW


def test_a_stream_says_what_the_whole_answer_says(kind):
    whole = complete(kind)
    *chunks, last = streamed(kind, "completions", **asked(kind, {"stream_options": {"include_usage": True}}))
    assert "".join(chunk.choices[0].text for chunk in chunks) == whole.choices[0].text
    assert chunks[-1].choices[0].finish_reason == whole.choices[0].finish_reason
    assert last.choices == [] and last.usage.completion_tokens == whole.usage.completion_tokens


def test_several_prompts_and_several_answers(kind):
    prompts = [PROMPT, "Red, green,"]
    alone = [complete(kind, prompt=prompt).choices[0].text for prompt in prompts]
    together = complete(kind, prompt=prompts, n=2)
    assert [choice.index for choice in together.choices] == [0, 1, 2, 3]
    assert [choice.text for choice in together.choices] == [alone[0], alone[0], alone[1], alone[1]]


def test_the_prompt_comes_back_when_asked(kind):
    echoed = complete(kind, echo=True, stop=["\n"]).choices[0].text
    assert echoed.startswith(PROMPT) and len(echoed) > len(PROMPT)


def test_token_ids(kind):
    assert complete(kind, prompt=[1, 2, 3], max_tokens=1).usage.prompt_tokens == 3
    assert len(complete(kind, prompt=[[1, 2], [3]], max_tokens=1).choices) == 2


@pytest.mark.parametrize(
    "parameters, param",
    [
        ({"suffix": "the end"}, "suffix"),
        ({"best_of": 3}, "best_of"),
        ({"logprobs": 6}, "logprobs"),
        ({"prompt": ""}, "prompt"),
        ({"echo": True, "prompt": [1]}, "echo"),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_a_bad_parameter_is_named(kind, parameters, param):
    with pytest.raises(BadRequestError) as caught:
        complete(kind, **parameters)
    assert caught.value.param == param


def test_too_long_a_prompt_is_told_both_counts(kind):
    with pytest.raises(BadRequestError) as caught:
        complete(kind, prompt="word " * 20_000)
    assert (caught.value.code, caught.value.param) == ("context_length_exceeded", "prompt")
