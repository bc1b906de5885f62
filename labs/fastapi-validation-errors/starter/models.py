"""The shapes that go over the wire."""

from datetime import datetime
from enum import Enum

from pydantic import AwareDatetime, BaseModel, Field


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


class Region(str, Enum):
    EU_NORTH = "eu-north"
    EU_WEST = "eu-west"
    UK_SOUTH = "uk-south"


class Incident(BaseModel):
    """An incident as every caller may see it."""

    id: str = Field(examples=["inc-2024-03-11"])
    title: str = Field(examples=["Registry disk full"])
    service: Service = Field(examples=["registry"])
    severity: Severity = Field(examples=["SEV2"])
    started_at: AwareDatetime = Field(examples=["2024-03-11T05:10:00Z"])
    resolved_at: AwareDatetime | None = Field(default=None, examples=["2024-03-11T10:35:00Z"])
    summary: str = Field(examples=["The volume of 4 TiB was full."])
    customers_affected: int | None = Field(default=None, examples=[12])
    regions: list[Region] = Field(default_factory=list, examples=[["eu-north"]])


class Alive(BaseModel):
    status: str = Field(examples=["alive"])


class NewIncident(BaseModel):
    """An incident as a caller reports it."""

    # Yours: bounds, times, what is refused. Pydantic takes all of these as they are, and more.
    title: str = Field(examples=["Registry disk full"])
    service: Service = Field(examples=["registry"])
    severity: Severity = Field(examples=["SEV2"])
    started_at: datetime = Field(examples=["2024-03-11T05:10:00Z"])
    resolved_at: datetime | None = Field(default=None, examples=["2024-03-11T10:35:00Z"])
    summary: str = Field(examples=["The volume of 4 TiB was full."])
    customers_affected: int = Field(examples=[12])
    regions: list[Region] = Field(examples=[["eu-north"]])
