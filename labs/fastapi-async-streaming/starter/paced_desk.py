"""Your desk in a process of its own, with the paced model behind it: what latency.py and drain.py
measure.

Reached through a socket file, where the system has them, so that it needs no free port.
"""

import asyncio
import json
import os
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx

ON_WINDOWS = sys.platform == "win32"
# There a program can be told to stop only as the head of a group.
NEW_GROUP = subprocess.CREATE_NEW_PROCESS_GROUP if sys.platform == "win32" else 0


@dataclass
class Running:
    process: subprocess.Popen[bytes]
    where: dict[str, Any]  # as uvicorn.Config calls it

    def caller(self) -> httpx.AsyncClient:
        """A client that opens a new connection for each request, as a new caller does."""
        transport = httpx.AsyncHTTPTransport(
            uds=self.where.get("uds"), limits=httpx.Limits(max_keepalive_connections=0)
        )
        base = f"http://127.0.0.1:{self.where.get('port', 80)}"
        return httpx.AsyncClient(transport=transport, base_url=base, timeout=60)

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
    with tempfile.TemporaryDirectory() as folder:
        # Relative, because the path of a socket file may have about a hundred characters.
        socket_file = os.path.relpath(Path(folder, "desk"))
        where = {"host": "127.0.0.1", "port": _free_port()} if ON_WINDOWS else {"uds": socket_file}
        told = json.dumps({"where": where, "model": model, "plain": plain})
        environment = {name.upper(): str(value) for name, value in (settings or {}).items()}
        process = subprocess.Popen(
            [sys.executable, __file__, told],
            env={**os.environ, **environment},
            creationflags=NEW_GROUP,
        )
        try:
            desk = Running(process, where)
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
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def main() -> None:
    import uvicorn

    from paced_model import PacedModel
    from server import make_server, run
    from service import create_app

    told = json.loads(sys.argv[1])
    app = create_app(PacedModel(**told["model"]).client())
    if told["plain"]:
        uvicorn.run(app, log_level="critical", **told["where"])
    else:
        run(make_server(app, **told["where"]))


if __name__ == "__main__":
    main()
