"""Your desk in a process of its own, with the paced model behind it: what latency.py and drain.py
measure. It keeps a log of its own, of what it answered and of each call of the archive.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

# On Windows a program can be told to stop only as the head of a group.
NEW_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    port: int
    log: Path

    def logged(self, since: float) -> list[dict[str, Any]]:
        """What the desk logged after `since`, seconds since 1970: `what` with `status` for an
        answer, with `began` for a call of the archive; `at` is when it was there."""
        rows = map(json.loads, self.log.read_text(encoding="utf-8").splitlines())
        return [row for row in rows if row["at"] >= since]

    def caller(self) -> httpx.AsyncClient:
        """A client that opens a new connection for each request, as a new caller does."""
        limits = httpx.Limits(max_keepalive_connections=0)
        return httpx.AsyncClient(
            base_url=f"http://127.0.0.1:{self.port}", limits=limits, timeout=60
        )

    def terminate(self) -> None:
        """What kubelet, ECS and docker stop do first. Windows has no SIGTERM; Ctrl+Break comes
        nearest."""
        if sys.platform == "win32":
            self.process.send_signal(signal.CTRL_BREAK_EVENT)
        else:
            self.process.send_signal(signal.SIGTERM)

    async def ended(self, seconds: float) -> bool:
        try:
            await asyncio.to_thread(self.process.wait, seconds)
        except subprocess.TimeoutExpired:
            return False
        return True


@asynccontextmanager
async def running(
    model: dict[str, Any], settings: dict[str, Any] | None = None, plain: bool = False
) -> AsyncIterator[Running]:
    """The desk, ready. `plain`: served by uvicorn.run(), as it comes, in place of your
    server.py."""
    port = _free_port()
    environment = {name.upper(): str(value) for name, value in (settings or {}).items()}
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "desk.log"
        told = json.dumps({"port": port, "model": model, "plain": plain, "log": str(log)})
        process = subprocess.Popen(
            [sys.executable, __file__, told],
            env={**os.environ, **environment},
            creationflags=NEW_GROUP,
        )
        try:
            desk = Running(process, port, log)
            await _answers(desk)
            yield desk
        finally:
            process.kill()
            process.wait()


async def _answers(desk: Running) -> None:
    async with desk.caller() as caller:
        while True:
            try:
                await caller.get("/health")
                return
            except httpx.TransportError:
                if desk.process.poll() is not None:
                    sys.exit(f"the desk ended with {desk.process.returncode} before it answered")
                await asyncio.sleep(0.05)


def _free_port() -> int:
    """The one that Groundwork leaves to its checks' programs, which may call no other, or any."""
    if given := os.environ.get("GROUNDWORK_FREE_PORT"):
        return int(given)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


class Log:
    """Each line is written at once: the process may be killed."""

    def __init__(self, path: str) -> None:
        self.path, self.writing = path, threading.Lock()

    def write(self, what: str, **more: Any) -> None:
        row = json.dumps({"what": what, "at": time.time(), **more})
        with self.writing, open(self.path, "a", encoding="utf-8") as file:
            print(row, file=file)


class Answers:
    """A middleware that logs the status of each answer, as its first byte leaves."""

    def __init__(self, app: Any, log: Log) -> None:
        self.app, self.log = app, log

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        async def logged(message: Any) -> None:
            if message["type"] == "http.response.start":
                self.log.write(f"{scope['method']} {scope['path']}", status=message["status"])
            await send(message)

        await self.app(scope, receive, logged)


def main() -> None:
    import uvicorn

    import archive
    from paced_model import PacedModel

    told = json.loads(sys.argv[1])
    log = Log(told["log"])
    timeline = archive.timeline

    def logged(incident_id: str) -> list[str]:
        began = time.time()
        found = timeline(incident_id)
        log.write("archive", began=began)
        return found

    # Before service.py takes it from there.
    archive.timeline = logged
    from server import make_server, run
    from service import create_app

    app = create_app(PacedModel(**told["model"]).client())
    app.add_middleware(Answers, log=log)
    where = {"host": "127.0.0.1", "port": told["port"]}
    if told["plain"]:
        uvicorn.run(app, log_level="critical", **where)
    else:
        run(make_server(app, **where))


if __name__ == "__main__":
    main()
