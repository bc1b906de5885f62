"""One POST that arrives several times is done once."""

import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass

from models import Incident
from problems import ProblemError


@dataclass
class Seen:
    fingerprint: str
    begun: float
    # None while the work goes on.
    answer: Incident | None = None


class Keys:
    """Which keys were used, and what came of it. For one process; more need a shared store."""

    def __init__(self, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.kept_s = kept_s
        self.clock = clock
        self._seen: dict[str, Seen] = {}

    async def once(
        self, key: str, fingerprint: str, work: Callable[[], Awaitable[Incident]]
    ) -> tuple[Incident, bool]:
        """What `work` returns, and whether that is from before. Raises ProblemError."""
        self._forget_old()
        seen = self._seen.get(key)
        if seen is not None:
            if seen.fingerprint != fingerprint:
                raise ProblemError(422, "key-reused", "This key came with another body before.")
            if seen.answer is None:
                headers = {"Retry-After": "1"}
                detail = "Ask again with the same key."
                raise ProblemError(409, "request-in-progress", detail, headers=headers)
            return seen.answer, True
        # Nothing is awaited between the look and this line, so no other request comes between.
        seen = self._seen[key] = Seen(fingerprint, self.clock())
        try:
            seen.answer = await work()
        except BaseException:
            # Also where this task is cancelled: the key is free for another try.
            del self._seen[key]
            raise
        return seen.answer, False

    def _forget_old(self) -> None:
        # Oldest first, as they were put in; the rest is younger still.
        while self._seen:
            key = next(iter(self._seen))
            if self.clock() - self._seen[key].begun < self.kept_s:
                return
            del self._seen[key]
