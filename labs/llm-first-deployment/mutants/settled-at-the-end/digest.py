"""Handover notes: an incident note goes in, two sentences come out, and the ledger has the call.

python digest.py notes/agent-loop.md --caller duty-desk
"""

from __future__ import annotations

import argparse
import asyncio
import os
import re
import sys
from collections.abc import AsyncGenerator, Awaitable, Callable
from dataclasses import dataclass
from decimal import Decimal
from pathlib import Path
from typing import Any

from openai import APIError, AsyncOpenAI, BadRequestError
from openai.types import CompletionUsage
from openai.types.chat import ChatCompletion

from accounting import (
    Entry,
    Ledger,
    OverBudget,
    Reservation,
    TooLong,
    Usage,
    check_fits,
    cost,
    estimate_tokens,
    load_prices,
)
from providers import Provider, load, make_client
from retries import Policy, RetryBudget, verdict, with_retries

SYSTEM = (
    "You write handover notes for the engineer on call. Summarise the incident note in two "
    "sentences: what broke, and what is left to do."
)
MAX_TOKENS = 48
DAILY_LIMIT = Decimal("0.05")

# gpt-oss on some of Bedrock's routes puts its thoughts before the answer, in the same text.
REASONING = re.compile(r"\A\s*<reasoning>.*?</reasoning>\s*", re.DOTALL)


class Filtered(Exception):
    """The provider's content filter stopped the prompt or the answer."""


@dataclass(frozen=True)
class Answer:
    text: str
    model: str
    finish_reason: str
    usage: Usage


def prompt(note: str) -> list[dict[str, str]]:
    return [{"role": "system", "content": SYSTEM}, {"role": "user", "content": note}]


def read_usage(usage: CompletionUsage) -> Usage:
    """The counts of any provider. The details, and what is in them, may be missing."""
    details = usage.prompt_tokens_details
    cached = (details.cached_tokens or 0) if details else 0
    return Usage(prompt=usage.prompt_tokens, completion=usage.completion_tokens, cached=cached)


def read_answer(completion: ChatCompletion) -> Answer:
    """The text without the model's thoughts. Raises Filtered where a filter took it away."""
    choice = completion.choices[0]
    if choice.finish_reason == "content_filter":
        raise Filtered("the content filter stopped the answer")
    return Answer(
        text=REASONING.sub("", choice.message.content or "").strip(),
        model=completion.model,
        finish_reason=choice.finish_reason,
        usage=read_usage(completion.usage),
    )


@dataclass(frozen=True)
class Job:
    """A call that was let through."""

    caller: str
    messages: list[dict[str, str]]
    estimate: int
    reservation: Reservation


