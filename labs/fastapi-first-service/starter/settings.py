"""What may differ from one deployment to the next, read from the environment."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

HERE = Path(__file__).resolve().parent


class Settings(BaseSettings):
    """SKERRY_INCIDENTS, SKERRY_RETRY_S, SKERRY_DOCS. A senseless value stops the start."""

    model_config = SettingsConfigDict(env_prefix="SKERRY_", frozen=True)

    docs: bool = Field(default=True, description="Whether /docs is served.")
    # Yours, with type, default and bounds:
    # incidents  the path of the archive's incidents; data/incidents.json beside this file
    # retry_s    seconds between two tries to load them: 2, more than 0, at most 60
