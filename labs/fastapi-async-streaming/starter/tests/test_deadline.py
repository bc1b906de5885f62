"""One deadline for all that happens to a request."""

import asyncio
import time

from exchange import Exchange, desk, trial
from paced_model import PacedModel


@trial
async def test_deadline_before_the_first_token_is_a_504() -> None:
    model = PacedModel(first_s=20)
    caller = await Exchange(desk(model), x_request_timeout="0.5").end(15)
    assert caller.status == 504
    assert model.open_calls == 0, "the call of the model stays open"


@trial
async def test_deadline_counts_all_tokens_together() -> None:
    """A token every tenth of a second: no single wait is long, and the whole takes 40 seconds."""
    model = PacedModel(tokens=400, gap_s=0.1)
    caller = await Exchange(desk(model), x_request_timeout="1.5").end(15)
    names = [event.name for event in caller.events]
    assert names[0] == "delta" and names[-1] == "error", f"no error event: {names[-3:]}"
    assert caller.events[-1].data["status"] == 504


@trial
async def test_silence_does_not_outlast_the_deadline() -> None:
    model = PacedModel(tokens=9, silences={3: 20.0})
    caller = await Exchange(desk(model, heartbeat_s=0.2), x_request_timeout="1.5").end(15)
    assert caller.events[-1].name == "error" and caller.events[-1].data["status"] == 504


@trial
async def test_time_in_the_queue_counts() -> None:
    """The first caller keeps the only seat for about two seconds."""
    model = PacedModel(tokens=[20, 3], gap_s=0.1)
    app = desk(model, seats=1)
    first = Exchange(app)
    await first.deltas(1)
    began = time.monotonic()
    second = Exchange(app, x_request_timeout="20")
    await asyncio.gather(first.end(), second.end())
    waited = model.calls[1].began - began
    read = model.calls[1].timeout["read"]
    assert second.status == 200 and waited > 0.5
    assert read is not None and read < 20 - waited / 2, (
        f"after {waited:.1f} s in the queue, the model's client may still wait {read} of 20 s"
    )


@trial
async def test_deadline_ends_the_wait_for_a_seat() -> None:
    model = PacedModel(tokens=400, gap_s=0.1)
    app = desk(model, seats=1)
    first = Exchange(app)
    await first.deltas(1)
    second = await Exchange(app, x_request_timeout="0.5").end(15)
    assert second.status == 504
    assert len(model.calls) == 1, "the model was called after the deadline"
    first.hang_up()
    await first.end()


@trial
async def test_caller_who_takes_nothing_more_is_given_up() -> None:
    """Its socket is full: the service waits in its write, and not for the model."""
    model = PacedModel(tokens=400, gap_s=0.05)
    app = desk(model, seats=1, waiting=0)
    first = Exchange(app, takes=2, x_request_timeout="1.5")
    await first.deltas(2)
    done, _ = await asyncio.wait({first.task}, timeout=30)
    assert done, "a caller who takes nothing more keeps its seat past the deadline"
    second = Exchange(app)
    await second.deltas(1)
    assert model.open_calls == 1, "the call of the model stays open"
    second.hang_up()
    await second.end()


@trial
async def test_caller_cannot_ask_for_more_than_the_limit() -> None:
    model = PacedModel(first_s=20)
    caller = await Exchange(desk(model, deadline_s=0.5), x_request_timeout="600").end(15)
    assert caller.status == 504


@trial
async def test_nonsense_is_refused() -> None:
    for text in ("soon", "-1", "0", "nan", "inf"):
        model = PacedModel()
        caller = await Exchange(desk(model), x_request_timeout=text).end()
        assert caller.status == 422, f"X-Request-Timeout: {text} got {caller.status}"
        assert not model.calls
