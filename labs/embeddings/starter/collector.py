"""Questions of many callers, embedded in few requests."""

from __future__ import annotations

import numpy as np
from openai import AsyncOpenAI


class Collector:
    """Embeds single texts for callers that do not know of each other.

    What comes in while a request is under way waits for its end and shares the next one. Nobody
    waits for company.
    """

    def __init__(self, client: AsyncOpenAI, most: int = 32) -> None:
        self.client, self.most = client, most  # Texts of one request, at most.

    async def vector(self, text: str) -> np.ndarray:
        """The text's vector. A request that fails raises in those whose texts it had, and in no
        others.
        """
        # Yours. `asyncio.get_running_loop().create_future()` is a place for one answer, and
        # `asyncio.create_task(...)` goes on while callers wait. embedder.py sends.
        raise NotImplementedError("collector.py: nothing is collected yet")
