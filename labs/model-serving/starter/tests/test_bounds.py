"""What the machine allows. Given: the checks run it."""

import pytest

from bounds import cost_per_million, decode_bound, kv_bytes_per_token, tokens_that_fit

SMALL = {"layers": 30, "heads": 9, "kv_heads": 3, "head_size": 64, "context": 8192}


def test_keys_and_values_are_kept_for_the_heads_that_have_them():
    assert kv_bytes_per_token(SMALL) == 23_040
    # Llama 3 8B: 32 layers, 8 of 32 heads have keys and values of their own.
    assert (
        kv_bytes_per_token({"layers": 32, "heads": 32, "kv_heads": 8, "head_size": 128}) == 131_072
    )


def test_one_answer_reads_all_weights_for_each_token():
    assert decode_bound(10e9, 100_000_000, 0, 0) == pytest.approx(100)


def test_a_long_context_is_read_too():
    assert decode_bound(10e9, 100_000_000, 20_000, 5_000) == pytest.approx(50)


def test_answers_share_the_weights_and_not_the_context():
    assert decode_bound(10e9, 100_000_000, 0, 0, answers=8) == pytest.approx(800)
    assert decode_bound(10e9, 100_000_000, 20_000, 5_000, answers=4) == pytest.approx(80)


def test_what_fits_beside_the_weights():
    assert tokens_that_fit(1_000_000, 400_000, 100) == 6_000
    assert tokens_that_fit(1_000, 400_000, 100) == 0


def test_a_million_tokens_cost_more_on_an_idle_machine():
    # 100 tokens/s are 360,000 an hour: a million take 2.78 hours.
    assert cost_per_million(0.36, 100, 1.0) == pytest.approx(1.0)
    assert cost_per_million(0.36, 100, 0.1) == pytest.approx(10.0)
