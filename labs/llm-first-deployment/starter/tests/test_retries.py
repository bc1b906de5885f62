"""How often, how long, and when it is enough."""

import asyncio

import pytest
from openai import APIStatusError

from retries import Policy, RetryBudget, full_jitter, pause, with_retries
from support import Calls, Clock, Deployment, connection_error, run, status_error

POLICY = Policy(attempts=4, base_s=0.25, cap_s=8.0, attempt_s=30, deadline_s=60)


def retry(calls, policy=POLICY, budget=None, clock=None, rng=lambda: 1.0):
    clock = clock or Clock()
    budget = budget or RetryBudget()
    return run(with_retries(calls, policy, budget, sleep=clock.sleep, clock=clock.now, rng=rng))


def test_jitter_is_full():
    # From nothing to the bound, and not only a little less than it.
    assert full_jitter(3, POLICY, lambda: 0.0) == 0
    assert full_jitter(3, POLICY, lambda: 0.5) == 0.5


def test_the_bound_doubles_up_to_the_cap():
    bounds = [full_jitter(attempt, POLICY, lambda: 1.0) for attempt in range(1, 9)]
    assert bounds == [0.25, 0.5, 1, 2, 4, 8, 8, 8]


def test_never_sooner_than_asked_and_not_all_at_once():
    assert pause(1, 5.0, POLICY, lambda: 0.0) == 5
    assert pause(1, 5.0, POLICY, lambda: 1.0) > 5


def test_a_good_call_is_made_once():
    calls, clock = Calls(), Clock()
    assert retry(calls, clock=clock) == "answered"
    assert (calls.made, clock.sleeps) == (1, [])


def test_it_waits_and_calls_again():
    calls, clock = Calls(status_error(503), connection_error()), Clock()
    assert retry(calls, clock=clock) == "answered"
    assert clock.sleeps == [0.25, 0.5]


def test_what_cannot_succeed_is_made_once():
    calls = Calls(status_error(404), status_error(404))
    with pytest.raises(APIStatusError):
        retry(calls)
    assert calls.made == 1


def test_attempts_are_all_calls_and_the_last_error_is_told():
    calls = Calls(*[status_error(500 + number) for number in range(9)])
    with pytest.raises(APIStatusError) as raised:
        retry(calls)
    assert (calls.made, raised.value.status_code) == (4, 503)


def test_no_pause_reaches_past_the_deadline():
    # Told to come back in 50 s with 60 s in all, it does; told so twice, it does not wait for
    # nothing.
    late = status_error(429, retry_after="50")
    calls, clock = Calls(late, late, late), Clock()
    with pytest.raises(APIStatusError):
        retry(calls, clock=clock)
    assert (calls.made, len(clock.sleeps)) == (2, 1)


def test_an_attempt_that_hangs_is_given_up():
    made = []

    async def hangs():
        made.append(1)
        if len(made) == 1:
            await asyncio.sleep(3600)
        return "answered"

    async def call():
        policy = Policy(attempt_s=0.05, deadline_s=30)
        return await asyncio.wait_for(
            with_retries(hangs, policy, RetryBudget(), rng=lambda: 0.0), 10
        )

    assert run(call()) == "answered"
    assert len(made) == 2


def test_a_cancelled_call_stays_cancelled():
    calls = Calls(asyncio.CancelledError())
    with pytest.raises(asyncio.CancelledError):
        retry(calls)
    assert calls.made == 1


def test_a_deployment_with_a_quota_answers_all():
    """Three requests in ten seconds, twelve calls in a row: each waits as long as it is told."""
    clock = Clock()
    deployment = Deployment(clock, requests=3, window_s=10)
    budget = RetryBudget(reserve=20)
    for _ in range(12):
        assert retry(deployment, budget=budget, clock=clock, rng=lambda: 0.3) == "answered"
    # One refusal for each window that was full: whoever comes back too soon gets more.
    assert deployment.refused == 3
    assert 30 <= clock.now() < 35
