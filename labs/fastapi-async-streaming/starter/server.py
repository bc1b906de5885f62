"""Runs the desk on 127.0.0.1, on the port that PORT names, and ends it in good order on SIGTERM.

python server.py
"""

import os
from typing import Any

import uvicorn
from fastapi import FastAPI

from service import create_app


def make_server(app: FastAPI, **where: Any) -> uvicorn.Server:
    """A server for `app`. `where` is what uvicorn.Config calls it: host and port."""
    return uvicorn.Server(uvicorn.Config(app, log_level="warning", **where))


def run(server: uvicorn.Server) -> None:
    """Serve until a signal comes. The process then ends with exit code 0."""
    server.run()


if __name__ == "__main__":
    run(make_server(create_app(), host="127.0.0.1", port=int(os.environ["PORT"])))
