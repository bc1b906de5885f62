"""Not ready, and then ready: without a restart, and no caller is told what is wrong."""

import shutil
from collections.abc import Callable
from pathlib import Path

import pytest
from conftest import wait_for
from fastapi.testclient import TestClient

ARCHIVE = Path(__file__).resolve().parent.parent / "data" / "incidents.json"


def test_ready_as_soon_as_the_file_is_there(
    start: Callable[..., TestClient], tmp_path: Path
) -> None:
    path = tmp_path / "incidents.json"
    client = start(ready=False, incidents=path, retry_s=0.05)
    assert client.get("/health/ready").status_code == 503
    shutil.copy(ARCHIVE, path)
    wait_for(client, "/health/ready", 200)
    assert client.get("/health/ready").json()["incidents"] == 45


@pytest.mark.parametrize("content", ["", "[", "{}", '[{"id": "inc-2024-03-11"}]'])
def test_a_file_that_cannot_be_used_is_not_ready(
    start: Callable[..., TestClient], tmp_path: Path, content: str
) -> None:
    path = tmp_path / "incidents.json"
    path.write_text(content, encoding="utf-8")
    client = start(ready=False, incidents=path, retry_s=0.05)
    assert client.get("/health/live").status_code == 200
    assert client.get("/health/ready").status_code == 503, (
        f"ready, and all that the file has is {content!r}"
    )


@pytest.mark.parametrize("path", ["/health/ready", "/incidents", "/incidents/inc-2024-03-11"])
def test_why_stays_inside(start: Callable[..., TestClient], tmp_path: Path, path: str) -> None:
    client = start(ready=False, incidents=tmp_path / "secret-volume.json")
    answer = client.get(path)
    assert answer.status_code == 503, (
        f"{path} is answered with {answer.status_code} while nothing is loaded"
    )
    assert "secret-volume" not in answer.text, f"{path} tells the path of the file: {answer.text}"
    assert "Errno" not in answer.text, f"{path} tells the exception: {answer.text}"
