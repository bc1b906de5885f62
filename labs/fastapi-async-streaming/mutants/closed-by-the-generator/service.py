"""The Skerry incident desk, reduced to what this lab needs.

GET  /health                   200 while this process can answer
GET  /ready                    200 while new work is welcome, 503 once the service is about to end
GET  /incidents/{id}           an incident with its timeline from the archive
POST /incidents/{id}/summary   a summary from the model, as server-sent events: a `delta` for each
                               piece of text, then `done`, or `error` with problem details

Errors are problem details. What goes wrong before the first byte has a status; after it, an `error`
event.
"""

import json
import time
from collections.abc import AsyncGenerator, AsyncIterator, Callable
from contextlib import AsyncExitStack, aclosing
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated, Any

import anyio
import httpx
from anyio import to_thread
from fastapi import APIRouter, Depends, FastAPI, Header, Request
from fastapi.responses import StreamingResponse
from openai import (
    APIConnectionError,
    APIStatusError,
    APITimeoutError,
    AsyncOpenAI,
    AsyncStream,
    OpenAIError,
)
from openai.types.chat import ChatCompletionChunk
from starlette.types import Receive, Scope, Send

import archive
import problems
from connection import while_connected
from events import HEADERS, HEARTBEAT, event, with_heartbeats
from limits import Deadline, Full, Gate
from problems import Problem
from settings import Settings

MODEL = "smollm2-135m-instruct"
INCIDENTS: dict[str, dict[str, str]] = {
    incident["id"]: incident
    for incident in json.loads(Path(__file__).with_name("incidents.json").read_text("utf-8"))
}

router = APIRouter()


@dataclass
class Desk:
    """What all requests share."""

    settings: Settings
    model: AsyncOpenAI
    gate: Gate
    # When the streams under way must have ended, once a signal has come.
    closes_at: float | None = None

    @property
    def draining(self) -> bool:
        return self.closes_at is not None

    def drain(self) -> None:
        """From now on new work is refused, and what is under way has until the end of the grace
        period."""
        # A moment less, so that a stream's last words leave before the server cancels it.
        seconds = self.settings.linger_s + self.settings.grace_s - 0.5
        self.closes_at = time.monotonic() + seconds

    def left(self) -> float:
        return max(0.0, self.closes_at - time.monotonic()) if self.closes_at else float("inf")

    def refuse_if_draining(self) -> None:
        if self.draining:
            # Connection: close keeps a load balancer from sending the next one down the same pipe.
            headers = {"Retry-After": "1", "Connection": "close"}
            raise Problem(503, "Shutting down", "Ask again: another replica answers.", headers)


def create_app(model: AsyncOpenAI | None = None, settings: Settings | None = None) -> FastAPI:
    """The service around `model`: the one that OPENAI_BASE_URL names, unless told otherwise."""
    settings = settings or Settings.from_environment()
    app = FastAPI(title="Skerry incident desk")
    app.state.desk = Desk(settings, model or AsyncOpenAI(), Gate(settings.seats, settings.waiting))
    problems.install(app)
    app.include_router(router)
    return app


def desk_of(request: Request) -> Desk:
    desk: Desk = request.app.state.desk
    return desk


async def resources() -> AsyncIterator[AsyncExitStack]:
    """For what a request opens: closed after its answer, however that ends, the last one opened
    first."""
    async with AsyncExitStack() as stack:
        yield stack


def find(incident_id: str) -> dict[str, str]:
    if incident_id not in INCIDENTS:
        raise Problem(404, "No such incident", f"There is no incident {incident_id}.")
    return INCIDENTS[incident_id]


@router.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


@router.get("/ready")
async def ready(desk: Annotated[Desk, Depends(desk_of)]) -> dict[str, str]:
    desk.refuse_if_draining()
    return {"status": "ready"}


@router.get("/incidents/{incident_id}")
async def incident(incident_id: str) -> dict[str, Any]:
    found = find(incident_id)
    # The driver blocks its thread, so it gets one that is not the event loop's.
    return {**found, "timeline": await to_thread.run_sync(archive.timeline, incident_id)}


def prompt(incident: dict[str, str]) -> str:
    return (
        "Summarise this incident in two sentences for the engineer who takes over the shift.\n"
        f"{incident['title']} ({incident['severity']}, {incident['service']}). {incident['notes']}"
    )


# What a call of the model ends with when it goes wrong. A stream that breaks raises httpx's own
# errors.
FAULTS = (OpenAIError, httpx.TransportError, TimeoutError)


class CutShort(OpenAIError):
    """The answer ended without a finish reason."""


