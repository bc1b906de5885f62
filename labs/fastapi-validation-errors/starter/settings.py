"""What may differ from one deployment to the next, read from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """SKERRY_INCIDENTS, SKERRY_MAX_BODY_BYTES, SKERRY_KEYS_KEPT_H."""

    model_config = SettingsConfigDict(env_prefix="SKERRY_", frozen=True)

    incidents: Path = Field(default=HERE / "data" / "incidents.json")
    # The gateway in front lets 25 MiB through, which suits labels and not incidents.
    max_body_bytes: int = Field(default=64 * 1024, gt=0)
    # 24 h were too few on 2024-09-02: a retry came after 26.
    keys_kept_h: float = Field(default=72, gt=0)
