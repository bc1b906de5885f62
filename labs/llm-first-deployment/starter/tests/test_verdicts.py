"""Which errors are worth another call, and what the server said about when."""

import asyncio
from datetime import datetime, timezone

import pytest

from retries import Verdict, verdict, wait_asked
from support import connection_error, status_error, timeout_error


@pytest.mark.parametrize("status", [408, 409, 429, 500, 502, 503, 504, 529])
def test_worth_another_call(status):
    assert verdict(status_error(status)).retry is True


@pytest.mark.parametrize("status", [400, 401, 403, 404, 413, 422])
def test_will_fail_again(status):
    assert verdict(status_error(status)) == Verdict(retry=False)


def test_a_prompt_that_is_too_long_stays_too_long():
    assert verdict(status_error(400, "context_length_exceeded")).retry is False


@pytest.mark.parametrize(
    "error", [connection_error(), timeout_error(), asyncio.TimeoutError()], ids=repr
)
def test_nobody_answered(error):
    assert verdict(error).retry is True


def test_our_own_bugs_are_not_tried_again():
    assert verdict(KeyError("usage")).retry is False


def test_an_empty_account_is_a_429_for_good():
    assert verdict(status_error(429, "insufficient_quota")).retry is False


def test_the_server_has_the_last_word():
    # As the gateway says of a request that is larger than the whole quota.
    assert verdict(status_error(429, x_should_retry="false")).retry is False
    assert verdict(status_error(400, x_should_retry="true")).retry is True


def test_when_to_come_back():
    assert verdict(status_error(429, retry_after="3")).after_s == 3
    assert verdict(status_error(503, retry_after="7")).after_s == 7
    assert verdict(status_error(500)).after_s is None


def test_milliseconds_are_finer_than_seconds():
    assert wait_asked({"retry-after-ms": "250", "retry-after": "1"}) == 0.25


def test_retry_after_may_be_a_date():
    now = datetime(2026, 3, 2, 9, 0, 0, tzinfo=timezone.utc)
    assert wait_asked({"retry-after": "Mon, 02 Mar 2026 09:00:12 GMT"}, now) == 12
    assert wait_asked({"retry-after": "Mon, 02 Mar 2026 08:00:00 GMT"}, now) == 0


@pytest.mark.parametrize("said", ["", "soon", "nan", "-inf"])
def test_nonsense_is_no_advice(said):
    assert wait_asked({"retry-after": said}) is None


def test_a_bad_header_does_not_hide_a_good_one():
    assert wait_asked({"retry-after-ms": "soon", "retry-after": "2"}) == 2
