"""The shapes that go over the wire, and the one in which the archive keeps an incident."""

from enum import Enum

from pydantic import BaseModel, ConfigDict, Field


class Severity(str, Enum):
    SEV1 = "SEV1"
    SEV2 = "SEV2"
    SEV3 = "SEV3"


class Service(str, Enum):
    ADA = "ada"
    BEACON = "beacon"
    DNS = "dns"
    FINDER = "finder"
    GATEWAY = "gateway"
    HOLD = "hold"
    LEDGER = "ledger"
    LOGBOOK = "logbook"
    MOOR = "moor"
    PARCELSTREAM = "parcelstream"
    PILOT = "pilot"
    POND = "pond"
    QUILL = "quill"
    REGISTRY = "registry"
    SLIPWAY = "slipway"
    STAMP = "stamp"
    TIDEWATCH = "tidewatch"
    TRACK = "track"
    VAULT = "vault"
    WHARF = "wharf"


class Team(str, Enum):
    COMPUTE = "compute"
    DATA = "data"
    DELIVERY = "delivery"
    EDGE = "edge"
    INSIGHT = "insight"
    TRUST = "trust"


class Incident(BaseModel):
    """An incident as every caller may see it."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    # Yours: the nine public keys of data/incidents.json, each as narrow as the data allows. The
    # first one shows how:
    id: str = Field(pattern=r"^inc-\d{4}-\d{2}-\d{2}[a-z]?$", examples=["inc-2024-03-11"])


class Record(Incident):
    """An incident as the archive keeps it, with what stays inside: a person and a channel."""


class IncidentPage(BaseModel):
    """Incidents, the newest first."""

    # Yours: `items`, and `next_cursor`, which is null on the last page.


class Document(BaseModel):
    """A page of the handbook, a runbook or a decision."""

    id: str
    title: str
    kind: str


class Alive(BaseModel):
    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    status: str
    incidents: int = Field(description="How many incidents are loaded.")


class Error(BaseModel):
    """Why there is no other answer."""

    detail: str = Field(examples=["There is no incident with this id."])
