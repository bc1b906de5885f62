import pytest

from cost import Offer, reembedding


def offer(**more) -> Offer:
    return Offer("x", 0.02, **{"texts_per_request": 1, **more})


def test_price_is_by_the_million():
    assert reembedding(offer(), 1000, 2_000_000).usd == pytest.approx(0.04)


def test_a_request_that_is_not_full_is_a_request():
    assert reembedding(offer(texts_per_request=96), 97, 1).requests == 2


def test_quota_of_requests():
    assert reembedding(offer(requests_per_minute=2000), 1_000_000, 1).minutes == pytest.approx(500)


def test_quota_of_tokens():
    bill = reembedding(offer(texts_per_request=2048, tokens_per_minute=350_000), 100, 7_000_000)
    assert bill.minutes == pytest.approx(20)


def test_the_quota_that_is_used_up_first_sets_the_pace():
    both = offer(texts_per_request=10, requests_per_minute=10, tokens_per_minute=1000)
    assert reembedding(both, 1000, 1000).minutes == pytest.approx(10)
    assert reembedding(both, 10, 50_000).minutes == pytest.approx(50)


def test_no_quota_no_wait():
    assert reembedding(offer(), 10, 10).minutes == 0
