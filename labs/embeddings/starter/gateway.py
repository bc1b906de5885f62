"""The client of the gateway. Given.

Address and key come from OPENAI_BASE_URL and OPENAI_API_KEY. The client tries a 429 or a 5xx again
by itself, after the wait that Retry-After names.
"""

from __future__ import annotations

from openai import AsyncOpenAI


def open_client(retries: int = 3) -> AsyncOpenAI:
    # Four batches of long texts wait for each other on a busy machine, and nobody waits for this
    # program. A service that answers people takes a hundredth of it.
    return AsyncOpenAI(timeout=600, max_retries=retries)
