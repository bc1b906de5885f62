"""Who led an incident and where they talked stays inside."""

from collections.abc import Callable

import pytest
from fastapi.testclient import TestClient


@pytest.mark.parametrize("path", ["/incidents?limit=100", "/incidents/inc-2024-03-11"])
@pytest.mark.parametrize("inside", ["commander", "@ilse.v", "channel", "#inc-20240311"])
def test_what_stays_inside(start: Callable[..., TestClient], path: str, inside: str) -> None:
    text = start().get(path).text
    assert inside not in text, f"{path} tells every caller: {inside}"
