"""A service with one route for each kind of check that asks one."""

import os
from pathlib import Path

import uvicorn
from fastapi import FastAPI
from fastapi.responses import PlainTextResponse, StreamingResponse
from pydantic import BaseModel

app = FastAPI()
greetings = 0


class Greeting(BaseModel):
    greeting: str


@app.get("/health")
def health() -> dict[str, str]:
    return {"status": "ok"}


@app.get("/greeting")
def greeting() -> Greeting:
    global greetings
    greetings += 1
    return Greeting(greeting=Path("greeting.txt").read_text().strip())


@app.get("/events")
def events() -> StreamingResponse:
    data = [str(number) for number in range(5)] + ["[DONE]"]
    return StreamingResponse((f"data: {one}\n\n" for one in data), media_type="text/event-stream")


@app.get("/metrics")
def metrics() -> PlainTextResponse:
    lines = ["# TYPE greetings_total counter", f"greetings_total {greetings}", ""]
    return PlainTextResponse("\n".join(lines), media_type="text/plain; version=0.0.4")


uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
