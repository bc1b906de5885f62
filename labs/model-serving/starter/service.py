"""The model behind the setting that you decided on. Given: it uses your admission.py and
setting.json.

GET  /health   200 while this process can answer
POST /answer   {"question": TEXT} -> 200 {"answer", "model", "completion_tokens"}
               503 with Retry-After when the queue is full, or the model busy or not there
               504 when it takes four times as long as promised, 502 when the model refuses
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import anyio
import httpx
import uvicorn
from fastapi import FastAPI, Request
from fastapi.responses import JSONResponse, Response
from pydantic import BaseModel, Field
from starlette.requests import ClientDisconnect

from admission import Admission, Full
from client import MODELS, open_client
from connection import while_connected

# Of `answer_within_ms`, which is promised to 95 in 100: the other five may wait longer.
PATIENCE = 4

setting = json.loads(Path("setting.json").read_text(encoding="utf-8"))
app = FastAPI(title="Triage line")
admission = Admission(setting["concurrency"], setting["queue"])
model = open_client()


class Question(BaseModel):
    question: str = Field(min_length=1, max_length=2000)


def busy(message: str) -> JSONResponse:
    return JSONResponse({"error": message}, status_code=503, headers={"Retry-After": "2"})


@app.get("/health")
async def health() -> dict[str, str]:
    return {"status": "ok"}


async def ask(asked: Question) -> httpx.Response:
    with anyio.fail_after(PATIENCE * setting["answer_within_ms"] / 1000):
        async with admission.place():
            return await model.post(
                "chat/completions",
                json={
                    "model": MODELS[setting["model"]],
                    "messages": [{"role": "user", "content": asked.question}],
                    "max_tokens": setting["max_tokens"],
                    "temperature": 0,
                },
            )


@app.post("/answer")
async def answer(asked: Question, request: Request):
    try:
        # Nobody else looks: a caller who has gone would keep its place and be answered.
        reply = await while_connected(request, ask(asked))
    except ClientDisconnect:
        return Response(status_code=499)
    except Full:
        return busy("Every place is taken, and so is the queue.")
    except TimeoutError:
        return JSONResponse({"error": "The answer took too long."}, status_code=504)
    except httpx.HTTPError:
        return busy("The model cannot be reached.")
    if reply.status_code == 429 or reply.status_code >= 500:
        return busy(f"The model answered with status {reply.status_code}.")
    if reply.status_code != 200:
        return JSONResponse({"error": "The model refused our request."}, status_code=502)
    body = reply.json()
    return {
        "answer": body["choices"][0]["message"]["content"],
        "model": body["model"],
        "completion_tokens": body["usage"]["completion_tokens"],
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
