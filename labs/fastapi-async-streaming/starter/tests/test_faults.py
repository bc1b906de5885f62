"""What the caller hears of a model that fails."""

from exchange import Exchange, desk, trial
from paced_model import PacedModel


@trial
async def test_failure_before_the_first_byte_has_a_status() -> None:
    for status, wanted in ((503, 503), (429, 503), (500, 503), (400, 502), (404, 502)):
        model = PacedModel(status=status)
        caller = await Exchange(desk(model)).end()
        assert caller.status == wanted, f"the model said {status}: {wanted}, not {caller.status}"
        assert caller.problem["status"] == wanted
        assert ("retry-after" in caller.headers) == (wanted == 503), "Retry-After goes with 503"
        assert len(model.calls) == 1, f"{len(model.calls)} calls for one request"


@trial
async def test_failure_after_the_first_byte_is_an_event() -> None:
    caller = await Exchange(desk(PacedModel(tokens=9, cut_after=3))).end()
    assert caller.task.exception() is None, f"it left the app: {caller.task.exception()!r}"
    assert [event.name for event in caller.events] == ["delta"] * 3 + ["error"]
    problem = caller.events[-1].data
    assert problem["status"] == 502 and problem["title"], f"no problem details: {problem}"


@trial
async def test_answer_without_finish_reason_is_not_done() -> None:
    caller = await Exchange(desk(PacedModel(tokens=3, finish_reason=None))).end()
    assert [event.name for event in caller.events] == ["delta"] * 3 + ["error"]


@trial
async def test_seat_is_free_after_a_failure() -> None:
    app = desk(PacedModel(status=500), seats=1, waiting=0)
    for _ in range(3):
        caller = await Exchange(app).end()
        assert caller.problem["title"] != "Busy", "the failed request kept its seat"
        assert caller.status == 503
