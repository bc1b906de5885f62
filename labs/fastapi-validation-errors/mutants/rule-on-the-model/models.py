"""The shapes that go over the wire."""

import re
from datetime import datetime, timedelta, timezone
from enum import Enum
from typing import Annotated, Any

from pydantic import (
    AfterValidator,
    AwareDatetime,
    BaseModel,
    BeforeValidator,
    ConfigDict,
    Field,
    StringConstraints,
    field_validator,
    model_validator,
)
from pydantic_core import PydanticCustomError


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


# RFC 3339 with seconds and a zone. Pydantic alone also takes numbers, as seconds since 1970.
RFC3339 = re.compile(r"\d{4}-\d{2}-\d{2}T\d{2}:\d{2}:\d{2}(\.\d{1,9})?(Z|[+-]\d{2}:\d{2})")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f]")
SKERRY_BEGAN = datetime(2021, 3, 1, tzinfo=timezone.utc)
# How far a caller's clock may be ahead of ours.
CLOCK_SKEW = timedelta(minutes=5)


def _written_time(value: Any) -> Any:
    if not isinstance(value, str) or not RFC3339.fullmatch(value):
        raise PydanticCustomError("time", "A time with its zone, such as 2024-03-11T05:10:00Z.")
    return value


def _plausible(value: datetime) -> datetime:
    # Compared before anything is converted: year 1 in another zone has no time in UTC.
    if value < SKERRY_BEGAN:
        raise PydanticCustomError("too_early", "Skerry began in March 2021.")
    if value > datetime.now(timezone.utc) + CLOCK_SKEW:
        raise PydanticCustomError("in_the_future", "This has not happened yet.")
    return value.astimezone(timezone.utc)


def _printable(value: str) -> str:
    if CONTROL.search(value):
        raise PydanticCustomError("control_character", "No control characters.")
    return value


Time = Annotated[AwareDatetime, BeforeValidator(_written_time), AfterValidator(_plausible)]


class NewIncident(BaseModel):
    """An incident as a caller reports it. What is not here is refused."""

    model_config = ConfigDict(extra="forbid", frozen=True)

    title: Annotated[
        str,
        StringConstraints(strip_whitespace=True, min_length=8, max_length=120),
        AfterValidator(_printable),
    ] = Field(examples=["Registry disk full"])
    service: Service = Field(examples=["registry"])
    severity: Severity = Field(examples=["SEV2"])
    started_at: Time = Field(examples=["2024-03-11T05:10:00Z"])
    resolved_at: Time | None = Field(
        default=None, description="Null while it goes on.", examples=["2024-03-11T10:35:00Z"]
    )
    summary: Annotated[str, StringConstraints(max_length=2000), AfterValidator(_printable)] = Field(
        examples=["The volume of 4 TiB was full."]
    )
    customers_affected: int = Field(strict=True, ge=0, le=1_000_000, examples=[12])
    regions: list[Region] = Field(min_length=1, max_length=3, examples=[["eu-north"]])

    @model_validator(mode="after")
    def _after_it_started(self) -> "NewIncident":
        if self.resolved_at is not None and self.resolved_at <= self.started_at:
            raise PydanticCustomError("before_start", "Resolved has to be later than started.")
        return self

    @field_validator("regions")
    @classmethod
    def _once_each(cls, value: list[Region]) -> list[Region]:
        if len(set(value)) < len(value):
            raise PydanticCustomError("repeated", "Each region once.")
        return value
