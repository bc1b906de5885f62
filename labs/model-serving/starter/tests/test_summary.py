"""A level's figures from its samples. Given: the checks run it."""

import pytest

from load import Sample
from summary import summarize


def two_callers() -> list[Sample]:
    """Two callers for 10 s; each answer takes 1 s: 0.2 s to the first token, then 8 more at 0.1 s
    each.
    """
    return [
        Sample(due=i, sent=i, first=i + 0.2, last=i + 1.0, prompt_tokens=40, completion_tokens=9)
        for i in range(10)
        for _ in range(2)
    ]


def test_rates_are_of_the_whole_system():
    figures = summarize(two_callers(), 2.0)
    assert (figures["n"], figures["errors"], figures["seconds"]) == (20, 0, 10.0)
    assert figures["requests_per_second"] == pytest.approx(2.0)
    assert figures["tokens_per_second"] == pytest.approx(18.0)


def test_latencies_are_in_milliseconds():
    figures = summarize(two_callers(), 2.0)
    assert figures["first_token_ms"]["p50"] == pytest.approx(200)
    assert figures["total_ms"]["mean"] == pytest.approx(1000)
    # Eight gaps between nine tokens.
    assert figures["per_token_ms"]["p50"] == pytest.approx(100)
    assert figures["total_ms"]["p95"] is None


def test_latency_counts_from_when_a_request_was_due():
    late = [
        Sample(due=i, sent=i + 3, first=i + 3.5, last=i + 4, completion_tokens=2) for i in range(12)
    ]
    figures = summarize(late, 4.0)
    assert figures["first_token_ms"]["p50"] == pytest.approx(3500)
    assert figures["total_ms"]["mean"] == pytest.approx(4000)


def test_errors_are_counted_and_nothing_else():
    samples = (
        two_callers() + [Sample(due=5, sent=5, first=5.001, last=5.001, error="status 503")] * 20
    )
    figures = summarize(samples, 2.0)
    assert (figures["n"], figures["errors"]) == (40, 20)
    assert figures["requests_per_second"] == pytest.approx(2.0)
    assert figures["first_token_ms"]["p50"] == pytest.approx(200)


def test_an_answer_of_one_token_has_no_pace():
    samples = two_callers() + [Sample(due=2, sent=2, first=2.2, last=2.2, completion_tokens=1)]
    assert summarize(samples, 2.0)["per_token_ms"]["p50"] == pytest.approx(100)


def test_littles_law():
    figures = summarize(two_callers(), 1.9)
    assert figures["little"] == pytest.approx(2.0)
    assert figures["in_flight"] == 1.9
