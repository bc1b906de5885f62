"""Serve the desk on 127.0.0.1, on the port that PORT names: `PORT=8080 python serve.py`."""

import logging
import os

import uvicorn

if __name__ == "__main__":
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(name)s %(message)s")
    # A factory: uvicorn calls create_app() when it starts, so that importing app.py opens nothing.
    uvicorn.run("app:create_app", factory=True, host="127.0.0.1", port=int(os.environ["PORT"]))
