"""Runs the desk on 127.0.0.1, on the port that PORT names, and ends it in good order on SIGTERM.

python server.py
"""

import asyncio
import math
import os
import signal
import socket
import sys
from typing import Any

import uvicorn
from fastapi import FastAPI
from uvicorn.server import HANDLED_SIGNALS

from service import Desk, create_app


class DrainingServer(uvicorn.Server):
    """Says that it is about to end, and goes on answering for a while, before it closes its
    door."""

    def __init__(self, config: uvicorn.Config, desk: Desk) -> None:
        super().__init__(config)
        self.desk = desk

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        self.desk.drain()
        # Load balancers still send new callers here until they have seen or heard that we are not
        # ready. A refused connection would be an error to those callers, a 503 with Retry-After is
        # an answer.
        await asyncio.sleep(0)
        # Closes the listening sockets, then waits for the streams under way.
        await super().shutdown(sockets)


def make_server(app: FastAPI, **where: Any) -> uvicorn.Server:
    """A server for `app`. `where` is what uvicorn.Config calls it: host and port."""
    desk: Desk = app.state.desk
    grace_s = math.ceil(desk.settings.grace_s)
    config = uvicorn.Config(app, log_level="warning", timeout_graceful_shutdown=grace_s, **where)
    return DrainingServer(config, desk)


def run(server: uvicorn.Server) -> None:
    """Serve until a signal comes. The process then ends with exit code 0."""
    # When it is done, uvicorn puts back the handlers that it found and raises the signal again. The
    # default handler would end the process by that signal, as if it had not been served: exit code
    # 143, unless it is a container's PID 1, where the kernel ignores it.
    for number in HANDLED_SIGNALS:
        signal.signal(number, lambda *_: sys.exit(0))
    server.run()


if __name__ == "__main__":
    run(make_server(create_app(), host="127.0.0.1", port=int(os.environ["PORT"])))
