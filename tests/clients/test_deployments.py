"""Deployments that the learner made, their quotas, and what the gateway measures, as the official clients meet them."""

import time
import urllib.request

import pytest
from openai import AzureOpenAI, InternalServerError, OpenAI, RateLimitError
from prometheus_client.parser import text_string_to_metric_families

from callers import model, user
from conftest import Gateway


def ask(client, name, **parameters):
    return client.chat.completions.create(model=name, messages=user("Hi"), max_tokens=1, **parameters)


def test_azure_finds_a_deployment_by_the_learners_name(gateway):
    gateway.deploy("my-gpt", model(OpenAI))
    client = AzureOpenAI(azure_deployment="my-gpt", max_retries=0)
    assert ask(client, "anything").choices
    assert "my-gpt" in [item.id for item in OpenAI().models.list()]


def test_a_quota_is_waited_for_as_it_asks(gateway):
    gateway.deploy("paced", model(OpenAI), requests_per_minute=30)
    client = OpenAI(max_retries=0)
    for _ in range(5):
        assert ask(client, "paced").choices
    with pytest.raises(RateLimitError) as refused:
        ask(client, "paced")
    error = refused.value
    assert (error.code, error.type) == ("rate_limit_exceeded", "requests")
    assert 0 < int(error.response.headers["retry-after-ms"]) <= 10_000
    # The client's own retries wait that long, and then there is room.
    began = time.monotonic()
    assert ask(client.with_options(max_retries=1), "paced").choices
    assert time.monotonic() - began > 1


def test_azure_words_a_refusal_in_its_own_way(gateway):
    gateway.deploy("one", model(OpenAI), requests_per_minute=1)
    client = AzureOpenAI(azure_deployment="one", max_retries=0)
    ask(client, "one")
    with pytest.raises(RateLimitError) as refused:
        ask(client, "one")
    assert refused.value.code == "429"


def test_what_can_never_fit_is_not_tried_again(gateway):
    gateway.deploy("tiny", model(OpenAI), tokens_per_minute=10)
    with pytest.raises(RateLimitError, match="can never be answered") as refused:
        OpenAI(max_retries=2).chat.completions.create(model="tiny", messages=user("Hi"), max_tokens=100)
    assert refused.value.request.headers["x-stainless-retry-count"] == "0"


def test_headers_tell_what_is_left(gateway):
    gateway.deploy("told", model(OpenAI), tokens_per_minute=1000, requests_per_minute=60)
    client = OpenAI(max_retries=0)
    raw = client.chat.completions.with_raw_response.create(model="told", messages=user("Hi"), max_tokens=1)
    used = raw.parse().usage.total_tokens
    assert raw.headers["x-ratelimit-limit-requests"] == "60"
    assert raw.headers["x-ratelimit-remaining-requests"] == "9"
    assert raw.headers["x-ratelimit-limit-tokens"] == "1000"
    assert raw.headers["x-ratelimit-remaining-tokens"] == str(1000 - used)
    assert raw.headers["x-ratelimit-reset-tokens"].endswith("s")


def test_measures_are_read_by_the_stock_parser(gateway):
    gateway.deploy("measured", model(OpenAI))
    ask(OpenAI(), "measured")
    request = urllib.request.Request(f"{gateway.root}/metrics", headers={"Authorization": f"Bearer {gateway.key}"})
    with urllib.request.urlopen(request) as answer:
        assert answer.headers["Content-Type"] == "text/plain; version=0.0.4"
        families = {family.name: family for family in text_string_to_metric_families(answer.read().decode())}
    duration = families["gen_ai_server_request_duration_seconds"]
    assert duration.type == "histogram"
    counts = [sample for sample in duration.samples if sample.name.endswith("_count")]
    ours = [sample for sample in counts if sample.labels["gen_ai_request_model"] == "measured"]
    assert [sample.value for sample in ours] == [1]
    assert {"gen_ai_server_time_to_first_token_seconds", "gen_ai_client_token_usage"} <= families.keys()
    assert families["groundwork_cost"].type == "counter"


def test_a_model_on_another_server_is_asked_as_if_it_were_here(gateway, another_gateway):
    gateway.deploy("team", model(OpenAI), elsewhere=another_gateway)
    here = OpenAI(max_retries=0)
    there = OpenAI(base_url=another_gateway.url, api_key=another_gateway.key, max_retries=0)
    asked = {"messages": user("Name a colour."), "max_tokens": 12, "temperature": 0, "logprobs": True, "top_logprobs": 2}
    direct = there.chat.completions.create(model=model(OpenAI), **asked).choices[0]
    through = here.chat.completions.create(model="team", **asked).choices[0]
    assert (through.message.content, through.finish_reason) == (direct.message.content, direct.finish_reason)
    assert through.logprobs == direct.logprobs
    stream = here.chat.completions.create(model="team", stream=True, stream_options={"include_usage": True}, **asked)
    *chunks, last = stream
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks) == direct.message.content
    assert last.usage.completion_tokens == 12
    assert AzureOpenAI(azure_deployment="team").chat.completions.create(model="team", **asked).choices[0] == through


def test_another_server_that_is_gone_is_said_to_be_gone(gateway):
    gateway.deploy("gone", "any", elsewhere=Gateway("http://127.0.0.1:9/v1", "sk-nothing", ""))
    with pytest.raises(InternalServerError, match="cannot be reached") as refused:
        ask(OpenAI(max_retries=0), "gone")
    assert (refused.value.status_code, refused.value.code) == (502, "upstream_failed")
