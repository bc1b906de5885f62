"""Starts `groundwork serve` once for the whole run and points the official clients at it, the way that a workspace's
`.groundwork/activate` does: through the environment alone.

GROUNDWORK_BIN names the binary. GROUNDWORK_RESOURCES is passed on to it.
"""

import json
import os
import queue
import subprocess
import threading
from contextlib import contextmanager
from dataclasses import dataclass

import pytest

START_S = 120


@dataclass(frozen=True)
class Gateway:
    """Where it listens."""

    url: str
    key: str
    home: str

    def deploy(self, name, model, elsewhere=None, **quota):
        """Serves `model`, or the one that `elsewhere` has, as `name` too, from now on."""
        bounds = [word for key, most in quota.items() for word in (f"--{key.replace('_', '-')}", str(most))]
        place = ["--url", elsewhere.url, "--key-file", "-"] if elsewhere else []
        add = [os.environ["GROUNDWORK_BIN"], "deployment", "add", name, "--model", model, *bounds, *place]
        key = elsewhere.key if elsewhere else ""
        subprocess.run(add, check=True, env=environment(self.home), stdout=subprocess.DEVNULL, input=key, text=True)

    @property
    def root(self):
        return self.url[: -len("/v1")]

    def wire(self, environ):
        environ["OPENAI_BASE_URL"] = self.url
        environ["OPENAI_API_KEY"] = self.key
        environ["AZURE_OPENAI_ENDPOINT"] = self.root
        environ["AZURE_OPENAI_API_KEY"] = self.key
        environ["OPENAI_API_VERSION"] = "2024-10-21"
        environ["PINECONE_CONTROLLER_HOST"] = f"{self.root}/pinecone"
        environ["PINECONE_API_KEY"] = self.key


@pytest.fixture(scope="session", autouse=True)
def gateway(tmp_path_factory):
    with started(tmp_path_factory.mktemp("home")) as gateway:
        for proxy in ("http_proxy", "https_proxy", "all_proxy"):
            os.environ.pop(proxy, None)
            os.environ.pop(proxy.upper(), None)
        gateway.wire(os.environ)
        yield gateway


@pytest.fixture(scope="session")
def another_gateway(tmp_path_factory):
    """Another machine's, as far as the first one can tell."""
    with started(tmp_path_factory.mktemp("another")) as gateway:
        yield gateway


@contextmanager
def started(home):
    binary = os.environ.get("GROUNDWORK_BIN")
    if not binary:
        pytest.exit("GROUNDWORK_BIN is not set. Run `cargo xtask test`, which builds the binary and sets it.", 1)
    process = subprocess.Popen(
        [binary, "serve", "--port", "0", "--json"],
        stdout=subprocess.PIPE,
        text=True,
        env=environment(home),
    )
    try:
        yield serving(process, str(home))
    finally:
        process.terminate()
        try:
            process.wait(10)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            pytest.fail("`groundwork serve` did not end within 10 s of SIGTERM.")


def environment(home):
    return {**os.environ, "GROUNDWORK_HOME": str(home), "GROUNDWORK_WORKSPACES": os.path.join(home, "workspaces")}


def serving(process, home):
    """Waits for the line that says where it serves."""
    lines = queue.Queue()

    def read():
        for line in process.stdout:
            lines.put(line)
        lines.put(None)

    threading.Thread(target=read, daemon=True).start()
    while True:
        try:
            line = lines.get(timeout=START_S)
        except queue.Empty:
            pytest.exit(f"`groundwork serve` said nothing for {START_S} s.", 1)
        if line is None:
            pytest.exit(f"`groundwork serve` ended with {process.wait()} before it served. Its errors stand above.", 1)
        event = json.loads(line)
        if event.get("type") == "serving":
            return Gateway(event["url"], event["key"], home)
