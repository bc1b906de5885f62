"""A caller who hangs up while the model has not said a word."""

import asyncio
import json
from decimal import Decimal

import httpx

from accounting import Ledger
from digest import Digester
from providers import make_client
from service import create_app
from support import PRICES, Clock, Day, chunk, provider, run, stream_of, unspent

BODY = json.dumps({"note": "The disk is full."}).encode()


class Model:
    """Answers after `first_s` seconds. `called` is set once it was asked."""

    def __init__(self, first_s: float) -> None:
        self.first_s = first_s
        self.called = asyncio.Event()
        self.let_go = False

    async def answer(self, request: httpx.Request) -> httpx.Response:
        self.called.set()
        try:
            await asyncio.sleep(self.first_s)
        except asyncio.CancelledError:
            self.let_go = True
            raise
        return stream_of(chunk("One"), chunk(" two"))

    def client(self) -> httpx.AsyncClient:
        return httpx.AsyncClient(transport=httpx.MockTransport(self.answer))


async def hang_up(ledger: Ledger, model: Model, when: str) -> int | None:
    """The status of an answer whose caller goes when the model was "called", or the answer
    "begun".
    """
    client = make_client(provider(), http_client=model.client())
    app = create_app(Digester(provider(), client, PRICES, ledger, sleep=Clock().sleep))
    begun = asyncio.Event()
    gone = {"called": model.called, "begun": begun}[when]
    asked, statuses = iter([{"type": "http.request", "body": BODY, "more_body": False}]), []

    async def receive() -> dict:
        if message := next(asked, None):
            return message
        await gone.wait()
        return {"type": "http.disconnect"}

    async def send(message: dict) -> None:
        if message["type"] == "http.response.start":
            statuses.append(message["status"])
            begun.set()
            await asyncio.sleep(0.2)

    scope = {
        "type": "http",
        "asgi": {"version": "3.0", "spec_version": "2.3"},
        "http_version": "1.1",
        "method": "POST",
        "scheme": "http",
        "path": "/digests",
        "raw_path": b"/digests",
        "query_string": b"",
        "root_path": "",
        "headers": [(b"content-type", b"application/json"), (b"x-caller", b"duty-desk")],
        "client": ("127.0.0.1", 1),
        "server": ("127.0.0.1", 2),
        "state": {},
    }
    try:
        await asyncio.wait_for(app(scope, receive, send), 20)
    except asyncio.TimeoutError:
        raise AssertionError("the request is still at work for nobody") from None
    return statuses[0] if statuses else None


def test_before_the_model_answers_its_call_ends(tmp_path):
    async def leave():
        model = Model(first_s=60)
        await hang_up(Ledger(tmp_path / "ledger.jsonl", Decimal("0.05"), Day()), model, "called")
        return model.let_go

    assert run(leave()), "the model went on for nobody"


def test_as_the_answer_begins_its_money_is_let_go(tmp_path):
    async def leave():
        ledger = Ledger(tmp_path / "ledger.jsonl", Decimal("0.05"), Day())
        status = await hang_up(ledger, Model(first_s=0), "begun")
        return status, ledger

    status, ledger = run(leave())
    assert status == 200
    assert ledger.admit("duty-desk", unspent(ledger))