def problem_of(fault: Exception) -> Problem:
    """What the caller hears of a fault of the model's: whose it was, and whether to come back."""
    match fault:
        case TimeoutError() | APITimeoutError() | httpx.TimeoutException():
            return Problem(504, "Too late", "The summary was not whole at its deadline.")
        case APIConnectionError():
            headers = {"Retry-After": "5"}
            return Problem(503, "Model unreachable", "The model cannot be reached.", headers)
        case APIStatusError(status_code=status) if status == 429 or status >= 500:
            headers = {"Retry-After": fault.response.headers.get("retry-after", "5")}
            return Problem(503, "Model busy", "The model takes no more calls.", headers)
        case APIStatusError():
            return Problem(502, "Model refused", "The model refused the request of this service.")
        case _:
            return Problem(502, "Model broke off", "The model ended its answer half-way.")


class Bounded(StreamingResponse):
    """Ends a second after `left()` has run out, also where the caller takes nothing more."""

    def __init__(
        self, body: AsyncIterator[bytes], left: Callable[[], float], headers: dict[str, str]
    ) -> None:
        super().__init__(body, headers=headers, media_type="text/event-stream")
        self.left = left

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The second is for whoever does read: the last event says that it was the deadline.
        with anyio.move_on_after(self.left() + 1):
            await super().__call__(scope, receive, send)


@router.post("/incidents/{incident_id}/summary", response_class=StreamingResponse)
async def summary(
    incident_id: str,
    request: Request,
    desk: Annotated[Desk, Depends(desk_of)],
    opened: Annotated[AsyncExitStack, Depends(resources)],
    x_request_timeout: Annotated[float | None, Header(gt=0, allow_inf_nan=False)] = None,
) -> StreamingResponse:
    most = desk.settings.deadline_s
    deadline = Deadline.within(min(x_request_timeout or most, most))
    incident = find(incident_id)
    desk.refuse_if_draining()
    try:
        chunks = await while_connected(request, begin(incident, desk, opened, deadline))
    except Full:
        headers = {"Retry-After": "2"}
        raise Problem(503, "Busy", "All seats and the queue are taken.", headers) from None
    except FAULTS as fault:
        raise problem_of(fault) from fault
    body = tell(chunks, desk, deadline, opened.pop_all())
    return Bounded(body, deadline.left, HEADERS)


async def begin(
    incident: dict[str, str], desk: Desk, opened: AsyncExitStack, deadline: Deadline
) -> AsyncStream[ChatCompletionChunk]:
    """Wait for a seat, then for the model's first token. Both stay open until `opened` is
    closed."""
    await opened.enter_async_context(desk.gate.seat(deadline))
    left = deadline.left()
    # No retries: whoever calls this service knows better whether there is time for one.
    model = desk.model.with_options(timeout=left, max_retries=0)
    # The client's timeout bounds each read. This one bounds them all together.
    with anyio.fail_after(left):
        stream = await model.chat.completions.create(
            model=MODEL,
            messages=[{"role": "user", "content": prompt(incident)}],
            max_tokens=desk.settings.max_tokens,
            temperature=0,
            stream=True,
            stream_options={"include_usage": True},
        )
    return await opened.enter_async_context(stream)


async def tell(
    chunks: AsyncStream[ChatCompletionChunk],
    desk: Desk,
    deadline: Deadline,
    mine: AsyncExitStack,
) -> AsyncGenerator[bytes, None]:
    """The answer's events. The status line has gone, so what goes wrong now is an event too."""
    number, finish, usage = 0, None, None

    def left() -> float:
        return min(deadline.left(), desk.left())

    try:
        async with (
            mine,
            aclosing(with_heartbeats(chunks, desk.settings.heartbeat_s, left)) as pieces,
        ):
            async for chunk in pieces:
                if chunk is None:
                    yield HEARTBEAT
                    continue
                usage = chunk.usage or usage
                for choice in chunk.choices:
                    finish = choice.finish_reason or finish
                    if choice.delta.content:
                        number += 1
                        yield event("delta", {"text": choice.delta.content}, number)
        if finish is None:
            raise CutShort
    except FAULTS as fault:
        problem = problem_of(fault)
        if isinstance(fault, TimeoutError) and deadline.left() > 0:
            problem = Problem(503, "Shutting down", "The service ends before the summary does.")
        yield event("error", problem.document(), number + 1)
    else:
        tokens = usage.completion_tokens if usage else None
        yield event("done", {"finish_reason": finish, "completion_tokens": tokens}, number + 1)
