"""Which failed calls are made again, when, and how many of them in all."""

from __future__ import annotations

import asyncio
import random
import time
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import TypeVar

T = TypeVar("T")


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
    raise NotImplementedError("wait_asked is not written yet")


def verdict(error: BaseException) -> Verdict:
    """What a failed call means.

    Made again: no connection, no answer in time, 408, 409, 429 and everything from 500 on. Never:
    any other status, and a 429 with the code `insufficient_quota`. The server's `x-should-retry`
    header (true or false) overrules both.
    """
    # `error.status_code`, `error.code` and `error.response.headers` are there on an APIStatusError.
    raise NotImplementedError("verdict is not written yet")


def full_jitter(attempt: int, policy: Policy, rng: Callable[[], float]) -> float:
    """The pause after attempt 1, 2, ...: anything from nothing to a bound that doubles."""
    raise NotImplementedError("full_jitter is not written yet")


def pause(attempt: int, asked_s: float | None, policy: Policy, rng: Callable[[], float]) -> float:
    """Never sooner than the server asked, and not when everybody else comes back."""
    raise NotImplementedError("pause is not written yet")


class RetryBudget:
    """A bucket that all calls share: each call puts `ratio` of a token in, each retry takes one.

    It begins full, with `reserve` tokens, and never holds more.
    """

    def __init__(self, ratio: float = 0.2, reserve: float = 10.0) -> None:
        self.ratio = ratio
        self.reserve = reserve
        self.tokens = reserve

    def deposit(self) -> None:
        """Counts a call. Written in step 3, as is the next one; until then every retry is free."""

    def withdraw(self) -> bool:
        """Takes a token for a retry, if there is a whole one."""
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
    # `asyncio.wait_for` ends an attempt that takes too long, with an asyncio.TimeoutError.
    raise NotImplementedError("with_retries is not written yet")
