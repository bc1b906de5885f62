"""Faults on purpose as the official clients meet them: they are those that the clients know how to take."""

import contextlib
import os
import time

import httpx
import openai
import pytest
from callers import CLASSES, model, with_client

MESSAGES = [{"role": "user", "content": "Say one word."}]


@contextlib.contextmanager
def laid(gateway, *faults):
    """Faults that last as long as the connection over which they are laid."""
    headers = {"Authorization": f"Bearer {gateway.key}"}
    line = httpx.stream("POST", f"{gateway.root}/groundwork/faults", json={"faults": faults}, headers=headers)
    with line as answer:
        assert answer.status_code == 200
        # Held to the end: an iterator that is given up closes the connection.
        text = answer.iter_text()
        assert next(text) == "laid\n"
        yield
        del text


def started(**options):
    """As Groundwork's own programs have the key: faults meet them alone."""
    return {"api_key": os.environ["OPENAI_API_KEY"] + "-started", **options}


def ask(kind, **options):
    request = {"model": model(kind), "messages": MESSAGES, "max_tokens": 4, "temperature": 0}
    return with_client(kind, lambda client: client.chat.completions.create(**request), **started(**options))


RATE_LIMITED = {"kind": "rate_limited", "retry_after_s": 1}
BROKEN = {"kind": "server_error", "status": 503}
HANGS_UP = {"kind": "hang_up"}


@pytest.mark.parametrize("kind", CLASSES)
def test_a_client_that_may_retry_waits_as_told_and_gets_its_answer(gateway, kind):
    model(kind)
    with laid(gateway, RATE_LIMITED, BROKEN, HANGS_UP):
        began = time.monotonic()
        answer = ask(kind, max_retries=3)
    assert answer.choices[0].message.content
    assert time.monotonic() - began >= 1, "Retry-After was 1 second"


@pytest.mark.parametrize("kind", CLASSES)
@pytest.mark.parametrize(
    ("fault", "error"),
    [
        (RATE_LIMITED, openai.RateLimitError),
        (BROKEN, openai.InternalServerError),
        (HANGS_UP, openai.APIConnectionError),
    ],
)
def test_a_client_that_may_not_retry_raises_what_it_raises_in_the_cloud(gateway, kind, fault, error):
    model(kind)
    with laid(gateway, fault):
        with pytest.raises(error) as raised:
            ask(kind)
        assert type(raised.value) is error
        if fault is RATE_LIMITED:
            assert raised.value.response.headers["retry-after"] == "1"
        assert ask(kind).choices, "one fault, one call"


def test_a_stream_that_is_cut_breaks_after_its_tokens(gateway):
    kind = openai.OpenAI
    pieces = []

    def read(client):
        request = {"model": model(kind), "messages": MESSAGES, "max_tokens": 50, "temperature": 0}
        for chunk in client.chat.completions.create(**request, stream=True):
            pieces.extend(choice.delta.content for choice in chunk.choices if choice.delta.content)

    with laid(gateway, {"kind": "cut_stream", "after_tokens": 2}):
        # The client hands on what its HTTP library raises while a body is read; newer ones wrap it.
        with pytest.raises((httpx.RemoteProtocolError, openai.APIError)):
            with_client(kind, read, **started())
    assert len(pieces) == 2


def test_what_a_learner_runs_by_hand_meets_none(gateway):
    with laid(gateway, BROKEN):
        assert ask(openai.OpenAI, api_key=gateway.key).choices


def test_nothing_is_left_once_they_are_taken_away(gateway):
    with laid(gateway, BROKEN, BROKEN, BROKEN):
        pass
    deadline = time.monotonic() + 10
    while True:
        try:
            assert ask(openai.OpenAI).choices
            return
        except openai.InternalServerError:
            # The gateway hears of a closed connection in its own time.
            assert time.monotonic() < deadline, "the faults outlived the one who laid them"
