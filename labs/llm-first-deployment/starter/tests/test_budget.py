"""A bucket that all calls share."""

import pytest
from openai import APIStatusError

from retries import Policy, RetryBudget, with_retries
from support import Calls, Clock, run, status_error


def retry(calls, budget, policy=Policy()):
    clock = Clock()
    return run(
        with_retries(calls, policy, budget, sleep=clock.sleep, clock=clock.now, rng=lambda: 0.0)
    )


def test_it_begins_full_and_takes_whole_tokens():
    budget = RetryBudget(ratio=0.25, reserve=2)
    assert [budget.withdraw() for _ in range(3)] == [True, True, False]


def test_four_calls_pay_for_one_retry():
    budget = RetryBudget(ratio=0.25, reserve=1)
    assert budget.withdraw()
    paid = []
    for _ in range(8):
        budget.deposit()
        paid.append(budget.withdraw())
    assert paid == [False, False, False, True] * 2


def test_quiet_hours_do_not_save_up():
    budget = RetryBudget(ratio=0.5, reserve=3)
    for _ in range(100):
        budget.deposit()
    assert [budget.withdraw() for _ in range(4)] == [True, True, True, False]


def test_an_empty_budget_means_the_first_error():
    budget = RetryBudget(ratio=0, reserve=1)
    first, second = Calls(*[status_error(503)] * 9), Calls(*[status_error(503)] * 9)
    for calls in (first, second):
        with pytest.raises(APIStatusError):
            retry(calls, budget)
    assert (first.made, second.made) == (2, 1)


def test_a_brownout_costs_a_fifth_more():
    budget = RetryBudget(ratio=0.2, reserve=10)
    made = 0
    for _ in range(500):
        calls = Calls(*[status_error(503)] * 9)
        with pytest.raises(APIStatusError):
            retry(calls, budget)
        made += calls.made
    assert 600 <= made <= 611


def test_tokens_are_for_retries_that_happen():
    budget = RetryBudget(ratio=0, reserve=5)
    for calls in (Calls(status_error(400)), Calls(status_error(429, retry_after="3600"))):
        with pytest.raises(APIStatusError):
            retry(calls, budget)
    assert budget.tokens == 5


def test_the_last_attempt_takes_none():
    budget = RetryBudget(ratio=0, reserve=5)
    with pytest.raises(APIStatusError):
        retry(Calls(*[status_error(503)] * 9), budget, Policy(attempts=3))
    assert budget.tokens == 3


def test_a_good_call_is_counted_once():
    budget = RetryBudget(ratio=0.5, reserve=4)
    budget.tokens = 0
    retry(Calls(), budget)
    assert budget.tokens == 0.5
