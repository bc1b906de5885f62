"""Embeds questions for whoever asks over HTTP. Given: it calls your collector.py.

    PORT=8080 python service.py

    GET /health         200 {"status": "ok"}
    GET /embed?q=TEXT   200 {"model": ..., "vector": [...]}, 400 where there is no text,
                        503 where the gateway gives no answer

Each request has a thread of its own, and all of them share one event loop, on which the collector
lives.
"""

from __future__ import annotations

import asyncio
import json
import os
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

from openai import AsyncOpenAI, OpenAIError

from collector import Collector
from tokens import MODEL

PATIENCE_S = 30  # People wait for this one, and no job does.
LOOP = asyncio.new_event_loop()


class Server(ThreadingHTTPServer):
    request_queue_size = 64  # Connections that may come at one moment; the library has 5.
    daemon_threads = True


class Handler(BaseHTTPRequestHandler):
    collector: Collector

    def do_GET(self) -> None:
        url = urlsplit(self.path)
        text = parse_qs(url.query).get("q", [""])[0].strip()
        if url.path == "/health":
            self.answer(200, {"status": "ok"})
        elif url.path != "/embed":
            self.answer(404, {"error": "There are /health and /embed?q=TEXT."})
        elif not text:
            self.answer(400, {"error": "q is missing, or blank."})
        else:
            self.embed(text)

    def embed(self, text: str) -> None:
        asking = asyncio.wait_for(self.collector.vector(text), PATIENCE_S)
        try:
            vector = asyncio.run_coroutine_threadsafe(asking, LOOP).result()
        except (OpenAIError, asyncio.TimeoutError) as fault:
            self.answer(503, {"error": f"{type(fault).__name__}: {fault}"})
        else:
            self.answer(200, {"model": MODEL, "vector": vector.tolist()})

    def answer(self, status: int, content: dict) -> None:
        body = json.dumps(content).encode()
        self.send_response(status)
        self.send_header("Content-Type", "application/json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)


async def collector() -> Collector:
    return Collector(AsyncOpenAI(timeout=PATIENCE_S, max_retries=0))


def main() -> None:
    threading.Thread(target=LOOP.run_forever, daemon=True).start()
    Handler.collector = asyncio.run_coroutine_threadsafe(collector(), LOOP).result()
    Server(("127.0.0.1", int(os.environ["PORT"])), Handler).serve_forever()


if __name__ == "__main__":
    main()
