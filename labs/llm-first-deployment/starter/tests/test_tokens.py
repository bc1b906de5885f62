"""What is known before a call: its tokens, whether they fit, what they would cost."""

import json
from decimal import Decimal
from pathlib import Path

import pytest

from accounting import TooLong, UnknownPrice, Usage, check_fits, cost, estimate_tokens
from digest import prompt
from support import PRICES

COUNTED = json.loads(Path(__file__).with_name("counted.json").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", COUNTED)
def test_no_note_is_taken_for_less_than_it_is(name):
    """The real counts, by the tokenizer of the local model, for the prompt that digest.py sends."""
    note = Path(__file__).parent.parent.joinpath("notes", name).read_text(encoding="utf-8")
    estimate, counted = estimate_tokens(prompt(note)), COUNTED[name]
    assert estimate >= counted, f"{name} was taken for {estimate} tokens and has {counted}"


def test_prose_is_not_taken_for_three_times_as_much():
    note = (
        Path(__file__).parent.parent.joinpath("notes", "agent-loop.md").read_text(encoding="utf-8")
    )
    assert estimate_tokens(prompt(note)) <= 3 * COUNTED["agent-loop.md"]


def test_letters_outside_ascii_count_as_the_bytes_they_are():
    plain = estimate_tokens([{"role": "user", "content": "a" * 300}])
    umlauts = estimate_tokens([{"role": "user", "content": "ä" * 300}])
    assert umlauts > 1.8 * plain


def test_an_empty_message_is_not_free():
    assert estimate_tokens([{"role": "user", "content": ""}]) > 0


def test_the_answer_needs_room_too():
    check_fits(estimate=200, max_tokens=56, context=256)
    with pytest.raises(TooLong):
        check_fits(estimate=200, max_tokens=57, context=256)


def test_a_million_of_each():
    assert cost(PRICES, "small", Usage(prompt=1_000_000, completion=0)) == Decimal("0.10")
    assert cost(PRICES, "small", Usage(prompt=0, completion=1_000_000)) == Decimal("0.40")


def test_cached_tokens_are_among_the_prompts_and_cost_less():
    assert cost(PRICES, "large", Usage(prompt=1000, completion=0, cached=800)) == Decimal("0.0008")


def test_cents_are_not_lost():
    one = cost(PRICES, "small", Usage(prompt=1, completion=1))
    assert one == Decimal("0.0000005")
    assert sum([one] * 3, Decimal(0)) == Decimal("0.0000015")


def test_an_unknown_price_is_not_nothing():
    with pytest.raises(UnknownPrice):
        cost(PRICES, "huge", Usage(prompt=1, completion=1))
