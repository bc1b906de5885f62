"""The model behind the setting that you decided on. Given: it uses your admission.py and
setting.json.

GET  /health   200 while this process can answer
POST /answer   {"question": TEXT} -> 200 {"answer", "model", "completion_tokens"}
               503 with Retry-After when the queue is full, or the model cannot be reached
"""

from __future__ import annotations

import json
import os
from pathlib import Path

import httpx
import uvicorn
from fastapi import FastAPI
from fastapi.responses import JSONResponse
from pydantic import BaseModel, Field

from admission import Admission, Full
from client import MODELS, open_client

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


@app.post("/answer")
async def answer(asked: Question):
    try:
        async with admission.place():
            reply = await model.post(
                "chat/completions",
                json={
                    "model": MODELS[setting["model"]],
                    "messages": [{"role": "user", "content": asked.question}],
                    "max_tokens": setting["max_tokens"],
                    "temperature": 0,
                },
            )
    except Full:
        return busy("Every place is taken, and so is the queue.")
    except httpx.HTTPError:
        return busy("The model cannot be reached.")
    if reply.status_code != 200:
        return busy(f"The model answered with status {reply.status_code}.")
    body = reply.json()
    return {
        "answer": body["choices"][0]["message"]["content"],
        "model": body["model"],
        "completion_tokens": body["usage"]["completion_tokens"],
    }


if __name__ == "__main__":
    uvicorn.run(app, host="127.0.0.1", port=int(os.environ["PORT"]), log_level="warning")
