"""The shapes that go over the wire, and the one in which the archive keeps an incident."""

from enum import Enum

from pydantic import AwareDatetime, BaseModel, ConfigDict, Field


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

    id: str = Field(pattern=r"^inc-\d{4}-\d{2}-\d{2}[a-z]?$", examples=["inc-2024-03-11"])
    title: str = Field(min_length=1, max_length=120, examples=["Registry disk full"])
    service: Service = Field(examples=["registry"])
    team: Team = Field(examples=["delivery"])
    severity: Severity = Field(examples=["SEV2"])
    started_at: AwareDatetime = Field(examples=["2024-03-11T05:10:00Z"])
    resolved_at: AwareDatetime | None = Field(
        description="Null where the archive gives no end.", examples=["2024-03-11T10:35:00Z"]
    )
    summary: str = Field(max_length=500, examples=["The volume of 4 TiB was full."])
    superseded_by: str | None = Field(
        description="The incident that tells the same better.", examples=[None]
    )


class Record(Incident):
    """An incident as the archive keeps it, with what stays inside: a person and a channel."""

    commander: str
    channel: str


class IncidentPage(BaseModel):
    """Incidents, the newest first."""

    items: list[Incident]
    next_cursor: str | None = Field(
        description="Where the next page begins; null on the last one.", examples=[None]
    )


class Document(BaseModel):
    """A page of the handbook, a runbook or a decision."""

    id: str = Field(examples=["rb-registry-gc"])
    title: str = Field(examples=["Registry garbage collection by hand"])
    kind: str = Field(examples=["runbook"])


class Alive(BaseModel):
    status: str = Field(examples=["alive"])


class Ready(BaseModel):
    status: str = Field(examples=["ready"])
    incidents: int = Field(description="How many incidents are loaded.", examples=[45])


class Error(BaseModel):
    """Why there is no other answer."""

    detail: str = Field(examples=["There is no incident with this id."])
