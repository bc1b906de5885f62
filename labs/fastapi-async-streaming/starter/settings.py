"""What an operator may set, each from the environment variable of the same name in capitals."""

import os
from dataclasses import dataclass
from typing import get_type_hints


@dataclass(frozen=True)
class Settings:
    # Summaries that are generated at once, and callers that may wait beside them.
    seats: int = 2
    waiting: int = 4
    # Seconds that a summary may take in all, the queue included, whatever the caller asks for.
    deadline_s: float = 45.0
    # Seconds without an event after which a stream says that it lives.
    heartbeat_s: float = 5.0
    # Seconds between "not ready" and the closed door, and seconds for the streams under way after
    # that.
    linger_s: float = 0.5
    grace_s: float = 10.0
    max_tokens: int = 48

    @classmethod
    def from_environment(cls) -> "Settings":
        kinds = get_type_hints(cls)
        set_here = {name: os.environ[name.upper()] for name in kinds if name.upper() in os.environ}
        return cls(**{name: kinds[name](text) for name, text in set_here.items()})