class Digester:
    """Makes the calls. All of them share its retry budget and its ledger."""

    def __init__(
        self,
        provider: Provider,
        client: AsyncOpenAI,
        prices: dict[str, Any],
        ledger: Ledger,
        policy: Policy = Policy(),
        budget: RetryBudget | None = None,
        sleep: Callable[[float], Awaitable[None]] = asyncio.sleep,
    ) -> None:
        self.provider = provider
        self.client = client
        self.prices = prices
        self.ledger = ledger
        self.policy = policy
        self.budget = budget or RetryBudget()
        self.sleep = sleep

    async def digest(self, note: str, caller: str) -> Answer:
        """The whole digest of a note."""
        job = self._admit(note, caller)
        completion = await self._ask(job)
        # Whatever the answer turns out to be, its tokens are paid for.
        self._settle(job, completion.model, read_usage(completion.usage))
        return read_answer(completion)

    async def stream(self, note: str, caller: str) -> AsyncGenerator[str | Entry, None]:
        """Awaited, it returns when the model has begun to answer, after retries if need be.

        What it returns yields the pieces of text, and last the ledger's entry. Whoever takes it
        closes it, also unread.
        """
        job = self._admit(note, caller)
        chunks = await self._ask(job, stream=True, stream_options={"include_usage": True})
        pieces = self._pieces(job, chunks)
        # A generator that has not begun has no finally to run.
        await anext(pieces)
        return pieces

    def _admit(self, note: str, caller: str) -> Job:
        """What can be refused without a call. Raises TooLong, UnknownPrice or OverBudget."""
        messages = prompt(note)
        estimate = estimate_tokens(messages)
        check_fits(estimate, MAX_TOKENS, self.provider.context)
        worst = cost(self.prices, self.provider.price, Usage(estimate, MAX_TOKENS))
        return Job(caller, messages, estimate, self.ledger.admit(caller, worst))

    async def _ask(self, job: Job, **more: Any) -> Any:
        def call() -> Awaitable[Any]:
            return self.client.chat.completions.create(
                model=self.provider.model,
                messages=job.messages,
                max_completion_tokens=MAX_TOKENS,
                temperature=0,
                **more,
            )

        try:
            return await with_retries(call, self.policy, self.budget, sleep=self.sleep)
        except BaseException as error:
            # Also when this task is cancelled: by a shutdown, or by whoever watches for a hang-up.
            self.ledger.release(job.reservation)
            if isinstance(error, BadRequestError) and error.code == "content_filter":
                raise Filtered("the content filter stopped the prompt") from error
            raise

    async def _pieces(self, job: Job, chunks: Any) -> AsyncGenerator[str | Entry, None]:
        usage: CompletionUsage | None = None
        model = self.provider.model
        pieces = 0
        async with chunks:
            yield ""
            async for chunk in chunks:
                usage = chunk.usage or usage
                model = chunk.model or model
                for choice in chunk.choices:
                    if choice.delta.content:
                        pieces += 1
                        yield choice.delta.content
                    if choice.finish_reason == "content_filter":
                        raise Filtered("the content filter stopped the answer")
        spent = read_usage(usage) if usage else Usage(job.estimate, pieces)
        yield self._settle(job, model, spent, counted=usage is not None)

    def _settle(self, job: Job, model: str, usage: Usage, counted: bool = True) -> Entry:
        entry = Entry(
            at=self.ledger.now().isoformat(timespec="milliseconds"),
            caller=job.caller,
            provider=self.provider.name,
            model=model,
            prompt_tokens=usage.prompt,
            cached_tokens=usage.cached,
            completion_tokens=usage.completion,
            prompt_estimate=job.estimate,
            counted=counted,
            cost=str(cost(self.prices, self.provider.price, usage)),
        )
        self.ledger.settle(job.reservation, entry)
        return entry


def make_digester() -> Digester:
    """From providers.json, prices.json and the environment."""
    provider = load()
    limit = Decimal(os.environ.get("NOTES_DAILY_LIMIT", DAILY_LIMIT))
    ledger = Ledger(Path("ledger.jsonl"), limit)
    return Digester(provider, make_client(provider), load_prices(), ledger)


async def main() -> None:
    parser = argparse.ArgumentParser()
    parser.add_argument("note", type=Path)
    parser.add_argument("--caller", default="command-line")
    asked = parser.parse_args()
    digester = make_digester()
    answer = await digester.digest(asked.note.read_text(encoding="utf-8"), asked.caller)
    print(answer.text)
    tokens = f"{answer.usage.prompt} + {answer.usage.completion} tokens"
    print(f"{answer.model}: {tokens}, {answer.finish_reason}", file=sys.stderr)


# As sysexits.h has them: bad input, unavailable, try again later.
DATAERR, UNAVAILABLE, TEMPFAIL = 65, 69, 75

if __name__ == "__main__":
    try:
        asyncio.run(main())
    except (TooLong, OverBudget, Filtered) as refusal:
        print(f"digest.py: refused: {refusal}", file=sys.stderr)
        sys.exit(DATAERR)
    except (APIError, asyncio.TimeoutError) as fault:
        print(f"digest.py: {type(fault).__name__}: {fault}", file=sys.stderr)
        sys.exit(TEMPFAIL if verdict(fault).retry else UNAVAILABLE)
