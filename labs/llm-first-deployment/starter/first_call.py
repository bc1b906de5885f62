"""One small call through make_client, and what came back with it.

    python first_call.py              one attempt
    python first_call.py --retries    through with_retries

Ends with 0, with 69 where the provider refused the request, with 75 where another time may go
better.
"""

from __future__ import annotations

import asyncio
import sys

from openai import APIError

from providers import load, make_client

UNAVAILABLE, TEMPFAIL = 69, 75
HEADERS = (
    "x-ratelimit-limit-requests",
    "x-ratelimit-remaining-requests",
    "x-ratelimit-limit-tokens",
    "x-ratelimit-remaining-tokens",
)


async def main(retries: bool) -> None:
    provider = load()
    client = make_client(provider)

    async def call():
        return await client.chat.completions.with_raw_response.create(
            model=provider.model,
            messages=[{"role": "user", "content": "Name one cause of a full disk."}],
            max_completion_tokens=12,
            temperature=0,
        )

    if retries:
        from retries import Policy, RetryBudget, with_retries

        raw = await with_retries(call, Policy(), RetryBudget())
    else:
        raw = await call()
    completion = raw.parse()
    choice, usage = completion.choices[0], completion.usage
    print(f"provider    {provider.name}: {type(client).__name__} at {client.base_url}")
    print(f"asked for   {provider.model}")
    print(f"answered by {completion.model}")
    print(f"answer      {choice.message.content!r}, {choice.finish_reason}")
    print(f"usage       {usage.prompt_tokens} + {usage.completion_tokens} tokens")
    for name in HEADERS:
        if name in raw.headers:
            print(f"{name}: {raw.headers[name]}")


if __name__ == "__main__":
    try:
        asyncio.run(main("--retries" in sys.argv[1:]))
    except (APIError, asyncio.TimeoutError) as fault:
        status = getattr(fault, "status_code", None)
        print(f"first_call.py: {type(fault).__name__}: {fault}", file=sys.stderr)
        later = status is None or status in (408, 409, 429) or status >= 500
        sys.exit(TEMPFAIL if later else UNAVAILABLE)
