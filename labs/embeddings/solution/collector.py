"""Questions of many callers, embedded in few requests."""

from __future__ import annotations

import asyncio

import numpy as np
from openai import AsyncOpenAI

from embedder import embed


class Collector:
    """Embeds single texts for callers that do not know of each other.

    What comes in while a request is under way waits for its end and shares the next one. Nobody
    waits for company.
    """

    def __init__(self, client: AsyncOpenAI, most: int = 32) -> None:
        self.client, self.most = client, most  # Texts of one request, at most.
        self.waiting: list[tuple[str, asyncio.Future[np.ndarray]]] = []
        self.sending: asyncio.Task[None] | None = None

    async def vector(self, text: str) -> np.ndarray:
        """The text's vector. A request that fails raises in those whose texts it had, and in no
        others.
        """
        answer = asyncio.get_running_loop().create_future()
        self.waiting.append((text, answer))
        if self.sending is None:
            self.sending = asyncio.create_task(self.send())
        return await answer

    async def send(self) -> None:
        """One request after the other, until nobody waits."""
        # Looked at anew after each request: more have come meanwhile.
        while self.waiting:
            batch, self.waiting = self.waiting[: self.most], self.waiting[self.most :]
            try:
                rows, _ = await embed(self.client, [text for text, _ in batch], size=self.most)
            except Exception as fault:
                for _, answer in batch:
                    # Of a caller who gave up, it is done already.
                    if not answer.done():
                        answer.set_exception(fault)
                continue
            for (_, answer), row in zip(batch, rows, strict=True):
                if not answer.done():
                    answer.set_result(row)
        self.sending = None
