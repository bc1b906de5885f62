"""So many at once, so many waiting, and not one more."""

import asyncio

from exchange import Exchange, desk, trial
from paced_model import PacedModel


@trial
async def test_no_more_at_once_than_seats() -> None:
    model = PacedModel(tokens=5, gap_s=0.02)
    app = desk(model, seats=2, waiting=4)
    callers = await asyncio.gather(*(Exchange(app).end() for _ in range(6)))
    assert [caller.status for caller in callers] == [200] * 6
    assert model.most_at_once == 2, f"{model.most_at_once} calls of the model at once, with 2 seats"


@trial
async def test_beyond_the_queue_is_a_503_at_once() -> None:
    model = PacedModel(tokens=400, gap_s=0.05)
    app = desk(model, seats=1, waiting=1)
    first = Exchange(app)
    await first.deltas(1)
    second = Exchange(app)
    await asyncio.sleep(0.2)
    third = await Exchange(app).end(8)
    assert third.status == 503 and third.headers["retry-after"].isdigit()
    assert second.status is None, "the second one waits"
    for caller in (first, second):
        caller.hang_up()
        await caller.end()


@trial
async def test_who_hangs_up_in_the_queue_leaves_it() -> None:
    model = PacedModel(tokens=400, gap_s=0.05)
    app = desk(model, seats=1, waiting=1)
    first = Exchange(app)
    await first.deltas(1)
    ghost = Exchange(app)
    await asyncio.sleep(0.2)
    ghost.hang_up()
    await ghost.end(8)
    later = Exchange(app)
    await asyncio.sleep(0.2)
    assert later.status is None, f"a caller who has gone keeps a place: {later.status}"
    first.hang_up()
    await later.deltas(1)
    assert len(model.calls) == 2, "the model was called for the caller who had gone"
    later.hang_up()
    await asyncio.gather(first.end(), later.end())


@trial
async def test_seat_is_free_after_a_hang_up() -> None:
    app = desk(PacedModel(tokens=400, gap_s=0.05), seats=1, waiting=0)
    for _ in range(3):
        caller = Exchange(app)
        await caller.deltas(1)
        caller.hang_up()
        await caller.end(10)
