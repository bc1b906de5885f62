"""What the service does for a caller who has gone: nothing."""

import asyncio

from exchange import Exchange, desk, trial
from paced_model import PacedModel


async def called(model: PacedModel) -> None:
    """Wait until the service has called the model."""
    for _ in range(200):
        if model.calls:
            return
        await asyncio.sleep(0.05)
    raise AssertionError("the model was not called")


async def settles(model: PacedModel) -> None:
    """Give the clean-up a moment."""
    for _ in range(40):
        if model.open_calls == 0:
            return
        await asyncio.sleep(0.05)


@trial
async def test_hang_up_in_mid_stream_lets_go_of_the_model() -> None:
    model = PacedModel(tokens=400, gap_s=0.05)
    caller = Exchange(desk(model))
    await caller.deltas(2)
    caller.hang_up()
    await caller.end(10)
    await settles(model)
    assert model.open_calls == 0, "the call of the model stays open"
    assert model.calls[0].taken < 100, "the model went on for nobody"


@trial
async def test_hang_up_before_the_first_token_lets_go_of_the_model() -> None:
    model = PacedModel(first_s=20)
    caller = Exchange(desk(model))
    await called(model)
    caller.hang_up()
    await caller.end(10)
    await settles(model)
    assert model.open_calls == 0, "the call of the model stays open"


@trial
async def test_cancelled_request_ends_as_cancelled() -> None:
    """As a server does it whose grace period is over: once, and it means it."""
    for first_s in (0.0, 20.0):  # in mid-stream, and before the first token
        model = PacedModel(tokens=400, gap_s=0.05, first_s=first_s)
        caller = Exchange(desk(model))
        await (called(model) if first_s else caller.deltas(2))
        caller.task.cancel()
        await caller.end(10)
        assert caller.task.cancelled(), f"the cancellation was swallowed; {caller.told()}"
        await settles(model)
        assert model.open_calls == 0, "the call of the model stays open"


@trial
async def test_hang_up_as_the_stream_begins() -> None:
    """The caller goes while the status line is on its way: the body is never asked for a piece."""
    model = PacedModel(tokens=400, gap_s=0.05)
    app = desk(model, seats=1, waiting=0)
    for _ in range(2):
        caller = await Exchange(app, gone_at_start=True).end(10)
        assert caller.status == 200, f"the caller before kept the seat: {caller.status}"
    await settles(model)
    assert model.open_calls == 0, "the call of the model stays open"
