"""Streams, whole and broken, and what the ledger says of them."""

from decimal import Decimal

import httpx
import pytest
from openai import APIError, APIStatusError

from accounting import Entry, Ledger
from digest import Digester, Filtered
from providers import make_client
from support import (
    PRICES,
    Clock,
    Day,
    Endpoint,
    chunk,
    lines,
    provider,
    run,
    stream_of,
    unspent,
)

USAGE = {
    "prompt_tokens": 100,
    "completion_tokens": 3,
    "total_tokens": 103,
    "prompt_tokens_details": {"cached_tokens": 0},
}
WHOLE = [chunk("One"), chunk(" two"), chunk(None, finish="stop"), chunk(usage=USAGE)]


def digester(tmp_path, endpoint):
    made_for = provider()
    client = make_client(made_for, http_client=endpoint.client())
    ledger = Ledger(tmp_path / "ledger.jsonl", Decimal("0.05"), Day())
    return Digester(made_for, client, PRICES, ledger, sleep=Clock().sleep)


async def read(desk, most=None):
    pieces = await desk.stream("The disk is full.", "duty-desk")
    found = []
    async for piece in pieces:
        found.append(piece)
        if len(found) == most:
            break
    await pieces.aclose()
    return found


def test_text_comes_in_pieces_and_then_the_entry(tmp_path):
    endpoint = Endpoint(stream_of(*WHOLE))
    desk = digester(tmp_path, endpoint)
    *texts, entry = run(read(desk))
    assert texts == ["One", " two"]
    assert isinstance(entry, Entry) and (entry.prompt_tokens, entry.completion_tokens) == (100, 3)
    assert [line["counted"] for line in lines(desk.ledger.file)] == [True]
    assert b"include_usage" in endpoint.asked[0].content


def test_before_the_first_word_it_is_tried_again(tmp_path):
    endpoint = Endpoint(httpx.Response(503), httpx.Response(200, stream=stream_of(*WHOLE).stream))
    *texts, _ = run(read(digester(tmp_path, endpoint)))
    assert (texts, len(endpoint.asked)) == (["One", " two"], 2)


def test_a_refusal_comes_before_the_stream(tmp_path):
    """Awaiting stream() has to raise it: inside the generator it is too late for a status."""

    async def only_open():
        await digester(tmp_path, Endpoint(httpx.Response(404))).stream(
            "The disk is full.", "duty-desk"
        )

    with pytest.raises(APIStatusError):
        run(only_open())


def test_after_the_first_word_it_is_not_tried_again(tmp_path):
    endpoint = Endpoint(stream_of(*WHOLE[:2], whole=False))
    with pytest.raises((httpx.HTTPError, APIError)):
        run(read(digester(tmp_path, endpoint)))
    assert len(endpoint.asked) == 1


def test_a_broken_stream_is_on_the_ledger(tmp_path):
    desk = digester(tmp_path, Endpoint(stream_of(*WHOLE[:2], whole=False)))
    with pytest.raises((httpx.HTTPError, APIError)):
        run(read(desk))
    [line] = lines(desk.ledger.file)
    assert line["counted"] is False
    assert line["prompt_tokens"] == line["prompt_estimate"] > 0
    assert line["completion_tokens"] == 2


def test_a_reader_who_leaves_is_on_the_ledger(tmp_path):
    desk = digester(tmp_path, Endpoint(stream_of(*WHOLE)))
    assert run(read(desk, most=1)) == ["One"]
    [line] = lines(desk.ledger.file)
    assert (line["counted"], line["completion_tokens"]) == (False, 1)
    assert desk.ledger.admit("duty-desk", unspent(desk.ledger))


def test_a_reader_who_leaves_before_the_first_word_is_on_the_ledger(tmp_path):
    desk = digester(tmp_path, Endpoint(stream_of(*WHOLE)))

    async def leave():
        pieces = await desk.stream("The disk is full.", "duty-desk")
        await pieces.aclose()

    run(leave())
    [line] = lines(desk.ledger.file)
    assert (line["counted"], line["completion_tokens"]) == (False, 0)
    assert desk.ledger.admit("duty-desk", unspent(desk.ledger))


def test_a_filter_may_stop_it_half_way(tmp_path):
    desk = digester(
        tmp_path, Endpoint(stream_of(chunk("One"), chunk(None, finish="content_filter")))
    )
    with pytest.raises(Filtered):
        run(read(desk))
    assert len(lines(desk.ledger.file)) == 1
