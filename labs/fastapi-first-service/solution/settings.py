"""What may differ from one deployment to the next, read from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """SKERRY_INCIDENTS, SKERRY_RETRY_S, SKERRY_DOCS. A senseless value stops the start."""

    model_config = SettingsConfigDict(env_prefix="SKERRY_", frozen=True)

    incidents: Path = Field(
        default=HERE / "data" / "incidents.json",
        description="The archive's incidents, a JSON list.",
    )
    retry_s: float = Field(
        default=2.0, gt=0, le=60, description="Seconds between two tries to load the incidents."
    )
    docs: bool = Field(default=True, description="Whether /docs is served.")
