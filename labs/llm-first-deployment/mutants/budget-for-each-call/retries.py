"""Which failed calls are made again, when, and how many of them in all."""

from __future__ import annotations

import asyncio
import itertools
import math
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, timezone
from email.utils import parsedate_to_datetime
from typing import TypeVar

from openai import APIConnectionError, APIStatusError

T = TypeVar("T")

# Below 500 only these say "later" and not "never": timeout, conflict, too many requests.
RETRIED = frozenset({408, 409, 429})
# A 429 whose reason is an empty account will be one tomorrow too.
FINAL_CODES = frozenset({"insufficient_quota"})


@dataclass(frozen=True)
class Policy:
    attempts: int = 4
    base_s: float = 0.25
    cap_s: float = 8.0
    # One attempt, until the answer or the head of a stream is there.
    attempt_s: float = 45.0
    # All attempts and the pauses between them.
    deadline_s: float = 90.0


@dataclass(frozen=True)
class Verdict:
    """Whether to call again, and how long the server asked us to stay away."""

    retry: bool
    after_s: float | None = None


def wait_asked(headers: Mapping[str, str], now: datetime | None = None) -> float | None:
    """Seconds to stay away, from `retry-after-ms` or else `Retry-After`: seconds or an HTTP date.

    None where nothing sensible is said.
    """
    for name, unit in (("retry-after-ms", 0.001), ("retry-after", 1.0)):
        try:
            seconds = float(headers[name]) * unit
        except (KeyError, ValueError):
            continue
        if math.isfinite(seconds):
            return max(0.0, seconds)
    try:
        date = parsedate_to_datetime(headers.get("retry-after", ""))
        return max(0.0, (date - (now or datetime.now(timezone.utc))).total_seconds())
    except (TypeError, ValueError):
        return None


def verdict(error: BaseException) -> Verdict:
    """What a failed call means.

    Made again: no connection, no answer in time, 408, 409, 429 and everything from 500 on. Never:
    any other status, and a 429 with the code `insufficient_quota`. The server's `x-should-retry`
    header (true or false) overrules both.
    """
    if isinstance(error, (APIConnectionError, asyncio.TimeoutError)):
        return Verdict(retry=True)
    if not isinstance(error, APIStatusError):
        return Verdict(retry=False)
    headers = error.response.headers
    told = headers.get("x-should-retry")
    if told in ("true", "false"):
        retry = told == "true"
    else:
        transient = error.status_code in RETRIED or error.status_code >= 500
        retry = transient and error.code not in FINAL_CODES
    return Verdict(retry, wait_asked(headers) if retry else None)


def full_jitter(attempt: int, policy: Policy, rng: Callable[[], float]) -> float:
    """The pause after attempt 1, 2, ...: anything from nothing to a bound that doubles."""
    return rng() * min(policy.cap_s, policy.base_s * 2 ** (attempt - 1))


def pause(attempt: int, asked_s: float | None, policy: Policy, rng: Callable[[], float]) -> float:
    """Never sooner than the server asked, and not when everybody else comes back."""
    return (asked_s or 0.0) + full_jitter(attempt, policy, rng)


class RetryBudget:
    """A bucket that all calls share: each call puts `ratio` of a token in, each retry takes one.

    It begins full, with `reserve` tokens, and never holds more.
    """

    def __init__(self, ratio: float = 0.2, reserve: float = 10.0) -> None:
        self.ratio = ratio
        self.reserve = reserve
        self.tokens = reserve

    def deposit(self) -> None:
        """Counts a call."""
        self.tokens = min(self.reserve, self.tokens + self.ratio)

    def withdraw(self) -> bool:
        """Takes a token for a retry, if there is a whole one."""
        if self.tokens < 1:
            return False
        self.tokens -= 1
        return True


async def with_retries(
    call: Callable[[], Awaitable[T]],
    policy: Policy,
    budget: RetryBudget,
    *,
    sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    clock: Callable[[], float] = time.monotonic,
    rng: Callable[[], float] = random.random,
) -> T:
    """Makes `call` until it succeeds, and raises its last error where it should not be made again.

    That is so where the verdict says no, the attempts are used up, the pause would end at the
    deadline or after it, or the budget is empty.
    """
    deadline = clock() + policy.deadline_s
    budget = RetryBudget(budget.ratio, budget.reserve)
    budget.deposit()
    for attempt in itertools.count(1):
        try:
            return await asyncio.wait_for(call(), min(policy.attempt_s, deadline - clock()))
        except Exception as error:
            found = verdict(error)
            wait = pause(attempt, found.after_s, policy, rng)
            late = clock() + wait >= deadline
            # The budget comes last: a token is for a retry that really happens.
            if not found.retry or attempt >= policy.attempts or late or not budget.withdraw():
                raise
        await sleep(wait)
    raise AssertionError("unreachable")
