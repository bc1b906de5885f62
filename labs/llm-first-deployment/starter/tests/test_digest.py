"""The whole way of a note, without a network."""

from decimal import Decimal

import httpx
import pytest
from openai import APIStatusError

from accounting import Ledger, OverBudget, TooLong
from digest import Digester, Filtered
from providers import make_client
from retries import Policy
from support import PRICES, Clock, Day, Endpoint, completion, lines, provider, run

NOTE = "Registry disk full since 06:10. The account sk-FAKE-quiet-harbour is in the log."


def digester(tmp_path, endpoint, limit="0.05", **more):
    made_for = provider(**more)
    client = make_client(made_for, http_client=endpoint.client())
    ledger = Ledger(tmp_path / "ledger.jsonl", Decimal(limit), Day())
    return Digester(made_for, client, PRICES, ledger, Policy(), sleep=Clock().sleep)


def test_the_ledger_has_what_was_counted_and_what_was_guessed(tmp_path):
    endpoint = Endpoint(
        httpx.Response(
            200, json=completion(prompt=100, answer=10, prompt_tokens_details={"cached_tokens": 40})
        )
    )
    desk = digester(tmp_path, endpoint)
    answer = run(desk.digest(NOTE, "duty-desk"))
    assert answer.text == "It broke. Mend it."
    [line] = lines(desk.ledger.file)
    assert (line["caller"], line["model"], line["counted"]) == ("duty-desk", "small-2026", True)
    assert (line["prompt_tokens"], line["cached_tokens"], line["completion_tokens"]) == (
        100,
        40,
        10,
    )
    assert Decimal(line["cost"]) == Decimal("0.000012")
    assert 30 < line["prompt_estimate"] < 300


def test_the_ledger_has_no_word_of_the_note_or_the_answer(tmp_path):
    desk = digester(tmp_path, Endpoint())
    run(desk.digest(NOTE, "duty-desk"))
    written = desk.ledger.file.read_text(encoding="utf-8")
    for word in ("Registry", "sk-FAKE", "quiet-harbour", "It broke"):
        assert word not in written


def test_too_long_a_note_is_never_sent(tmp_path):
    endpoint = Endpoint()
    with pytest.raises(TooLong):
        run(digester(tmp_path, endpoint, context=100).digest(NOTE, "duty-desk"))
    assert endpoint.asked == []


def test_a_spent_day_is_never_sent(tmp_path):
    endpoint = Endpoint()
    with pytest.raises(OverBudget):
        run(digester(tmp_path, endpoint, limit="0.000001").digest(NOTE, "duty-desk"))
    assert endpoint.asked == []


def test_it_is_tried_again_and_paid_once(tmp_path):
    endpoint = Endpoint(
        httpx.Response(503), httpx.ConnectError("refused"), httpx.Response(200, json=completion())
    )
    desk = digester(tmp_path, endpoint)
    run(desk.digest(NOTE, "duty-desk"))
    assert len(endpoint.asked) == 3
    assert len(lines(desk.ledger.file)) == 1


def test_a_failed_call_gives_its_money_back(tmp_path):
    """Every call that fails used to hold its worst case for good: after a brown-out the budget was
    gone.
    """
    endpoint = Endpoint(httpx.Response(400))
    desk = digester(tmp_path, endpoint, limit="0.00005")
    for _ in range(5):
        with pytest.raises(APIStatusError):
            run(desk.digest(NOTE, "duty-desk"))
    assert len(endpoint.asked) == 5


def test_a_filtered_prompt_is_no_outage(tmp_path):
    refused = httpx.Response(400, json={"error": {"code": "content_filter", "message": "filtered"}})
    endpoint = Endpoint(refused)
    with pytest.raises(Filtered):
        run(digester(tmp_path, endpoint).digest(NOTE, "duty-desk"))
    assert len(endpoint.asked) == 1
