"""What the service does for whoever leaves, or waits too long. Given: the checks run it."""

import asyncio
import json
from collections.abc import Callable, Coroutine
from typing import Any

import httpx
import pytest

import service
from admission import Admission

BODY = json.dumps({"question": "SKR-2214: what first?"}).encode()
REPLY = {
    "model": "a-model",
    "choices": [{"message": {"content": "Look at the log."}}],
    "usage": {"completion_tokens": 5},
}


class Model:
    """Answers with `status` after `seconds`."""

    def __init__(self, seconds: float = 0, status: int = 200) -> None:
        self.seconds = seconds
        self.status = status
        self.asked = self.let_go = 0

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.asked += 1
        try:
            await asyncio.sleep(self.seconds)
        except asyncio.CancelledError:
            self.let_go += 1
            raise
        return httpx.Response(self.status, json=REPLY)


async def call(hangs_up: asyncio.Event | None = None) -> int:
    """One request, as a server would hand it over. Its caller leaves when `hangs_up` is set."""
    body, statuses = iter([{"type": "http.request", "body": BODY, "more_body": False}]), []

    async def receive() -> dict[str, Any]:
        if message := next(body, None):
            return message
        await (hangs_up or asyncio.Event()).wait()
        return {"type": "http.disconnect"}

    async def send(message: dict[str, Any]) -> None:
        statuses.extend([message["status"]] if "status" in message else [])

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/answer",
        "raw_path": b"/answer",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    await service.app(scope, receive, send)
    return statuses[0]


@pytest.fixture
def serve(monkeypatch: pytest.MonkeyPatch) -> Callable[..., Any]:
    """serve(model, work): what `work` returns, with one place and no queue."""

    def run(
        model: Model, work: Callable[[], Coroutine[Any, Any, Any]], promised_ms: int = 15_000
    ) -> Any:
        async def all_of_it() -> Any:
            http = httpx.AsyncClient(
                transport=httpx.MockTransport(model.answer), base_url="http://model/v1/"
            )
            setting = {"model": "q4_1", "max_tokens": 8, "answer_within_ms": promised_ms}
            monkeypatch.setattr(service, "setting", setting)
            monkeypatch.setattr(service, "model", http)
            monkeypatch.setattr(service, "admission", Admission(1, 0))
            return await asyncio.wait_for(work(), 60)

        return asyncio.run(all_of_it())

    return run


def test_who_hangs_up_gives_the_place_back_and_lets_go_of_the_model(serve):
    model = Model(seconds=50)

    async def work():
        gone = asyncio.Event()
        first = asyncio.create_task(call(gone))
        while not model.asked:
            await asyncio.sleep(0.01)
        gone.set()
        status = await first
        model.seconds = 0
        return status, model.let_go, await call()

    assert serve(model, work) == (499, 1, 200)


def test_who_waits_four_times_what_was_promised_is_told(serve):
    model = Model(seconds=50)
    assert serve(model, call, promised_ms=50) == 504
    assert model.let_go == 1


@pytest.mark.parametrize(("said", "told"), [(200, 200), (429, 503), (500, 503), (400, 502)])
def test_a_refusal_is_told_as_what_it_is(serve, said, told):
    assert serve(Model(status=said), call) == told
