"""What a stream looks like on the wire."""

import asyncio

from events import HEARTBEAT, event
from exchange import Exchange, desk, parse, trial
from paced_model import PacedModel


def test_event_is_framed() -> None:
    framed = event("delta", {"text": "a line\nand another\r\n\nÅse"}, 7)
    assert isinstance(framed, bytes), "an event is bytes"
    assert framed.endswith(b"\n\n"), "a blank line ends an event"
    found = parse(framed.decode())
    assert len(found) == 1, f"one event, not {found}"
    assert (found[0].name, found[0].id) == ("delta", "7")
    assert found[0].data == {"text": "a line\nand another\r\n\nÅse"}


@trial
async def test_headers_forbid_buffering() -> None:
    headers = (await Exchange(desk(PacedModel())).end()).headers
    assert headers["content-type"].startswith("text/event-stream")
    assert "no-store" in headers.get("cache-control", ""), "Cache-Control: no-store is missing"
    assert headers.get("x-accel-buffering") == "no", "X-Accel-Buffering: no is missing"
    assert "content-length" not in headers


@trial
async def test_events_are_named_and_numbered() -> None:
    events = (await Exchange(desk(PacedModel(tokens=5))).end()).events
    assert [event.name for event in events] == ["delta"] * 5 + ["done"]
    assert [event.id for event in events] == ["1", "2", "3", "4", "5", "6"]
    assert [event.data["text"] for event in events[:2]] == ["word 1 ", "word 2 "]
    assert events[-1].data == {"finish_reason": "stop", "completion_tokens": 5}


@trial
async def test_silence_is_bridged_by_heartbeats() -> None:
    """The model pauses for a second between its second and third token."""
    model = PacedModel(tokens=4, silences={3: 1.0})
    events = (await Exchange(desk(model, heartbeat_s=0.2)).end()).events
    names = [event.name for event in events]
    assert HEARTBEAT.startswith(b":") and HEARTBEAT.endswith(b"\n\n"), "a heartbeat is a comment"
    assert names.count("delta") == 4, f"the pause cost some of the answer: {names}"
    between = names[names.index("comment") :] if "comment" in names else []
    assert between.count("comment") >= 2, f"no heartbeats while the model paused: {names}"
    assert names[:2] == ["delta", "delta"], f"heartbeats although events came: {names}"


@trial
async def test_slow_caller_slows_the_model() -> None:
    """The caller takes three pieces and then none: the model must not run ahead."""
    model = PacedModel(tokens=200, gap_s=0.005)
    caller = Exchange(desk(model), takes=3)
    await caller.deltas(3)
    await asyncio.sleep(0.5)
    ahead = model.calls[0].taken - 3
    caller.hang_up()
    caller.task.cancel()
    await asyncio.wait({caller.task}, timeout=5)
    assert ahead <= 3, f"{ahead} pieces wait in memory for a caller who takes none"
