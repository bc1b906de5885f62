"""Settings come from the environment, are checked there, and depend on no working directory."""

from pathlib import Path

import pytest
from pydantic import ValidationError

from settings import Settings


def test_the_environment_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("SKERRY_INCIDENTS", "/srv/archive/incidents.json")
    monkeypatch.setenv("SKERRY_RETRY_S", "0.5")
    monkeypatch.setenv("SKERRY_DOCS", "false")
    settings = Settings()
    assert (settings.incidents, settings.retry_s, settings.docs) == (
        Path("/srv/archive/incidents.json"),
        0.5,
        False,
    )


def test_the_defaults_find_the_archive(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> None:
    for name in ("SKERRY_INCIDENTS", "SKERRY_RETRY_S", "SKERRY_DOCS"):
        monkeypatch.delenv(name, raising=False)
    monkeypatch.chdir(tmp_path)
    settings = Settings()
    assert settings.incidents.is_file(), f"from another folder, there is no {settings.incidents}"
    assert settings.docs is True


@pytest.mark.parametrize("value", ["soon", "0", "-1", "3600"])
def test_a_value_that_makes_no_sense_stops_the_start(
    monkeypatch: pytest.MonkeyPatch, value: str
) -> None:
    monkeypatch.setenv("SKERRY_RETRY_S", value)
    try:
        Settings()
    except ValidationError:
        return
    pytest.fail(f"SKERRY_RETRY_S={value} is taken for good")
