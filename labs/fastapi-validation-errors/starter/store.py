"""The incidents, as a database without a unique constraint would keep them: look, then write."""

import asyncio
import string
from collections.abc import Iterable
from datetime import timezone
from pathlib import Path
from typing import TYPE_CHECKING

from pydantic import TypeAdapter

from models import Incident

if TYPE_CHECKING:
    from models import NewIncident

INCIDENTS = TypeAdapter(list[Incident])

# Seconds that a write takes. Two requests that come within it see each other too late.
WRITE_S = 0.02


class AlreadyThere(Exception):
    """The same service has an incident that began at the same moment."""

    def __init__(self, incident_id: str) -> None:
        super().__init__(incident_id)
        self.incident_id = incident_id


class Store:
    def __init__(self, incidents: Iterable[Incident]) -> None:
        self._by_id = {incident.id: incident for incident in incidents}

    @classmethod
    def load(cls, path: Path) -> "Store":
        return cls(INCIDENTS.validate_json(path.read_bytes()))

    def __len__(self) -> int:
        return len(self._by_id)

    async def get(self, incident_id: str) -> Incident | None:
        return self._by_id.get(incident_id)

    async def add(self, new: "NewIncident") -> Incident:
        """Write it under an id of its own. Raises AlreadyThere."""
        for incident in self._by_id.values():
            if (incident.service, incident.started_at) == (new.service, new.started_at):
                raise AlreadyThere(incident.id)
        await asyncio.sleep(WRITE_S)
        incident = Incident(id=self._free_id(new), **new.model_dump())
        self._by_id[incident.id] = incident
        return incident

    def _free_id(self, new: "NewIncident") -> str:
        day = f"inc-{new.started_at.astimezone(timezone.utc):%Y-%m-%d}"
        letters = iter(["", *string.ascii_lowercase[1:]])
        return next(id for letter in letters if (id := day + letter) not in self._by_id)
